//! `spin:postgres` as a component sees it, where `HOST_TEST_POSTGRES` names a database that may be
//! written to, such as `postgres://user:password@127.0.0.1:5432/test`.

use crate::common::{Answer, Setup, TestHost, get, ok, post};

fn address() -> Option<String> {
    let address = std::env::var("HOST_TEST_POSTGRES").ok().filter(|address| !address.is_empty());
    if address.is_none() {
        eprintln!("skipped: HOST_TEST_POSTGRES is not set");
    }
    address
}

async fn host() -> TestHost {
    let setup = Setup::new("allowed_outbound_hosts = [\"postgres://127.0.0.1:*\"]");
    let setup = setup.runtime_config("[outbound_pg]\nmax_connections = 1");
    setup.start().await
}

async fn run(host: &TestHost, address: &str, script: &str) -> Vec<String> {
    let Answer(status, text) = post(host, "/pg", &format!("{address}\n{script}")).await;
    assert_eq!(status, 200, "{text}");
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_all_types_come_back() {
    let Some(address) = address() else { return };
    let host = host().await;
    let cases = [
        ("bool", "<- bool true", "DbValue::Boolean(true)"),
        ("smallint", "<- int16 -2", "DbValue::Int16(-2)"),
        ("int", "<- int32 3", "DbValue::Int32(3)"),
        ("bigint", "<- int64 4", "DbValue::Int64(4)"),
        ("float8", "<- float64 1.5", "DbValue::Floating64(1.5)"),
        ("text", "<- str some text", "DbValue::Str(\"some text\")"),
        ("bytea", "<- binary ab", "DbValue::Binary([97, 98])"),
        ("timestamp", "<- datetime", "DbValue::Datetime((2025, 12, 31, 23, 59, 58, 123456000))"),
        (
            "uuid",
            "<- uuid 0199f0aa-0000-7000-8000-000000000001",
            "DbValue::Uuid(\"0199f0aa-0000-7000-8000-000000000001\")",
        ),
        ("jsonb", "<- jsonb [1]", "DbValue::Jsonb([91, 49, 93])"),
        ("text", "<- null", "DbValue::DbNull"),
    ];
    for (kind, parameter, expected) in cases {
        let lines = run(&host, &address, &format!("SELECT $1::{kind} {parameter}")).await;
        assert_eq!(lines[0], format!("[[{expected}]]"), "{kind}");
    }
    let lines = run(&host, &address, "SELECT now(), date '2025-01-02', time '03:04:05'").await;
    assert!(lines[0].contains("Unsupported") && lines[0].contains("Date((2025, 1, 2)), DbValue::Time((3, 4, 5, 0))"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_goes_back_with_its_transaction_open() {
    let Some(address) = address() else { return };
    let host = host().await;
    run(&host, &address, "ROLLBACK\nDROP TABLE IF EXISTS host_test\nCREATE TABLE host_test (a int)").await;
    run(&host, &address, "BEGIN\nINSERT INTO host_test VALUES (1)").await;
    let lines = run(&host, &address, "SELECT a FROM host_test\nROLLBACK\nSELECT a FROM host_test").await;
    assert_eq!(lines, ["[[DbValue::Int32(1)]]", "[]", "[]"]);
    run(&host, &address, "DROP TABLE host_test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_may_change_between_statements() {
    let Some(address) = address() else { return };
    let host = host().await;
    let script = "DROP TABLE IF EXISTS host_change\nCREATE TABLE host_change (a int)\nSELECT * FROM host_change\n\
                  ALTER TABLE host_change ADD b int\nINSERT INTO host_change VALUES (1, 2)\nSELECT * FROM host_change\n\
                  DROP TABLE host_change";
    let lines = run(&host, &address, script).await;
    assert_eq!(lines[5], "[[DbValue::Int32(1), DbValue::Int32(2)]]");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_carry_their_code() {
    let Some(address) = address() else { return };
    let host = host().await;
    let lines = run(&host, &address, "SELECT * FROM nowhere_at_all\nSELECT $1::int <- int64 1").await;
    assert!(lines[0].contains("code: \"42P01\""), "{}", lines[0]);
    assert!(lines[1].contains("error"), "{}", lines[1]);
    let Answer(status, text) = post(&host, "/pg-async", &format!("{address}\nSELECT 7")).await;
    assert!(status == 200 && text.contains("Int32(7)"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_when_the_address_is_not_allowed() {
    let host = host().await;
    let Answer(status, text) = post(&host, "/pg", "postgres://user@192.0.2.1/db\nSELECT 1").await;
    assert!(status == 400 && text.contains("allowed_outbound_hosts"), "{text}");
    assert_eq!(get(&host, "/plain").await, ok("plain"));
}
