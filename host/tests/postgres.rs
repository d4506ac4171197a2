//! `spin:postgres` as a component sees it, where `HOST_TEST_POSTGRES` names a database that may be
//! written to, such as `postgres://user:password@127.0.0.1:5432/test`.

use crate::common::proxy::Proxy;
use crate::common::{Answer, Setup, TestHost, get, ok, post};
use std::time::{Duration, Instant};

fn address() -> Option<String> {
    let address = std::env::var("HOST_TEST_POSTGRES").ok().filter(|address| !address.is_empty());
    if address.is_none() {
        eprintln!("skipped: HOST_TEST_POSTGRES is not set");
    }
    address
}

async fn host() -> TestHost {
    host_with(1).await
}

async fn host_with(max_connections: usize) -> TestHost {
    let setup = Setup::new("allowed_outbound_hosts = [\"postgres://127.0.0.1:*\"]");
    setup.runtime_config(&format!("[outbound_pg]\nmax_connections = {max_connections}")).start().await
}

/// The address with another host and port.
fn by_way_of(address: &str, proxy: &Proxy) -> String {
    address.replace(server(address), &proxy.address().to_string())
}

/// The host and port in an address.
fn server(address: &str) -> &str {
    let (_, rest) = address.rsplit_once('@').expect("a user");
    rest.split(['/', '?']).next().expect("a host")
}

