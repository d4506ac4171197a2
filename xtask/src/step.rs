//! Steps of a task, each with its name and its duration on standard error.

use std::io::IsTerminal;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};

/// Runs a command with its output shown, and tells how long it took.
pub fn run(name: &str, command: &mut Command) -> anyhow::Result<()> {
    let started = Instant::now();
    run_quietly(name, command)?;
    announce(&format!("{name}: done in {:.1} s", started.elapsed().as_secs_f32()));
    Ok(())
}

/// The same for commands whose own last line is the one to end with.
pub fn run_quietly(name: &str, command: &mut Command) -> anyhow::Result<()> {
    announce(name);
    let status = command.status().with_context(|| format!("{name}: cannot run {}", command.get_program().display()))?;
    ensure!(status.success(), "{name} failed: {status}");
    Ok(())
}

/// Shows a line that stands out.
pub fn announce(text: &str) {
    match std::io::stderr().is_terminal() {
        true => eprintln!("\x1b[1;34m==>\x1b[0m \x1b[1m{text}\x1b[0m"),
        false => eprintln!("==> {text}"),
    }
}
