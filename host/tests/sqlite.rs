//! `spin:sqlite` as a component sees it.

use crate::common::{Answer, Setup, get, ok, post};
use mission_control_host::RunningHost;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

async fn sql(host: &RunningHost, script: &str) -> Vec<String> {
    let Answer(status, text) = post(host, "/sql", script).await;
    assert_eq!(status, 200, "{text}");
    text.lines().map(str::to_owned).collect()
}

fn setup() -> Setup {
    Setup::new("sqlite_databases = [\"default\"]")
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_carry_all_types() {
    let host = setup().start().await;
    let lines = sql(&host, "SELECT 1 AS a, 1.5 AS b, 'x' AS c, x'01' AS d, NULL AS e\nSELECT ? + 1 AS f <- 41").await;
    assert_eq!(
        lines[0],
        r#"["a", "b", "c", "d", "e"] [Value::Integer(1), Value::Real(1.5), Value::Text("x"), Value::Blob([1]), Value::Null]"#
    );
    assert_eq!(lines[1], r#"["f"] [Value::Integer(42)]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_first_statement_runs() {
    let host = setup().start().await;
    let script = "CREATE TABLE t (a); CREATE TABLE u (a)\nSELECT name FROM sqlite_schema; not even SQL\n\
                  SELECT ';' AS a\nSELECT 1; PRAGMA foreign_keys = OFF\nPRAGMA foreign_keys";
    let lines = sql(&host, script).await;
    assert_eq!(lines[1], r#"["name"] [Value::Text("t")]"#);
    assert_eq!(lines[2], r#"["a"] [Value::Text(";")]"#);
    assert_eq!(lines[4], r#"["foreign_keys"] [Value::Integer(1)]"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usual_settings_hold() {
    let host = setup().start().await;
    let script = "PRAGMA foreign_keys\nPRAGMA busy_timeout\nPRAGMA journal_mode\nPRAGMA synchronous\n\
                  PRAGMA busy_timeout = 70\nPRAGMA busy_timeout";
    let lines = sql(&host, script).await;
    let values = ["Integer(1)", "Integer(5000)", "Text(\"delete\")", "Integer(2)", "Integer(70)", "Integer(70)"];
    for (line, value) in lines.iter().zip(values) {
        assert!(line.ends_with(&format!("[Value::{value}]")), "{line} should have {value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_wait_for_each_other() {
    let host = setup().start().await;
    sql(&host, "PRAGMA journal_mode = WAL\nCREATE TABLE t (a INTEGER)\nINSERT INTO t VALUES (0)").await;
    let script = "BEGIN IMMEDIATE\nSELECT a FROM t\nUPDATE t SET a = a + 1\nCOMMIT";
    let writers: Vec<_> = (0..40).map(|_| sql(&host, script)).collect();
    for lines in futures::future::join_all(writers).await {
        assert!(lines.iter().all(|line| !line.contains("locked")), "{lines:?}");
    }
    let lines = sql(&host, "SELECT a FROM t").await;
    assert!(lines[0].ends_with("[Value::Integer(40)]"), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_connection_rolls_back() {
    let host = setup().start().await;
    sql(&host, "CREATE TABLE t (a)\nINSERT INTO t VALUES (1)").await;
    let lines = sql(&host, "BEGIN IMMEDIATE\nINSERT INTO t VALUES (2)\nSELECT count(*) FROM t").await;
    assert!(lines[2].ends_with("[Value::Integer(2)]"));
    let lines = sql(&host, "SELECT count(*) FROM t").await;
    assert!(lines[0].ends_with("[Value::Integer(1)]"));
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_rowids_are_told() {
    let host = setup().start().await;
    let lines = sql(&host, "CREATE TABLE t (a)\nINSERT INTO t VALUES (1), (2), (3)").await;
    assert_eq!(lines[2], "3 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_answers() {
    let host = setup().start().await;
    let script = "CREATE TABLE t (a UNIQUE)\nINSERT INTO t VALUES (1)\nINSERT INTO t VALUES (1)\n\
                  SELECT * FROM nowhere\nSELECT ?, ? <- 1\nSELECT CAST(x'ff' AS TEXT)";
    let lines = sql(&host, script).await;
    assert!(lines[2].contains("UNIQUE constraint failed: t.a"), "{}", lines[2]);
    assert!(lines[3].contains("no such table: nowhere"), "{}", lines[3]);
    assert!(lines[4].starts_with("error:"), "{}", lines[4]);
    assert!(lines[5].contains("not UTF-8"), "{}", lines[5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_files_cannot_be_reached() {
    let setup = setup();
    let host = setup.start().await;
    let file = setup.folder.path().join("other.db");
    let file = file.display();
    let lines = sql(&host, &format!("ATTACH '{file}' AS other\nVACUUM INTO '{file}'\nVACUUM")).await;
    assert!(lines[0].contains("not authorized") && lines[1].contains("authorization denied"), "{lines:?}");
    assert!(!lines[2].contains("error"), "{lines:?}");
    assert!(!setup.folder.path().join("other.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_asynchronous_functions_give_the_same() {
    let host = setup().start().await;
    let script = "CREATE TABLE t (a)\nINSERT INTO t VALUES (1), (2)\nSELECT a FROM t";
    let Answer(status, text) = post(&host, "/sql-async", script).await;
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("Integer(1)") && text.contains("Integer(2)") && text.ends_with("\n2"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_when_the_database_is_not_allowed() {
    let host = setup().start().await;
    let Answer(status, text) = post(&host, "/sql?database=secret", "SELECT 1").await;
    assert_eq!(status, 400);
    assert!(text.contains("AccessDenied"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_holds_256_connections_at_most() {
    let host = setup().start().await;
    assert_eq!(get(&host, "/sql-handles?count=256").await, ok("256"));
    let Answer(status, text) = get(&host, "/sql-handles?count=257").await;
    assert_eq!(status, 400);
    assert!(text.contains("after 256") && text.contains("too many"), "{text}");
}

/// A database in WAL mode, and another process's connection to it that holds the write lock.
async fn locked(setup: &Setup, host: &RunningHost) -> rusqlite::Connection {
    sql(host, "PRAGMA journal_mode = WAL\nCREATE TABLE t (a)\nINSERT INTO t VALUES (1)").await;
    let other = rusqlite::Connection::open(setup.config.state_dir.join("mission-control.db")).expect("a connection");
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (2)").expect("the lock");
    other
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_as_long_as_the_busy_timeout_says() {
    let setup = setup();
    let host = setup.start().await;
    let other = locked(&setup, &host).await;
    for statement in ["BEGIN IMMEDIATE", "INSERT INTO t VALUES (3)"] {
        for (timeout, most) in [(0, 60), (80, 200)] {
            let start = Instant::now();
            let lines = sql(&host, &format!("PRAGMA busy_timeout = {timeout}\n{statement}")).await;
            assert_eq!(lines[1], "error: Error::Io(\"database is locked\")", "{statement}");
            let waited = start.elapsed();
            let range = Duration::from_millis(timeout)..Duration::from_millis(most);
            assert!(range.contains(&waited), "{statement} with {timeout} ms waited {waited:?}");
        }
    }
    let (lines, ()) = tokio::join!(sql(&host, "BEGIN IMMEDIATE\nINSERT INTO t VALUES (3)\nCOMMIT"), async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        other.execute_batch("COMMIT").expect("committed");
    });
    assert!(lines.iter().all(|line| !line.contains("error")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_in_line_wait_as_long_as_their_busy_timeouts_say() {
    // An instance each: one that waits could not go on with the request that holds the lock.
    let setup = setup().with(|config| config.limits.max_instance_concurrent_reuse_count = 1);
    let host = setup.start().await;
    sql(&host, "PRAGMA journal_mode = WAL\nCREATE TABLE t (a)").await;
    let holder = post(&host, "/sql-hold?ms=400", "BEGIN IMMEDIATE");
    let waiters = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let start = Instant::now();
        let lines = sql(&host, "PRAGMA busy_timeout = 30\nBEGIN IMMEDIATE").await;
        assert!(lines[1].contains("database is locked"), "{lines:?}");
        assert!(start.elapsed() < Duration::from_millis(150), "{:?}", start.elapsed());
        let lines = sql(&host, "PRAGMA busy_timeout = 2000\nBEGIN IMMEDIATE").await;
        assert!(!lines[1].contains("error"), "{lines:?}");
        assert!(start.elapsed() < Duration::from_millis(600), "{:?}", start.elapsed());
    };
    let (Answer(status, text), ()) = tokio::join!(holder, waiters);
    assert_eq!(status, 200, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_need_no_write_lock() {
    let setup = setup();
    let host = setup.start().await;
    let _other = locked(&setup, &host).await;
    let script = "PRAGMA busy_timeout = 5000\nSELECT a FROM t\nBEGIN\nSELECT a FROM t\nCOMMIT";
    let start = Instant::now();
    let lines = sql(&host, script).await;
    assert!(lines.iter().all(|line| !line.contains("error")), "{lines:?}");
    assert!(start.elapsed() < Duration::from_millis(200), "{:?}", start.elapsed());
    let holder = post(&host, "/sql-hold?ms=300", "BEGIN");
    let start = Instant::now();
    let (_, lines) = tokio::join!(holder, sql(&host, script));
    assert!(lines.iter().all(|line| !line.contains("error")), "{lines:?}");
    assert!(start.elapsed() < Duration::from_millis(600), "{:?}", start.elapsed());
}

/// How long a request takes that sleeps for 100 ms in the instance where another one waits for the lock.
async fn beside_a_waiting_write(path: &str) -> Duration {
    let setup = setup().with(|config| config.limits.max_instances = 1);
    let host = setup.start().await;
    let _other = locked(&setup, &host).await;
    let start = Instant::now();
    let asleep = async {
        assert_eq!(get(&host, "/sleep?ms=100").await, ok("slept"));
        start.elapsed()
    };
    let writer = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let Answer(_, text) = post(&host, path, "PRAGMA busy_timeout = 700\nBEGIN IMMEDIATE").await;
        assert!(text.contains("database is locked"), "{text}");
        assert!(start.elapsed() >= Duration::from_millis(700), "{:?}", start.elapsed());
    };
    tokio::join!(asleep, writer).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_asynchronous_statement_holds_up_nothing_else() {
    let elapsed = beside_a_waiting_write("/sql-async").await;
    assert!(elapsed < Duration::from_millis(300), "{elapsed:?}");
}

/// The component model lets an instance run nothing else during a synchronous call, whatever the host does meanwhile: guests
/// that share an instance have to keep their busy timeouts short.
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_synchronous_statement_holds_its_instance_for_the_busy_timeout() {
    let elapsed = beside_a_waiting_write("/sql").await;
    assert!((Duration::from_millis(600)..Duration::from_millis(1000)).contains(&elapsed), "{elapsed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_waiting_writers_keep_no_threads() {
    let setup = setup();
    let host = std::sync::Arc::new(setup.start().await);
    let _other = locked(&setup, &host).await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let host = host.clone();
        writers.spawn(async move { sql(&host, "PRAGMA busy_timeout = 1500\nBEGIN IMMEDIATE").await });
    }
    tokio::time::sleep(Duration::from_millis(700)).await;
    let threads = std::fs::read_dir("/proc/self/task").expect("the threads").count();
    assert!(writers.join_all().await.iter().all(|lines| lines[1].contains("database is locked")));
    assert!(threads < 150, "{threads} threads");
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_wait_hold_up_no_new_requests() {
    let setup = setup();
    let host = std::sync::Arc::new(setup.start().await);
    let _other = locked(&setup, &host).await;
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let host = host.clone();
        writers.spawn(async move { sql(&host, "PRAGMA busy_timeout = 4000\nBEGIN IMMEDIATE").await });
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let start = Instant::now();
    for _ in 0..40 {
        assert_eq!(get(&host, "/plain").await, ok("plain"));
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_waits_for_readers_with_its_locks_held() {
    let setup = setup();
    let host = setup.start().await;
    sql(&host, "PRAGMA journal_mode = WAL\nCREATE TABLE t (a)\nINSERT INTO t VALUES (1)").await;
    let reader = rusqlite::Connection::open(setup.config.state_dir.join("mission-control.db")).expect("a connection");
    reader.execute_batch("BEGIN; SELECT a FROM t").expect("a snapshot");
    let checkpoint = sql(&host, "PRAGMA busy_timeout = 2000\nPRAGMA wal_checkpoint(RESTART)");
    let (lines, ()) = tokio::join!(checkpoint, async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        reader.execute_batch("COMMIT").expect("the end");
    });
    assert!(lines[1].contains("[Value::Integer(0), "), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_says_so_and_holds_up_nobody() {
    let host = setup().start().await;
    let script = "PRAGMA journal_mode = WAL\nCREATE TABLE t (a)\nPRAGMA max_page_count = 20\nBEGIN IMMEDIATE\n\
                  INSERT INTO t VALUES (zeroblob(500000))\nROLLBACK";
    let lines = sql(&host, script).await;
    assert_eq!(lines[4], "error: Error::Io(\"database or disk is full\")");
    let lines = sql(&host, "PRAGMA busy_timeout = 0\nBEGIN IMMEDIATE\nINSERT INTO t VALUES (1)\nCOMMIT").await;
    assert!(lines.iter().all(|line| !line.contains("error")), "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_gets_damaged_says_so() {
    let setup = setup();
    let host = setup.start().await;
    sql(&host, "CREATE TABLE t (a)\nINSERT INTO t VALUES (zeroblob(50000))").await;
    let file = setup.config.state_dir.join("mission-control.db");
    let mut content = std::fs::read(&file).expect("a database");
    content[4096..].fill(0xa5);
    std::fs::write(&file, content).expect("damaged");
    let lines = sql(&host, "SELECT a FROM t").await;
    assert_eq!(lines[0], "error: Error::Io(\"database disk image is malformed\")");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_are_private_whatever_the_folder_is() {
    let setup = Setup::new("sqlite_databases = [\"default\"]\nkey_value_stores = [\"default\"]");
    std::fs::create_dir(&setup.config.state_dir).expect("a folder");
    std::fs::set_permissions(&setup.config.state_dir, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let setup = setup.with(|config| config.cache_dir = None);
    let host = setup.start().await;
    post(&host, "/kv", "set a 1").await;
    sql(&host, "PRAGMA journal_mode = WAL\nCREATE TABLE t (a)").await;
    let holder = post(&host, "/sql-hold?ms=1000", "SELECT a FROM t");
    let (_, ()) = tokio::join!(holder, async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut seen = Vec::new();
        for entry in walk(&setup.config.state_dir) {
            let mode = entry.metadata().expect("metadata").permissions().mode() & 0o777;
            assert_eq!(mode, if entry.is_dir() { 0o700 } else { 0o600 }, "{}", entry.display());
            seen.push(entry.file_name().expect("a name").to_string_lossy().into_owned());
        }
        for name in
            ["mission-control.db", "mission-control.db-wal", "mission-control.db-shm", "key_value.db", "key", "lock"]
        {
            assert!(seen.iter().any(|seen| seen == name), "no {name} in {seen:?}");
        }
    });
}

/// Everything below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = folder.read_dir().expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| if path.is_dir() { [vec![path.clone()], walk(&path)].concat() } else { vec![path] })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_wait_for_each_other() {
    let host = std::sync::Arc::new(setup().start().await);
    assert_eq!(get(&host, "/bench-sql").await, ok("1"));
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let host = host.clone();
        writers.spawn(async move { get(&host, "/bench-sql").await.0 });
    }
    assert!(writers.join_all().await.iter().all(|status| *status == 200));
    let lines = sql(&host, "SELECT count(*) FROM bench").await;
    assert!(lines[0].ends_with("[Value::Integer(51)]"), "{lines:?}");
}
