//! The `mission-control` command as an operator uses it.

#![allow(clippy::expect_used, reason = "this is a test, though not all functions are marked so")]

#[path = "command/attacks.rs"]
mod attacks;
#[path = "../../tests/common/mod.rs"]
mod common;
#[path = "command/trust.rs"]
mod trust;

use common::{Setup, probe};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const HEAD: &str = r#"
    [variables]
    local_auth_token = { required = true, secret = true }
    internal_token = { required = true, secret = true }
    secret_key = { default = "", secret = true }
    base_url = { required = true }
    auth_mode = { required = true }
    [[trigger.http]]
    route = "/..."
    component = "probe"
    [[trigger.http]]
    route = "/internal/tick"
    component = "tick"
"#;

fn application() -> Setup {
    let source = probe().display();
    let variables = ["local_auth_token", "internal_token", "secret_key", "base_url", "auth_mode"];
    let variables: Vec<_> = variables.iter().map(|name| format!("{name} = \"{{{{ {name} }}}}\"")).collect();
    let variables = variables.join(", ");
    Setup::with_head(HEAD, &format!("variables = {{ {variables} }}\n[component.tick]\nsource = \"{source}\""))
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mission-control"));
    command.current_dir(folder).args(["up", "--listen", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running command, which ends with the test.
struct Running {
    child: Child,
    lines: Vec<String>,
    address: String,
}

impl Running {
    fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    fn start_with(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = command(folder).args(arguments).spawn().expect("the command starts");
        let mut output = BufReader::new(child.stdout.take().expect("an output"));
        let (mut lines, mut address) = (Vec::new(), String::new());
        // The welcome ends with a line to try.
        while !lines.last().is_some_and(|line: &String| line.starts_with("Try it: ")) {
            let mut line = String::new();
            let read = output.read_line(&mut line).expect("a line");
            assert!(read > 0, "the command ended: {lines:?}");
            if let Some(url) = line.trim().strip_prefix("Mission Control serves http://") {
                address = url.to_owned();
            }
            lines.push(line);
        }
        Self { child, lines, address }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        write!(stream, "GET {path} HTTP/1.0\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.rsplit_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }

    /// How much memory the process has, as the system counts it.
    fn memory_kib(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// The same, once it is at most `kib`, or after ten seconds.
    async fn memory_once_below(&self, kib: usize) -> usize {
        let start = Instant::now();
        while self.memory_kib() > kib && start.elapsed() < Duration::from_secs(10) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.memory_kib()
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    fn end(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("an end");
        let mut errors = String::new();
        let mut stderr = self.child.stderr.take().expect("an output");
        stderr.read_to_string(&mut errors).expect("text");
        (status.code(), errors)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn failure(command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().expect("the command runs");
    assert_eq!(status.code(), Some(1));
    let errors = String::from_utf8(stderr).expect("text");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    errors
}

#[test]
fn up_makes_a_key_of_the_server_once_and_keeps_it_private() {
    let setup = application();
    let folder = setup.folder.path();
    let key = |running: &Running| running.get("/variable?name=secret_key").trim().to_owned();
    let running = Running::start(folder);
    let made = key(&running);
    assert!(made.len() >= 32 && !running.lines.concat().contains(&made));
    drop(running);
    let file = folder.join(".mission-control/secret_key");
    assert_eq!(std::fs::read_to_string(&file).expect("a key").trim(), made);
    assert_eq!(file.metadata().expect("metadata").permissions().mode() & 0o777, 0o600);
    assert_eq!(key(&Running::start(folder)), made);
    let chosen = "chosen by the operator, and long enough";
    std::fs::write(folder.join(".env"), format!("SPIN_VARIABLE_SECRET_KEY={chosen}\n")).expect("written");
    assert_eq!(key(&Running::start(folder)), chosen);
}

#[test]
fn up_makes_a_token_and_shows_it_once() {
    let setup = application();
    let folder = setup.folder.path();
    let running = Running::start(folder);
    let file = folder.join(".mission-control/local_auth_token");
    let token = std::fs::read_to_string(&file).expect("a token").trim().to_owned();
    assert!(token.len() >= 50);
    assert_eq!(running.get("/variable?name=local_auth_token").trim(), token);
    assert!(running.lines.concat().contains(&token));
    drop(running);
    let running = Running::start(folder);
    let welcome = running.lines.concat();
    assert!(!welcome.contains(&token) && welcome.contains(".mission-control/local_auth_token"), "{welcome}");
    assert_eq!(running.get("/variable?name=local_auth_token").trim(), token);
}

#[test]
fn up_fills_in_the_variables_that_nobody_set() {
    let setup = application();
    let running = Running::start(setup.folder.path());
    assert_eq!(running.get("/variable?name=base_url"), format!("http://{}", running.address));
    assert_eq!(running.get("/variable?name=auth_mode"), "local");
    assert!(running.get("/variable?name=internal_token").len() >= 50);
}

#[test]
fn up_takes_what_somebody_set() {
    let setup = application();
    std::fs::write(setup.folder.path().join(".env"), "SPIN_VARIABLE_BASE_URL=https://example.org\n").expect("written");
    let running = Running::start(setup.folder.path());
    assert_eq!(running.get("/variable?name=base_url"), "https://example.org");
}

#[test]
fn up_refuses_settings_that_are_wrong() {
    let setup = application();
    std::fs::write(setup.folder.path().join(".env"), "SPIN_VARIABLE_AUTH_MODE=oidc\n").expect("written");
    assert!(failure(&mut command(setup.folder.path())).contains("AUTH_MODE: Input should be 'clerk' or 'local'"));
}

#[test]
fn up_ticks_and_says_when_that_fails() {
    let setup = application();
    let running = Running::start(setup.folder.path());
    std::thread::sleep(Duration::from_millis(2500));
    running.signal("TERM");
    let (code, errors) = running.end();
    assert_eq!(code, Some(0), "{errors}");
    // The probe knows no such call; of three failures one is told.
    assert_eq!(errors.matches("/internal/tick failed: 400").count(), 1, "{errors}");
}

#[test]
fn up_ends_soon_after_a_signal() {
    for name in ["INT", "TERM"] {
        let setup = application();
        let running = Running::start(setup.folder.path());
        running.get("/variable?name=base_url");
        let start = Instant::now();
        running.signal(name);
        let (code, errors) = running.end();
        assert_eq!(code, Some(0), "{errors}");
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

#[test]
fn what_prevents_a_start_is_told_in_one_line() {
    let setup = application();
    let folder = setup.folder.path();
    let running = Running::start(folder);
    assert!(failure(&mut command(folder)).contains("another process"));
    let other_state = ["--state-dir", "other", "--listen", &running.address];
    let mut taken = Command::new(env!("CARGO_BIN_EXE_mission-control"));
    taken.current_dir(folder).arg("up").args(other_state).stderr(Stdio::piped());
    assert!(failure(&mut taken).contains("already in use"));
    drop(running);
    assert!(failure(command(folder).args(["--app", "nowhere.toml"])).contains("nowhere.toml"));
    assert!(failure(command(folder).args(["--state-dir", "spin.toml"])).contains("spin.toml"));
    std::fs::write(folder.join("bad.toml"), "spin_manifest_version = 2\n[application]\nname = 1\n").expect("written");
    assert!(failure(command(folder).args(["--app", "bad.toml"])).contains("bad.toml is not valid"));
}
