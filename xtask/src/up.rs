//! `cargo xtask up`: build and serve.

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use clap::Args;

use crate::{build, tool};

/// What `up` can be told.
#[derive(Args)]
pub struct UpArguments {
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    listen: String,
    /// The folder for databases, compiled components and the local token.
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<PathBuf>,
    /// Serve what was built before.
    #[arg(long)]
    no_build: bool,
    /// Further arguments of `mission-control up`.
    #[arg(last = true)]
    extra: Vec<String>,
}

/// Runs the command; returns only when it cannot.
pub fn run(arguments: UpArguments) -> anyhow::Result<()> {
    if !arguments.no_build {
        build::all()?;
    }
    let root = tool::root()?;
    let program = root.join("target/release/mission-control");
    let mut up = Command::new(&program);
    up.current_dir(root).args(["up", "--listen", &arguments.listen]);
    if let Some(state_dir) = arguments.state_dir {
        // The program starts in another folder than this one may have been started in.
        up.arg("--state-dir").arg(std::path::absolute(state_dir)?);
    }
    let error = up.args(arguments.extra).exec();
    Err(error).with_context(|| format!("cannot run {}: build it first", program.display()))
}
