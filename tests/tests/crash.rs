//! What was acknowledged is on disk: the program is killed under load, over and over, and nothing is missing.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const ROUNDS: u64 = 20;
const WRITERS: usize = 4;
const TOKEN: &str = "crash-test-token-crash-test-token-crash-test-token-crash";

#[test]
fn every_acknowledged_write_survives_being_killed() {
    let state = TempDir::new().expect("a folder");
    let mut server = Server::start(state.path());
    let board = server.make_board();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..ROUNDS {
        let before = acknowledged.len();
        acknowledged.extend(server.write_until_killed(&board, Duration::from_millis(150 + 37 * (round % 7))));
        assert!(acknowledged.len() > before, "round {round} acknowledged nothing");
        check_integrity(state.path());
        server = Server::start(state.path());
        let stored = server.titles(&board);
        let missing: Vec<&String> = acknowledged.iter().filter(|title| stored.binary_search(title).is_err()).collect();
        assert!(
            missing.is_empty(),
            "round {round}: {} of {} writes are lost: {missing:?}",
            missing.len(),
            acknowledged.len()
        );
    }
    println!("{} acknowledged writes survived {ROUNDS} kills", acknowledged.len());
}

fn check_integrity(state: &Path) {
    let database = rusqlite::Connection::open(state.join("mission-control.db")).expect("the database opens");
    let verdict: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("a verdict");
    assert_eq!(verdict, "ok");
}

/// The program as an operator runs it, in a process of its own.
struct Server {
    process: Child,
    url: String,
    http: ureq::Agent,
    log: PathBuf,
}

impl Server {
    fn start(state: &Path) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let log = state.join("errors.log");
        let process = Command::new(root.join("target/release/mission-control"))
            .args(["up", "--app", "spin.toml", "--listen", &address.to_string(), "--state-dir"])
            .arg(state)
            .env("SPIN_VARIABLE_LOCAL_AUTH_TOKEN", TOKEN)
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("the program starts: build it first with `cargo xtask build`");
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(20))).build();
        let mut server = Self { process, url: format!("http://{address}"), http: config.into(), log };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let started = Instant::now();
        while self.http.get(format!("{}/readyz", self.url)).call().is_err() {
            let ended = self.process.try_wait().expect("the process is ours").is_some();
            let text = std::fs::read_to_string(&self.log).unwrap_or_default();
            assert!(!ended && started.elapsed() < Duration::from_secs(60), "the program does not serve: {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn call(&self, path: &str, body: Option<&Value>) -> Result<Value, ureq::Error> {
        let (url, bearer) = (format!("{}{path}", self.url), format!("Bearer {TOKEN}"));
        let mut response = match body {
            Some(body) => self
                .http
                .post(url)
                .header("authorization", bearer)
                .content_type("application/json")
                .send(body.to_string())?,
            None => self.http.get(url).header("authorization", bearer).call()?,
        };
        Ok(serde_json::from_str(&response.body_mut().read_to_string()?).expect("JSON"))
    }

    fn make_board(&self) -> String {
        let gateway = json!({"name": "Mailbox", "url": "mailbox:", "workspace_root": "/srv/agents"});
        let gateway = self.call("/api/v1/gateways", Some(&gateway)).expect("a gateway");
        let board = json!({"name": "B", "slug": "b", "description": "d", "gateway_id": gateway["id"]});
        let board = self.call("/api/v1/boards", Some(&board)).expect("a board");
        board["id"].as_str().expect("an id").to_owned()
    }

    /// Writes from several connections at once, kills the program in the middle, and gives what was acknowledged.
    fn write_until_killed(&mut self, board: &str, after: Duration) -> Vec<String> {
        let killed = AtomicBool::new(false);
        let path = format!("/api/v1/boards/{board}/tasks");
        let (process, url, http) = (&mut self.process, &self.url, &self.http);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|_| {
                    let (killed, path) = (&killed, &path);
                    let caller = Caller { url, http };
                    scope.spawn(move || {
                        let mut acknowledged = Vec::new();
                        while !killed.load(Ordering::Relaxed) {
                            let title = uuid::Uuid::new_v4().to_string();
                            if caller.create(path, &title) {
                                acknowledged.push(title);
                            }
                        }
                        acknowledged
                    })
                })
                .collect();
            std::thread::sleep(after);
            // SIGKILL: nothing in the program gets to tidy up.
            process.kill().expect("the program runs");
            process.wait().expect("the program ends");
            killed.store(true, Ordering::Relaxed);
            writers.into_iter().flat_map(|writer| writer.join().expect("a writer")).collect()
        })
    }

    /// The titles of all tasks of the board, sorted.
    fn titles(&self, board: &str) -> Vec<String> {
        let mut titles = Vec::new();
        loop {
            let page = format!("/api/v1/boards/{board}/tasks?limit=200&offset={}", titles.len());
            let page = self.call(&page, None).expect("a page");
            let items = page["items"].as_array().expect("items").iter();
            let before = titles.len();
            titles.extend(items.map(|task| task["title"].as_str().expect("a title").to_owned()));
            if titles.len() == before {
                titles.sort();
                return titles;
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Caller<'a> {
    url: &'a str,
    http: &'a ureq::Agent,
}

impl Caller<'_> {
    /// Whether the server said that the task is stored.
    fn create(self, path: &str, title: &str) -> bool {
        let request = self.http.post(format!("{}{path}", self.url)).header("authorization", format!("Bearer {TOKEN}"));
        request.content_type("application/json").send(json!({"title": title}).to_string()).is_ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
