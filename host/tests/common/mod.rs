//! Starts the host with the probe component, and asks it things.

#![allow(dead_code, reason = "each test file uses a part of this")]
#![allow(clippy::expect_used, clippy::panic, reason = "this is a test, though no function here is marked so")]

pub mod proxy;

use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use mission_control_host::{HostConfig, Output, RunningHost, start};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The probe component, built when first asked for.
pub fn probe() -> &'static Path {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(|| {
        // The tests of the command are in a folder below.
        let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
        let source = folders.map(|folder| folder.join("tests/probe")).find(|folder| folder.is_dir());
        let source = source.expect("the folder of the probe");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("probe");
        let built = Command::new(env!("CARGO"))
            .current_dir(source)
            .args(["build", "--quiet", "--release", "--target", "wasm32-wasip2"])
            .env("CARGO_TARGET_DIR", &target)
            .status()
            .expect("cargo runs");
        assert!(built.success(), "the probe cannot be built");
        target.join("wasm32-wasip2/release/probe.wasm")
    })
}

/// A folder with a manifest, and the host's settings for it.
pub struct Setup {
    /// The folder; the manifest and the state are in it.
    pub folder: Arc<TempDir>,
    /// What the host will be started with.
    pub config: HostConfig,
}

impl Setup {
    /// An application whose routes all lead to the probe; `component` are further lines of its
    /// entry in the manifest.
    pub fn new(component: &str) -> Self {
        Self::with_head("[[trigger.http]]\nroute = \"/...\"\ncomponent = \"probe\"\n", component)
    }

    /// The same with other routes or with variables.
    pub fn with_head(head: &str, component: &str) -> Self {
        let source = probe().display();
        Self::from_manifest(&format!(
            "spin_manifest_version = 2\n[application]\nname = \"test\"\nversion = \"1.2.3\"\n{head}\n\
             [component.probe]\nsource = \"{source}\"\n{component}\n"
        ))
    }

    /// An application with this manifest.
    pub fn from_manifest(manifest: &str) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let path = folder.path().join("spin.toml");
        std::fs::write(&path, manifest).expect("the manifest is written");
        let mut config = HostConfig::new(path, folder.path().join("state"));
        // What one test compiled, the others need not.
        config.cache_dir = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled"));
        config.output = Output::File(folder.path().join("output"));
        Self { folder, config }
    }

    /// Uses a runtime configuration.
    pub fn runtime_config(mut self, text: &str) -> Self {
        let path = self.folder.path().join("runtime-config.toml");
        std::fs::write(&path, text).expect("the runtime config is written");
        self.config.runtime_config = Some(path);
        self
    }

    /// Changes the settings.
    pub fn with(mut self, change: impl FnOnce(&mut HostConfig)) -> Self {
        change(&mut self.config);
        self
    }

    /// Starts the host.
    pub async fn start(&self) -> TestHost {
        let running = start(self.config.clone()).await.expect("the host starts");
        TestHost { running, _folder: self.folder.clone() }
    }

    /// Why the host does not start.
    pub async fn error(&self) -> String {
        match start(self.config.clone()).await {
            Ok(_) => panic!("the host should not start"),
            Err(error) => format!("{error:#}"),
        }
    }

    /// What the components have printed.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }
}

/// A running host, and the folder that it needs.
pub struct TestHost {
    running: RunningHost,
    _folder: Arc<TempDir>,
}

impl TestHost {
    /// Stops the host.
    pub async fn shutdown(self, grace: Duration) {
        self.running.shutdown(grace).await;
    }
}

impl Deref for TestHost {
    type Target = RunningHost;

    fn deref(&self) -> &RunningHost {
        &self.running
    }
}

/// An answer that was read to its end.
#[derive(Debug, PartialEq)]
pub struct Answer(pub u16, pub String);

/// An answer with status 200.
pub fn ok(text: impl Into<String>) -> Answer {
    Answer(200, text.into())
}

