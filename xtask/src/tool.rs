//! Commands that the tasks run.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The root of the repository.
pub fn root() -> anyhow::Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root.context("xtask has no folder above it")?.to_owned())
}

/// `cargo`, in the root. It builds into `target`, whatever the environment says: spin.toml names files there.
pub fn cargo(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> anyhow::Result<Command> {
    let root = root()?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.env("CARGO_TARGET_DIR", root.join("target")).current_dir(root).args(arguments);
    Ok(command)
}