/// The address with a further option.
fn with_option(address: &str, option: &str) -> String {
    format!("{address}{}{option}", if address.contains('?') { '&' } else { '?' })
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
async fn a_connection_goes_back_without_the_settings_that_were_made_on_it() {
    let Some(address) = address() else { return };
    let host = host().await;
    run(&host, &address, "ROLLBACK\nSET statement_timeout = '7s'").await;
    assert_eq!(run(&host, &address, "SHOW statement_timeout").await, ["[[DbValue::Str(\"0\")]]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_was_cut_works_again_when_it_is_back() {
    let Some(address) = address() else { return };
    let mut proxy = Proxy::start(server(&address)).await;
    let (host, address) = (host_with(4).await, by_way_of(&address, &proxy));
    let query = async || post(&host, "/pg", &format!("{address}\nSELECT pg_sleep(0.05)")).await;
    let all = async || futures::future::join_all((0..4).map(|_| query())).await;
    assert!(all().await.iter().all(|answer| answer.0 == 200 && !answer.1.contains("error")));
    let script = format!("{address}\nSELECT pg_sleep(5)");
    let in_flight = post(&host, "/pg", &script);
    let cut = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        proxy.cut().await;
    };
    let started = Instant::now();
    let (Answer(_, text), ()) = tokio::join!(in_flight, cut);
    assert!(text.contains("ConnectionFailed"), "{text}");
    let Answer(status, text) = query().await;
    assert!(status == 400 && text.contains("ConnectionFailed(\"error connecting to server"), "{text}");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    proxy.give_back().await;
    let started = Instant::now();
    assert!(all().await.iter().all(|answer| answer.0 == 200 && !answer.1.contains("error")));
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_died_without_a_word_are_replaced() {
    let Some(address) = address() else { return };
    let proxy = Proxy::start(server(&address)).await;
    let (host, address) = (host_with(8).await, by_way_of(&address, &proxy));
    let query = async || post(&host, "/pg", &format!("{address}\nSELECT pg_sleep(0.2)")).await;
    let all = async || futures::future::join_all((0..8).map(|_| query())).await;
    assert!(all().await.iter().all(|answer| answer.0 == 200));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    proxy.fall_silent();
    let started = Instant::now();
    for _ in 0..4 {
        assert_eq!(query().await.0, 200);
    }
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gets_no_connection_in_time_is_told() {
    let Some(address) = address() else { return };
    // An instance each: one that waits could not take the second request.
    let setup = Setup::new("allowed_outbound_hosts = [\"postgres://127.0.0.1:*\"]")
        .runtime_config("[outbound_pg]\nmax_connections = 1")
        .with(|config| config.limits.max_instance_concurrent_reuse_count = 1);
    let host = setup.start().await;
    let script = format!("{address}\nSELECT pg_sleep(7)");
    let (occupied, refused) = tokio::join!(post(&host, "/pg", &script), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        post(&host, "/pg", &format!("{address}\nSELECT 1")).await
    });
    assert_eq!(occupied.0, 200);
    assert!(refused.0 == 400 && refused.1.contains("no connection became free"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_components_share_the_connections() {
    let Some(address) = address() else { return };
    let source = crate::common::probe().display();
    let allowed = "allowed_outbound_hosts = [\"postgres://127.0.0.1:*\"]";
    let components = ["one", "two", "three"].map(|name| {
        let route = format!("[[trigger.http]]\nroute = \"/{name}/...\"\ncomponent = \"{name}\"\n");
        format!("{route}[component.{name}]\nsource = \"{source}\"\n{allowed}\n")
    });
    let head = "spin_manifest_version = 2\n[application]\nname = \"test\"\n";
    let setup = Setup::from_manifest(&format!("{head}{}", components.join("")));
    let host = setup.runtime_config("[outbound_pg]\nmax_connections = 2").start().await;
    let named = with_option(&address, "application_name=host_test_shared");
    let script = format!(
        "{named}\nSELECT pg_sleep(0.1)\n\
         SELECT count(*) FROM pg_stat_activity WHERE application_name = 'host_test_shared'"
    );
    let paths = ["/one/pg", "/two/pg", "/three/pg"];
    let requests = (0..12).map(|index| post(&host, paths[index % paths.len()], &script));
    for Answer(status, text) in futures::future::join_all(requests).await {
        let count = text.lines().nth(1).expect("a count");
        assert!(status == 200 && ["[[DbValue::Int64(1)]]", "[[DbValue::Int64(2)]]"].contains(&count), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_too_large_is_an_error_and_no_more() {
    let Some(address) = address() else { return };
    let host = host().await;
    let lines = run(&host, &address, "SELECT repeat('x', 1000000) FROM generate_series(1, 200)\nSELECT 7").await;
    assert!(lines[0].contains("query result is too large"), "{}", lines[0]);
    assert_eq!(lines[1], "[[DbValue::Int32(7)]]");
}

/// Whether the connection is encrypted, or why there is none.
async fn encryption(host: &TestHost, address: &str) -> Result<bool, String> {
    let script = format!("{address}\nSELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    match post(host, "/pg", &script).await {
        Answer(200, text) => Ok(text.contains("Boolean(true)")),
        Answer(_, text) => Err(text),
    }
}

/// A server with TLS, and the file with the certificate that vouches for it.
fn address_with_tls() -> Option<(String, String)> {
    let certificate = std::env::var("HOST_TEST_POSTGRES_CERTIFICATE").ok().filter(|path| !path.is_empty());
    if certificate.is_none() {
        eprintln!("skipped: HOST_TEST_POSTGRES_CERTIFICATE is not set");
    }
    Some((address()?, certificate?))
}

#[tokio::test(flavor = "multi_thread")]
async fn sslmode_says_whether_the_way_is_encrypted() {
    let Some((address, certificate)) = address_with_tls() else { return };
    let host = host().await;
    let trusted = format!("&sslrootcert={certificate}");
    for (mode, encrypted) in [
        ("disable", false),
        ("prefer", true),
        ("require", true),
        (&format!("require{trusted}"), true),
        (&format!("verify-ca{trusted}"), true),
        (&format!("verify-full{trusted}"), true),
        (&format!("verify-full{trusted}&channel_binding=require"), true),
    ] {
        let address = with_option(&address, &format!("sslmode={mode}"));
        assert_eq!(encryption(&host, &address).await, Ok(encrypted), "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let Some((address, certificate)) = address_with_tls() else { return };
    let host = host().await;
    let other = Setup::new("").folder.path().join("none.pem");
    for mode in ["verify-ca", "verify-full", &format!("verify-full&sslrootcert={}", other.display()), "sometimes"] {
        let address = with_option(&address, &format!("sslmode={mode}"));
        let problem = encryption(&host, &address).await.expect_err(mode);
        assert!(
            problem.contains("certificate") || problem.contains("sslrootcert") || problem.contains("sslmode"),
            "{problem}"
        );
    }
    // The certificate is for the address, not for the name.
    let by_name = address.replace("@127.0.0.1:", "@localhost:");
    let host = Setup::new("allowed_outbound_hosts = [\"postgres://localhost:*\"]").start().await;
    let mode = |mode: &str| with_option(&by_name, &format!("sslmode={mode}&sslrootcert={certificate}"));
    assert_eq!(encryption(&host, &mode("verify-ca")).await, Ok(true));
    let problem = encryption(&host, &mode("verify-full")).await.expect_err("another name");
    assert!(problem.contains("certificate") && problem.contains("localhost"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guest_may_say_who_vouches_for_the_server() {
    let Some((address, certificate)) = address_with_tls() else { return };
    let host = host().await;
    let address = with_option(&address, "sslmode=verify-full");
    let certificate = std::fs::read_to_string(certificate).expect("a certificate");
    let script = format!("{address}\nSELECT 7\n{certificate}");
    assert_eq!(post(&host, "/pg-root", &script).await, ok("[[DbValue::Int32(7)]]"));
    let Answer(status, text) = post(&host, "/pg-root", &format!("{address}\nSELECT 7\nno certificate")).await;
    assert!(status == 400 && text.contains("not valid PEM"), "{text}");
    assert!(encryption(&host, &address).await.is_err(), "a pool of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_when_the_address_is_not_allowed() {
    let host = host().await;
    let Answer(status, text) = post(&host, "/pg", "postgres://user@192.0.2.1/db\nSELECT 1").await;
    assert!(status == 400 && text.contains("allowed_outbound_hosts"), "{text}");
    assert_eq!(get(&host, "/plain").await, ok("plain"));
}