/// Sends a request on a connection of its own; the body is not read.
pub async fn send(host: &RunningHost, request: Request<String>) -> Response<Incoming> {
    try_send(host, request).await.expect("a response")
}

/// The same where the host may refuse.
pub async fn try_send(host: &RunningHost, request: Request<String>) -> hyper::Result<Response<Incoming>> {
    let stream = TcpStream::connect(host.addr()).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("a connection");
    tokio::spawn(connection);
    let request = request.map(|body| Full::new(Bytes::from(body)));
    sender.send_request(request).await
}

/// A connection of HTTP/2, spoken without asking whether the host speaks it.
pub async fn http2(host: &RunningHost) -> hyper::client::conn::http2::SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(host.addr()).await.expect("a connection");
    let (sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("a connection");
    tokio::spawn(connection);
    sender
}

/// A connection for bytes of any kind.
pub struct Raw(pub TcpStream);

impl Raw {
    /// Connects.
    pub async fn connect(host: &RunningHost) -> Self {
        Self(TcpStream::connect(host.addr()).await.expect("a connection"))
    }

    /// Sends bytes; how much of them gets through is not told.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.0.write_all(bytes.as_ref()).await;
    }

    /// Reads until `end` has come, for at most two seconds.
    pub async fn read_until(&mut self, end: &str) -> String {
        self.read(Duration::from_secs(10), |text| text.contains(end)).await
    }

    /// Reads so many answers without a length, for at most two seconds.
    pub async fn read_answers(&mut self, count: usize) -> String {
        self.read(Duration::from_secs(2), |text| text.matches("\r\n0\r\n\r\n").count() == count).await
    }

    /// Reads until the host closes, for at most `time`; an error is a line at the end.
    pub async fn read_to_end(&mut self, time: Duration) -> String {
        self.read(time, |_| false).await
    }

    async fn read(&mut self, time: Duration, is_enough: impl Fn(&str) -> bool) -> String {
        let mut text = String::new();
        let deadline = tokio::time::Instant::now() + time;
        while !is_enough(&text) {
            let mut buffer = Vec::with_capacity(8192);
            match tokio::time::timeout_at(deadline, self.0.read_buf(&mut buffer)).await {
                Ok(Ok(0)) => break,
                Ok(Ok(_)) => text.push_str(&String::from_utf8_lossy(&buffer)),
                Ok(Err(error)) => {
                    text.push_str(&format!("\n{:?}", error.kind()));
                    break;
                }
                Err(_) => {
                    text.push_str("\nnothing more in time");
                    break;
                }
            }
        }
        text
    }
}

/// Sends bytes on a connection of their own, and reads the status of the answer.
pub async fn raw_status(host: &RunningHost, bytes: impl AsRef<[u8]>) -> u16 {
    let mut raw = Raw::connect(host).await;
    raw.send(bytes).await;
    let answer = raw.read_until("\r\n\r\n").await;
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// Gets a path.
pub async fn get(host: &RunningHost, path: &str) -> Answer {
    post(host, path, "").await
}

/// Posts a text to a path.
pub async fn post(host: &RunningHost, path: &str, body: &str) -> Answer {
    let method = if body.is_empty() { "GET" } else { "POST" };
    let request = Request::builder().method(method).uri(path).header("host", host.addr().to_string());
    let response = send(host, request.body(body.to_owned()).expect("a request")).await;
    let status = response.status();
    Answer(status.as_u16(), text(response).await)
}

/// A response's status alone.
pub async fn status(host: &RunningHost, request: http::request::Builder) -> StatusCode {
    let request = request.header("host", "localhost").body(String::new());
    send(host, request.expect("a request")).await.status()
}

/// A response's body.
pub async fn text(response: Response<Incoming>) -> String {
    let body = response.into_body().collect().await.expect("a whole body").to_bytes();
    String::from_utf8(body.to_vec()).expect("text")
}
