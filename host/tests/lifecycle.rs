//! Starting, stopping, and what keeps the host from starting.

use crate::common::{Setup, get, ok, post, send, text};
use http::Request;
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_lets_requests_end() {
    let host = Setup::new("").start().await;
    let address = host.addr();
    let request = Request::get("/sleep?ms=500").header("host", "localhost");
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(stream)).await.expect("a connection");
    tokio::spawn(connection);
    let answer = tokio::spawn(sender.send_request(request.body(String::new()).expect("a request")));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let start = Instant::now();
    host.shutdown(Duration::from_secs(5)).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let response = answer.await.expect("no panic").expect("a response");
    assert_eq!(text(response).await, "slept");
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_cuts_what_does_not_end() {
    let host = Setup::new("").start().await;
    let request = Request::get("/stream?count=1000&ms=100").header("host", "localhost");
    let response = send(&host, request.body(String::new()).expect("a request")).await;
    let start = Instant::now();
    host.shutdown(Duration::from_millis(300)).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    drop(response);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_does_not_delay_the_shutdown() {
    let host = Setup::new("").start().await;
    let _idle = TcpStream::connect(host.addr()).await.expect("a connection");
    assert_eq!(get(&host, "/plain").await, ok("plain"));
    let start = Instant::now();
    host.shutdown(Duration::from_secs(5)).await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_outlives_a_restart_and_is_private() {
    let setup = Setup::new("sqlite_databases = [\"default\"]");
    let host = setup.start().await;
    post(&host, "/sql", "PRAGMA journal_mode = WAL\nCREATE TABLE t (a)\nINSERT INTO t VALUES (7)").await;
    host.shutdown(Duration::from_secs(1)).await;
    let state = &setup.config.state_dir;
    assert_eq!(state.metadata().expect("a folder").permissions().mode() & 0o777, 0o700);
    assert!(!state.join("mission-control.db-wal").exists(), "the last connection was not closed");
    let host = setup.start().await;
    assert!(post(&host, "/sql", "SELECT a FROM t").await.1.contains("Integer(7)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_host_frees_its_state() {
    let setup = Setup::new("");
    drop(setup.start().await);
    setup.start().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hook_before_the_start_knows_the_database() {
    let setup = Setup::new("sqlite_databases = [\"default\"]").with(|config| {
        config.before_start = Some(|prepared| {
            anyhow::ensure!(prepared.database.ends_with("state/mission-control.db"));
            std::fs::write(prepared.database.with_extension("migrated"), "")?;
            Ok(())
        });
    });
    setup.start().await;
    assert!(setup.config.state_dir.join("mission-control.migrated").exists());
    let setup = setup.with(|config| config.before_start = Some(|_| anyhow::bail!("not today")));
    assert!(setup.error().await.contains("not today"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_cannot_share_a_state_folder() {
    let setup = Setup::new("");
    let _host = setup.start().await;
    let error = setup.error().await;
    assert!(error.contains("another process uses the state folder"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address");
    let error = Setup::new("").with(|config| config.listen = address).error().await;
    assert!(error.contains(&format!("{address} is already in use")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_and_broken_files_are_named() {
    let route = "[[trigger.http]]\nroute = \"/...\"\ncomponent = \"a\"\n[component.a]\nsource = \"a.wasm\"";
    let manifest = format!("spin_manifest_version = 2\n[application]\nname = \"test\"\n{route}");
    let setup = Setup::from_manifest(&manifest);
    let error = setup.error().await;
    assert!(error.contains("a.wasm") && error.contains("build the application first"), "{error}");
    std::fs::write(setup.folder.path().join("a.wasm"), "no wasm").expect("written");
    let error = setup.error().await;
    assert!(error.contains("is not a component this host can run"), "{error}");

    let error = Setup::from_manifest("spin_manifest_version = 2\n[application").error().await;
    assert!(error.contains("spin.toml is not valid"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_database_is_named() {
    let setup = Setup::new("sqlite_databases = [\"default\"]");
    std::fs::create_dir(&setup.config.state_dir).expect("a folder");
    std::fs::write(setup.config.state_dir.join("mission-control.db"), [1; 9000]).expect("written");
    let error = setup.error().await;
    assert!(error.contains("mission-control.db is damaged"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_variables_and_labels_are_named() {
    let setup = Setup::new("");
    let error = setup.with(|config| drop(config.variables.insert("x".to_owned(), String::new()))).error().await;
    assert!(error.contains("variable 'x' is not declared"), "{error}");
    let error = Setup::new("sqlite_databases = [\"archive\"]").error().await;
    assert!(error.contains("archive"), "{error}");
}
