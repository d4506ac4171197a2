//! Compiling components ahead of the start, in a process of its own: what the compiler needs of memory ends with it.

use anyhow::{Context, ensure};
use clap::Args;
use mission_control_host::precompile::{compile_missing, is_cache_complete};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What to compile, and where to.
#[derive(Args)]
pub struct CompileArguments {
    /// The application manifest.
    #[arg(long)]
    app: PathBuf,
    /// The folder of compiled components.
    #[arg(long)]
    cache: PathBuf,
    /// Whether guests can be stopped while they compute.
    #[arg(long)]
    interruptible: bool,
}

/// Compiles every component that the cache lacks.
pub fn run(arguments: CompileArguments) -> anyhow::Result<ExitCode> {
    let CompileArguments { app, cache, interruptible } = arguments;
    compile_missing(&app, &cache, interruptible, |name| println!("Compiling {name} for this machine"))?;
    Ok(ExitCode::SUCCESS)
}

/// Has another process compile what the cache lacks; quick when it lacks nothing.
pub fn ahead(app: &Path, cache: &Path, interruptible: bool) -> anyhow::Result<()> {
    if is_cache_complete(app, cache, interruptible)? {
        return Ok(());
    }
    let program = std::env::current_exe().context("cannot find the program itself")?;
    let mut command = Command::new(program);
    command.arg("compile").arg("--app").arg(app).arg("--cache").arg(cache);
    if interruptible {
        command.arg("--interruptible");
    }
    let status = command.status().context("cannot start the compiler")?;
    ensure!(status.success(), "the components cannot be compiled");
    Ok(())
}
