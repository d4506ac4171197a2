//! Building the components and the program that runs them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::{step, tool};

const TARGET: &str = "wasm32-wasip2";

/// The packages that are components.
const COMPONENTS: [&str; 6] = [
    "mission-control-auth",
    "mission-control-boards",
    "mission-control-heartbeat",
    "mission-control-system",
    "mission-control-tasks",
    "mission-control-webhooks",
];

/// Builds everything that `mission-control up` needs.
pub fn all() -> anyhow::Result<()> {
    install_target()?;
    let mut components = tool::cargo(["build"])?;
    step::run("Build the components", components.args(component_arguments()))?;
    // Chosen out of the whole workspace: other choices would give the dependencies other features, and build them anew.
    let mut program = tool::cargo(["build", "--release", "--workspace", "--bin", "mission-control"])?;
    step::run("Build the program", &mut program)
}

/// The arguments by which cargo takes all components for their own target, in their own profile.
pub fn component_arguments() -> impl Iterator<Item = &'static str> {
    ["--profile", "component", "--target", TARGET]
        .into_iter()
        .chain(COMPONENTS.into_iter().flat_map(|package| ["--package", package]))
}

/// Installs the target of the components where it is missing.
fn install_target() -> anyhow::Result<()> {
    let mut query = Command::new("rustc");
    query.current_dir(tool::root()?).args(["--print", "target-libdir", "--target", TARGET]);
    let answer = query.output().context("cannot run rustc")?;
    let folder = String::from_utf8(answer.stdout).context("rustc names a folder that is no text")?;
    if answer.status.success() && Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    let mut install = Command::new("rustup");
    install.current_dir(tool::root()?).args(["target", "add", TARGET]);
    step::run("Install the WebAssembly target", &mut install)
        .with_context(|| format!("the Rust target {TARGET} is missing: install it, or install rustup"))?;
    ensure!(Path::new(folder.trim()).is_dir() || !answer.status.success(), "rustup installed no {TARGET}");
    Ok(())
}
