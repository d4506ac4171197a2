//! Server programs that run in processes of their own, as `MC_TEST_SERVER` says.

use std::collections::BTreeMap;
use std::fs::{File, read_to_string};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::root;

/// Long enough for a program that compiles the components first.
const START_TIME: Duration = Duration::from_secs(120);
const STOP_TIME: Duration = Duration::from_secs(10);
/// Somebody else may take the port before the program does.
const ATTEMPTS: usize = 3;

/// A running program and all that it started; they end when this is dropped.
pub struct Program {
    url: String,
    process: Child,
}

impl Program {
    /// The command of `MC_TEST_SERVER`, if there is one.
    pub fn command() -> Option<String> {
        std::env::var("MC_TEST_SERVER").ok().filter(|command| !command.is_empty())
    }

    /// Runs a shell command whose placeholders are filled in and waits until it serves. It finds the application's
    /// variables in its environment, and prints to the file `output` in `folder`.
    pub fn start(command: &str, folder: &Path, variables: &BTreeMap<String, String>) -> Self {
        let runtime_config = folder.join("runtime-config.toml");
        std::fs::write(&runtime_config, self::runtime_config(folder)).expect("the runtime configuration is written");
        let state = folder.join("state");
        std::fs::create_dir_all(&state).expect("a folder");
        let mut printed = String::new();
        for _ in 0..ATTEMPTS {
            let address = free_address();
            let command = command
                .replace("{listen}", &address.to_string())
                .replace("{state}", &state.display().to_string())
                .replace("{runtime_config}", &runtime_config.display().to_string());
            let mut program = Self {
                url: format!("http://{address}"),
                process: spawn(&command, folder, &environment(variables, address)),
            };
            if program.serves() {
                return program;
            }
            program.stop();
            printed = read_to_string(folder.join("output")).unwrap_or_default();
        }
        panic!("`{command}` does not serve:\n{printed}");
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Waits until the program answers; false if it ends before.
    fn serves(&mut self) -> bool {
        let started = Instant::now();
        let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(Duration::from_secs(20))).build();
        let http = ureq::Agent::from(config);
        while http.get(format!("{}/readyz", self.url)).call().is_err() {
            if started.elapsed() > START_TIME || self.process.try_wait().expect("the process is ours").is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }

    /// Ends the program with all that it started, by force if it takes its time.
    pub fn stop(&mut self) {
        self.signal(Signal::INT);
        let asked = Instant::now();
        while asked.elapsed() < STOP_TIME && self.process.try_wait().expect("the process is ours").is_none() {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.signal(Signal::KILL);
        self.process.wait().expect("the process is ours");
    }

    fn signal(&self, signal: Signal) {
        // There may be nobody left.
        let _ = kill_process_group(Pid::from_child(&self.process), signal);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

fn spawn(command: &str, folder: &Path, environment: &[(String, String)]) -> Child {
    let output = File::create(folder.join("output")).expect("a file");
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(root()).process_group(0);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SPIN_VARIABLE_")) {
        shell.env_remove(name);
    }
    shell.envs(environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
    shell.stdout(output.try_clone().expect("a file")).stderr(output);
    shell.spawn().unwrap_or_else(|error| panic!("cannot run `{command}`: {error}"))
}

fn environment(variables: &BTreeMap<String, String>, address: SocketAddr) -> Vec<(String, String)> {
    let defaults = [("auth_mode", "local".to_owned()), ("base_url", format!("http://{address}"))];
    let defaults = defaults.into_iter().map(|(name, value)| (name.to_owned(), value));
    let given = variables.iter().map(|(name, value)| (name.clone(), value.clone()));
    let all: BTreeMap<String, String> = defaults.chain(given).collect();
    all.into_iter().map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value)).collect()
}

/// Where the database is, since tests look into it, and counters in memory, as in the repository's own file.
fn runtime_config(folder: &Path) -> String {
    let database = folder.join("mission-control.db");
    format!(
        "[sqlite_database.default]\ntype = \"spin\"\npath = \"{}\"\n\n\
         [key_value_store.rate_limits]\ntype = \"spin\"\n\n[key_value_store.cache]\ntype = \"spin\"\n",
        database.display()
    )
}

/// An address of this machine that nobody listens on.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}
