//! Programs from PyPI, in a virtual environment of the repository's own.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

use crate::{step, tool};

/// The folder of the programs that `requirements.txt` lists. They are installed when the list has changed.
pub fn programs() -> anyhow::Result<PathBuf> {
    let root = tool::root()?;
    let (list, folder) = (root.join("xtask/requirements.txt"), root.join("target/tools"));
    let (programs, installed) = (folder.join("bin"), folder.join("installed.txt"));
    let wanted = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv", "--clear"]).arg(&folder);
    step::run("Make a virtual environment", &mut environment)?;
    let mut install = Command::new(programs.join("pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(&list);
    step::run("Install programs from PyPI", &mut install)?;
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(programs)
}
