//! The commands in docs/deployment.md work as printed, but for the address, the folder of the state, and Spin itself.

use std::fs::{DirBuilder, File, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use mission_control_tests::root;
use tempfile::TempDir;

/// A folder in which an operator follows the page.
struct Desk {
    folder: TempDir,
    address: String,
    page: String,
}

impl Desk {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let address = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port");
        let page = std::fs::read_to_string(root().join("docs/deployment.md")).expect("the page can be read");
        let desk = Self { folder, address: address.to_string(), page };
        for name in ["target", "spin.toml", "runtime-config.toml"] {
            symlink(root().join(name), desk.path(name)).expect("a link");
        }
        // Compiling takes long, and other tests have done it.
        let compiled = root().join("target/tmp/compiled");
        let private_folder = |path| DirBuilder::new().mode(0o700).recursive(true).create(path).expect("a folder");
        private_folder(compiled.clone());
        for state in [".mission-control", "state"] {
            private_folder(desk.path(state));
            symlink(&compiled, desk.path(state).join("cache")).expect("a link");
        }
        desk.program("cargo", "test \"$*\" = 'xtask build'");
        // Its options are Spin's.
        desk.program(
            "spin",
            "case \"$1\" in build) ;; up) exec target/release/mission-control \"$@\" ;; *) exit 2 ;; esac",
        );
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, script: &str) {
        std::fs::create_dir_all(self.path("bin")).expect("a folder");
        let path = self.path("bin").join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
        std::fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("a mode");
    }

    /// What is between the section's ```` ```sh ```` fences.
    fn blocks(&self, section: &str) -> Vec<String> {
        let (_, text) = self.page.split_once(&format!("\n## {section}\n")).expect("the section");
        let text = text.split("\n## ").next().unwrap_or_default();
        let state = self.path("state").display().to_string();
        let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
        let here =
            |block: &str| block.replace("127.0.0.1:8000", &self.address).replace("/var/lib/mission-control", &state);
        blocks.map(|(block, _)| here(block)).collect()
    }

    fn bash(&self, script: &str) -> Command {
        let mut bash = Command::new("bash");
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap_or_default());
        bash.args(["-c", &format!("set -euo pipefail\n{script}")]).current_dir(self.folder.path()).env("PATH", path);
        bash.stdin(Stdio::null());
        bash
    }

    fn run(&self, script: &str) -> String {
        let Output { status, stdout, stderr } = self.bash(script).output().expect("bash runs");
        let (printed, errors) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{status}\n{script}\n{printed}\n{errors}");
        printed.into_owned()
    }

    /// Runs a block that serves, until the server is dropped.
    fn serve(&self, script: &str) -> Server {
        let log = self.path("log");
        let errors = File::create(&log).expect("a log");
        let process = self.bash(script).process_group(0).stdout(Stdio::null()).stderr(errors).spawn();
        let mut server = Server(process.expect("bash runs"));
        let started = Instant::now();
        while ureq::get(format!("http://{}/readyz", self.address)).call().is_err() {
            let ended = server.0.try_wait().expect("the process is ours").is_some();
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            assert!(!ended && started.elapsed() < Duration::from_secs(120), "{script}\ndoes not serve: {text}");
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }

    fn mode(&self, name: &str) -> u32 {
        self.path(name).metadata().expect(name).permissions().mode() & 0o777
    }
}

/// A server and the shell that started it.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        let _ = self.0.wait();
    }
}

#[test]
fn the_commands_work_as_printed() {
    let desk = Desk::new();
    for block in desk.blocks("Settings") {
        desk.run(&block);
    }
    assert_eq!(desk.mode(".env"), 0o600);

    let [start, sign_in] = &desk.blocks("With Spin")[..] else { panic!("two blocks") };
    let server = desk.serve(start);
    assert!(desk.run(sign_in).contains("\"email\""));
    drop(server);
    assert_eq!((desk.mode(".spin"), desk.mode(".spin/mission-control.db")), (0o700, 0o600));

    let [start] = &desk.blocks("Without Spin")[..] else { panic!("one block") };
    let server = desk.serve(start);
    assert!(desk.run(sign_in).contains("\"email\""));
    for block in desk.blocks("The tick") {
        desk.run(&block);
    }
    drop(server);

    let [migrate, back_up] = &desk.blocks("Databases")[..] else { panic!("two blocks") };
    assert_eq!(desk.run(migrate).matches("The database is up to date.").count(), 2);
    if Command::new("sqlite3").arg("--version").output().is_err() {
        eprintln!("skipped: sqlite3 is not installed");
        return;
    }
    desk.run(back_up);
    assert_eq!(desk.mode("mission-control-backup.db"), 0o600);
    let copy = rusqlite::Connection::open(desk.path("mission-control-backup.db")).expect("a database");
    let people: i64 = copy.query_row("SELECT count(*) FROM users", [], |row| row.get(0)).expect("a table");
    assert_eq!(people, 1, "who signed in is in the backup");
}

#[test]
fn no_command_is_left_out() {
    let desk = Desk::new();
    let sections = ["Settings", "With Spin", "Without Spin", "The tick", "Databases"];
    let run: usize = sections.iter().map(|section| desk.blocks(section).len()).sum();
    assert_eq!(desk.page.matches("```sh\n").count(), run);
}
