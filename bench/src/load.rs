//! Driving a server with `oha`, a load tool from crates.io.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

/// One request that is sent over and over.
#[derive(Clone, Debug)]
pub struct Request {
    /// How the report names it.
    pub name: &'static str,
    method: &'static str,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
}

/// What the load tool measured.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// How the report names the request.
    pub name: &'static str,
    /// Answers a second.
    pub per_second: f64,
    /// Median latency, milliseconds.
    pub p50_ms: f64,
    /// 99th percentile of the latency, milliseconds.
    pub p99_ms: f64,
}

impl Request {
    /// A GET without headers.
    pub fn get(name: &'static str, url: String) -> Self {
        Self { name, method: "GET", url, headers: Vec::new(), body: None }
    }

    /// A POST with this body.
    pub fn post(name: &'static str, url: String, body: Option<String>) -> Self {
        Self { name, method: "POST", url, headers: vec![("content-type", "application/json".into())], body }
    }

    /// The same with one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The path of `oha`, installed into `target/tools` if it is nowhere.
pub fn tool() -> anyhow::Result<PathBuf> {
    if Command::new("oha").arg("--version").output().is_ok_and(|output| output.status.success()) {
        return Ok("oha".into());
    }
    let installed = Path::new("target/tools/bin/oha");
    if !installed.exists() {
        println!("Installing the load tool oha into target/tools (a few minutes, once)");
        let status = Command::new("cargo").args(["install", "oha", "--locked", "--root", "target/tools"]).status()?;
        if !status.success() {
            bail!("oha cannot be installed");
        }
    }
    Ok(installed.to_path_buf())
}

/// Sends the request for this long and measures; fails if an answer was not a success.
pub fn run(oha: &Path, request: &Request, connections: u32, time: Duration) -> anyhow::Result<Measurement> {
    let mut command = Command::new(oha);
    command.args(["--no-tui", "--output-format", "json", "--wait-ongoing-requests-after-deadline"]);
    command.args(["-z", &format!("{}s", time.as_secs()), "-c", &connections.to_string(), "-m", request.method]);
    for (name, value) in &request.headers {
        command.args(["-H", &format!("{name}: {value}")]);
    }
    if let Some(body) = &request.body {
        command.args(["-d", body]);
    }
    let output = command.arg(&request.url).output().context("the load tool does not start")?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("the load tool failed: {}", String::from_utf8_lossy(&output.stderr)))?;
    let statuses = report.get("statusCodeDistribution").unwrap_or(&Value::Null);
    let failed = statuses
        .as_object()
        .is_none_or(|statuses| statuses.is_empty() || statuses.keys().any(|status| !status.starts_with('2')));
    if failed {
        bail!("{}: not every answer was a success: {}", request.name, statuses);
    }
    let number =
        |pointer: &str| report.pointer(pointer).and_then(Value::as_f64).context("the load tool reported no figure");
    let measurement = Measurement {
        name: request.name,
        per_second: number("/summary/requestsPerSec")?,
        p50_ms: number("/latencyPercentiles/p50")? * 1000.0,
        p99_ms: number("/latencyPercentiles/p99")? * 1000.0,
    };
    println!(
        "  {:<24} {:>9.0}/s  p50 {:>6.2} ms  p99 {:>6.2} ms",
        measurement.name, measurement.per_second, measurement.p50_ms, measurement.p99_ms
    );
    Ok(measurement)
}
