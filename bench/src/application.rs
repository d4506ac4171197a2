//! The measured servers, each a process of its own.

use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::seed::Seeded;

/// A running server, ended with the value.
#[derive(Debug)]
pub struct Application {
    process: Child,
    /// `http://address:port`.
    pub base: String,
    /// From starting the process to its first answer.
    pub start_time: Duration,
}

impl Application {
    /// Starts the application on a seeded state folder.
    pub fn start(seeded: &Seeded) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new("target/release/mission-control");
        command.args(["up", "--listen", &address, "--state-dir"]).arg(&seeded.state_dir);
        // Not the limits are measured, but what lies behind them.
        command.env("SPIN_VARIABLE_WEBHOOK_INGEST_LIMIT", "0").env("SPIN_VARIABLE_LOCAL_AUTH_TOKEN", seed_token());
        command.stdout(File::create(seeded.state_dir.join("output.log"))?);
        Self::wait(command, &address)
    }

    /// Starts the native ceiling on a copy of the database.
    pub fn ceiling(database: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["ceiling", "--listen", &address, "--database"]).arg(database);
        Self::wait(command, &address)
    }

    fn wait(mut command: Command, address: &str) -> anyhow::Result<Self> {
        let started = Instant::now();
        let process = command.stdin(Stdio::null()).spawn().context("the server does not start: build it first")?;
        let mut application = Self { process, base: format!("http://{address}"), start_time: Duration::ZERO };
        while started.elapsed() < Duration::from_secs(60) {
            if ureq::get(format!("{}/healthz", application.base)).call().is_ok() {
                application.start_time = started.elapsed();
                return Ok(application);
            }
            if application.process.try_wait()?.is_some() {
                bail!("the server ended before it answered");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        bail!("the server does not answer")
    }

    /// Resident memory of the process, KiB.
    pub fn resident_kib(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The local token of every measured application.
pub fn seed_token() -> String {
    "benchmark-".repeat(6)
}

fn free_address() -> anyhow::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
