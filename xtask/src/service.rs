//! Private servers for tests, which end with this process, whatever ends it.

use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

const START_TIME: Duration = Duration::from_secs(60);

/// The shell keeps the server's folder and waits for the end of its input, which comes when this process ends or drops
/// the service. A process group of their own keeps Ctrl-C from the two, so that the shell lives to clean up.
const SUPERVISOR: &str = r#"
set -u
folder=$(mktemp -d) || exit 1
clean() { rm -rf "$folder"; }
trap clean EXIT
PREPARE
SERVER >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
"#;

/// A running server.
pub struct Service {
    supervisor: Child,
}

impl Service {
    /// Starts `server`, a shell command that finds its folder in `$folder`, after `prepare`. Secrets are passed in
    /// `environment`, since everyone can see command lines. As root they run as the user `user`.
    pub fn start(
        user: &str,
        prepare: &str,
        server: &str,
        environment: &[(&str, &str)],
        mut is_ready: impl FnMut() -> bool,
    ) -> anyhow::Result<Self> {
        let script = SUPERVISOR.replace("PREPARE", prepare).replace("SERVER", server);
        let mut command = match is_root()? {
            true => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", user, "--regid", user, "--clear-groups", "--", "sh", "-c", &script]);
                command
            }
            false => {
                let mut command = Command::new("sh");
                command.args(["-c", &script]);
                command
            }
        };
        command.current_dir("/").envs(environment.iter().copied());
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut service = Self { supervisor: command.spawn().context("cannot run sh")? };
        let started = Instant::now();
        while !is_ready() {
            if service.supervisor.try_wait()?.is_some() {
                bail!("the server ended at once");
            }
            if started.elapsed() > START_TIME {
                bail!("the server is not ready after {} s", START_TIME.as_secs());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(service)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // Nothing can be done about a supervisor that cannot be waited for.
        let _ = self.supervisor.wait();
    }
}

fn is_root() -> anyhow::Result<bool> {
    let answer = Command::new("id").arg("-u").output().context("cannot run id")?;
    Ok(answer.stdout.trim_ascii() == b"0")
}

/// A port of this machine that nobody listens on.
pub fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on any port")?;
    Ok(listener.local_addr()?.port())
}

/// A password that nobody can guess.
pub fn password() -> anyhow::Result<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/uuid").context("the system gives no random numbers")?;
    Ok(text.trim().replace('-', ""))
}
