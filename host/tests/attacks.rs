//! Clients that take what they can get: others are served all the same.

use crate::common::{Raw, Setup, TestHost, get, http2, ok, post};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const SECOND: Duration = Duration::from_secs(1);

fn head(path: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n")
}

/// Somebody else's request is answered, and soon.
async fn others_are_served(host: &TestHost) {
    for _ in 0..3 {
        let start = Instant::now();
        assert_eq!(post(host, "/echo", "hello").await, ok("hello"));
        assert!(start.elapsed() < SECOND, "{:?}", start.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_ends_its_request() {
    let setup = Setup::new("").with(|config| config.limits.stall_timeout = SECOND);
    let host = Arc::new(setup.start().await);
    let mut clients = JoinSet::new();
    for _ in 0..200 {
        let host = host.clone();
        clients.spawn(async move {
            let mut raw = Raw::connect(&host).await;
            raw.send(head("/echo", 100) + "x").await;
            raw.read_to_end(SECOND * 5).await
        });
    }
    tokio::time::sleep(SECOND / 2).await;
    others_are_served(&host).await;
    let start = Instant::now();
    for answer in clients.join_all().await {
        assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer:?}");
        assert!(answer.to_ascii_lowercase().contains("connection: close"), "{answer:?}");
        assert!(!answer.contains("in time"), "{answer:?}");
    }
    assert!(start.elapsed() < SECOND * 2, "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_drips_ends_its_request_and_a_slow_one_arrives() {
    let setup = Setup::new("").with(|config| {
        config.limits.stall_timeout = SECOND;
        config.limits.min_transfer_rate = 1000;
    });
    let host = setup.start().await;
    let drip = async |bytes: usize| {
        let mut raw = Raw::connect(&host).await;
        raw.send(head("/echo", bytes * 20)).await;
        for _ in 0..20 {
            raw.send(vec![b'x'; bytes]).await;
            tokio::time::sleep(SECOND / 8).await;
        }
        raw.read_until("\r\n\r\n").await
    };
    let (dripping, slow) = tokio::join!(drip(1), drip(200));
    assert!(dripping.starts_with("HTTP/1.1 408 "), "{dripping:?}");
    assert!(slow.starts_with("HTTP/1.1 200 "), "{slow:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_a_deadline_however_fast_it_comes() {
    let setup = Setup::new("").with(|config| config.limits.body_timeout = SECOND);
    let host = setup.start().await;
    let mut raw = Raw::connect(&host).await;
    raw.send(head("/echo", 1 << 20)).await;
    for _ in 0..15 {
        raw.send(vec![b'x'; 4096]).await;
        tokio::time::sleep(SECOND / 10).await;
    }
    assert!(raw.read_until("\r\n\r\n").await.starts_with("HTTP/1.1 408 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_takes_its_time_is_not_its_clients_fault() {
    let setup = Setup::new("").with(|config| config.limits.stall_timeout = SECOND / 4);
    let host = Arc::new(setup.start().await);
    let busy = tokio::spawn({
        let host = host.clone();
        async move { get(&host, "/busy?ms=1000").await }
    });
    assert_eq!(post(&host, "/sleep?ms=700", &"x".repeat(1 << 20)).await, ok("slept"));
    assert_eq!(busy.await.expect("no panic"), ok("done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_body_is_reset_or_answered_in_http2() {
    let setup = Setup::new("").with(|config| config.limits.stall_timeout = SECOND / 2);
    let host = setup.start().await;
    let mut sender = http2(&host).await;
    let (body_sender, body) = futures::channel::mpsc::unbounded::<Result<hyper::body::Frame<Bytes>, std::io::Error>>();
    body_sender.unbounded_send(Ok(hyper::body::Frame::data(Bytes::from_static(b"x")))).expect("sent");
    let stream = tokio::net::TcpStream::connect(host.addr()).await.expect("a connection");
    let (mut stalled, connection) = hyper::client::conn::http2::handshake(
        hyper_util::rt::TokioExecutor::new(),
        hyper_util::rt::TokioIo::new(stream),
    )
    .await
    .expect("a connection");
    tokio::spawn(connection);
    let request = Request::post("http://a/echo").body(http_body_util::StreamBody::new(body)).expect("a request");
    let response = tokio::time::timeout(SECOND * 3, stalled.send_request(request)).await.expect("in time");
    assert_eq!(response.expect("an answer").status().as_u16(), 408);
    let request = Request::get("http://a/plain").body(Full::default()).expect("a request");
    assert_eq!(sender.send_request(request).await.expect("an answer").status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_held_have_a_bound_and_small_ones_fit_always() {
    let setup = Setup::new("").with(|config| config.limits.max_buffered_body_bytes = 4 << 20);
    let host = setup.start().await;
    let hold = async || {
        let mut raw = Raw::connect(&host).await;
        // All but the last byte.
        raw.send(head("/echo", (1 << 20) + 1)).await;
        raw.send(vec![b'x'; 1 << 20]).await;
        raw
    };
    let large = "x".repeat(1 << 20);
    let mut held = Vec::new();
    loop {
        let mut raw = hold().await;
        let answer = raw.read_to_end(SECOND / 2).await;
        if !answer.ends_with("nothing more in time") {
            assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1"), "{answer:?}");
            break;
        }
        held.push(raw);
    }
    assert_eq!(held.len(), 4, "as many as fit");
    assert_eq!(post(&host, "/echo", &large).await.0, 503);
    others_are_served(&host).await;
    drop(held);
    let start = Instant::now();
    while post(&host, "/echo", &large).await.0 != 200 {
        assert!(start.elapsed() < SECOND * 3, "the bytes are not given back");
        tokio::time::sleep(SECOND / 20).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_give_way_and_busy_ones_have_a_bound() {
    let setup = Setup::new("").with(|config| {
        config.limits.max_connections = 30;
        config.limits.max_connections_per_address = 20;
    });
    let host = setup.start().await;
    let mut idle = Vec::new();
    for _ in 0..40 {
        let mut raw = Raw::connect(&host).await;
        raw.send("GET /plain HTTP/1.1\r\nhost:").await;
        idle.push(raw);
    }
    others_are_served(&host).await;
    assert_eq!(idle[0].read_to_end(SECOND).await, "", "the oldest is closed");
    drop(idle);

    let mut busy = Vec::new();
    for _ in 0..20 {
        let mut raw = Raw::connect(&host).await;
        raw.send("GET /sleep?ms=2000 HTTP/1.1\r\nhost: a\r\n\r\n").await;
        busy.push(raw);
    }
    tokio::time::sleep(SECOND / 4).await;
    let mut raw = Raw::connect(&host).await;
    raw.send("GET /plain HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let answer = raw.read_to_end(SECOND).await;
    assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1"), "{answer:?}");
    // Another address has places left.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.2:0".parse().expect("an address")).expect("bound");
    let mut other = Raw(socket.connect(host.addr()).await.expect("a connection"));
    other.send("GET /plain HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(other.read_until("plain").await.starts_with("HTTP/1.1 200 "));
    for raw in &mut busy {
        assert!(raw.read_until("slept").await.starts_with("HTTP/1.1 200 "), "who was in stays in");
    }
    assert_eq!(get(&host, "/plain").await, ok("plain"));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_one_address_have_a_bound_in_http2_too() {
    let setup = Setup::new("").with(|config| config.limits.max_connections_per_address = 10);
    let host = setup.start().await;
    let sender = http2(&host).await;
    let mut requests = JoinSet::new();
    for _ in 0..15 {
        let mut sender = sender.clone();
        requests.spawn(async move {
            let request = Request::get("http://a/sleep?ms=500").body(Full::default()).expect("a request");
            sender.send_request(request).await.expect("an answer").status().as_u16()
        });
    }
    let mut statuses = requests.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 10], vec![503; 5]].concat());
}

/// How many chunks the component got rid of, once it has noticed that its reader is gone.
async fn taken_by_the_gone(setup: &Setup) -> usize {
    let start = Instant::now();
    loop {
        let output = setup.output();
        if let Some(count) = output.lines().find_map(|line| line.strip_prefix("gone after ")) {
            return count.parse().expect("a number");
        }
        assert!(start.elapsed() < SECOND * 6, "the component does not notice: {output:?}");
        tokio::time::sleep(SECOND / 20).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_is_dropped_and_little_waits_for_it() {
    let setup = Setup::new("").with(|config| config.limits.stall_timeout = SECOND);
    let host = setup.start().await;
    let mut raw = Raw::connect(&host).await;
    raw.send("GET /flood?count=100000&kib=16 HTTP/1.1\r\nhost: a\r\n\r\n").await;
    raw.read_until("xxx").await;
    others_are_served(&host).await;
    let chunks = taken_by_the_gone(&setup).await;
    // The kernel of the client holds up to 6 MiB more; what the host holds is far less.
    assert!(chunks * 16 < 8 << 10, "{chunks} chunks were taken");
    assert!(raw.read_to_end(SECOND * 5).await.ends_with("\nConnectionReset"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_stops_is_dropped_in_http2_and_its_connection_lives() {
    let setup = Setup::new("").with(|config| config.limits.stall_timeout = SECOND);
    let host = setup.start().await;
    let mut sender = http2(&host).await;
    let request = |path: &str| Request::get(format!("http://a{path}")).body(Full::default()).expect("a request");
    let response = sender.send_request(request("/flood?count=100000&kib=16")).await.expect("an answer");
    let chunks = taken_by_the_gone(&setup).await;
    assert!(chunks * 16 < 8 << 10, "{chunks} chunks were taken");
    let plain = sender.send_request(request("/plain")).await.expect("an answer");
    assert_eq!(plain.into_body().collect().await.expect("a body").to_bytes(), "plain");
    assert!(response.into_body().collect().await.is_err(), "the answer is not whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_gets_everything() {
    let setup = Setup::new("").with(|config| config.limits.stall_timeout = SECOND);
    let host = setup.start().await;
    let request = Request::get("/flood?count=64&kib=256").header("host", "a").body(String::new()).expect("a request");
    let mut body = crate::common::send(&host, request).await.into_body();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame.expect("no error").into_data().expect("data").len();
        tokio::time::sleep(SECOND / 200).await;
    }
    assert_eq!(length, 16 << 20);
}
