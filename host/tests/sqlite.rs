//! `spin:sqlite` as a component sees it.

use crate::common::{Answer, Setup, get, ok, post};
use mission_control_host::RunningHost;

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
