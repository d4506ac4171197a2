//! What clients may send, and what they are told when they may not.

use crate::common::{Raw, Setup, http2, raw_status};
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const POST: &str = "POST /echo HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello";
const GET: &str = "GET /plain HTTP/1.1\r\nhost: a\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn bytes_behind_a_body_do_not_delay_its_answer() {
    let host = Setup::new("").start().await;
    for behind in ["", "\r\n", "\n", "\r\n\r\n", "garbage", "\0\u{1}", "GET /pl", GET, "POST /echo HTTP/1.1\r\nhost:"] {
        let mut raw = Raw::connect(&host).await;
        raw.send(format!("{POST}{behind}")).await;
        let answer = raw.read_until("hello").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\r\nhello"), "{behind:?}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_behind_one_another_are_answered_in_order() {
    let host = Setup::new("").start().await;
    let mut raw = Raw::connect(&host).await;
    raw.send(format!("{POST}\r\n{GET}")).await;
    let answers = raw.read_answers(2).await;
    assert!(answers.find("hello") < answers.find("plain"), "{answers:?}");
    raw.send(format!("{POST}\r\nGET /pl")).await;
    assert!(raw.read_answers(1).await.contains("\r\nhello\r\n"));
    raw.send("ain HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(raw.read_answers(1).await.contains("\r\nplain\r\n"));
    raw.send(format!("{POST}garbage\r\n\r\n")).await;
    let answers = raw.read_to_end(Duration::from_secs(2)).await;
    assert!(answers.find("hello") < answers.find("HTTP/1.1 400 Bad Request"), "{answers:?}");
    assert!(!answers.contains("nothing more in time"), "the connection stays open: {answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_answered() {
    let host = Setup::new("").start().await;
    let headers = |count: usize| (0..count).map(|index| format!("x-{index}: y\r\n")).collect::<String>();
    let head = |rest: &str| format!("POST /echo HTTP/1.1\r\nhost: a\r\n{rest}\r\n");
    for (request, status) in [
        ("\u{16}\u{3}\u{1}garbage\r\n\r\n".to_owned(), 400),
        ("garbage\r\n\r\n".to_owned(), 400),
        ("GET /plain HTTP/9.9\r\nhost: a\r\n\r\n".to_owned(), 400),
        (head("content-length: x\r\n"), 400),
        (head("content-length: 1\r\ncontent-length: 2\r\n"), 400),
        (head("transfer-encoding: rot13\r\n"), 400),
        (head("no colon\r\n"), 400),
        (head(" folded: y\r\n"), 400),
        (head("transfer-encoding: chunked\r\n") + "zz\r\n", 400),
        (head("transfer-encoding: chunked\r\n") + "5\r\nhelloX", 400),
        (head("transfer-encoding: chunked\r\n") + "ffffffffffffffffff\r\n", 400),
        (head(&headers(101)), 431),
        (head(&format!("x: {}\r\n", "y".repeat(200_000))), 431),
        (head(&format!("x: {}\r\n", "y".repeat(4_000_000))), 431),
        (format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "x".repeat(70_000)), 414),
        (head(&headers(99)), 200),
    ] {
        let mut raw = Raw::connect(&host).await;
        raw.send(&request).await;
        let answer = raw.read_until("\r\n\r\n").await;
        let begin = request.chars().take(60).collect::<String>();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{begin:?}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_end_of_the_body_arrives() {
    let host = Setup::new("").start().await;
    for length in [100_000, 20_000_000] {
        let mut raw = Raw::connect(&host).await;
        raw.send(format!("POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n")).await;
        // Most of what is sent now comes after the answer.
        raw.send(vec![b'x'; length]).await;
        let answer = raw.read_until("early").await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{length}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_wait_until_its_body_is_wanted() {
    let host = Setup::new("").start().await;
    let head =
        |path: &str| format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\nexpect: 100-continue\r\n\r\n");
    let mut raw = Raw::connect(&host).await;
    raw.send(head("/early")).await;
    assert!(raw.read_until("early").await.starts_with("HTTP/1.1 401 "), "the body is not asked for");
    let mut raw = Raw::connect(&host).await;
    raw.send(head("/echo")).await;
    assert_eq!(raw.read_until("\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    raw.send("hello").await;
    assert!(raw.read_until("hello").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_needs_one_valid_host() {
    let host = Setup::new("").start().await;
    for (head, status) in [
        ("GET /plain HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        ("GET /plain HTTP/1.1\r\nHOST:   [::1]:80\r\n\r\n", 200),
        ("GET /plain HTTP/1.1\r\n\r\n", 400),
        ("GET /plain HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", 400),
        ("GET /plain HTTP/1.1\r\nhost:\r\n\r\n", 400),
        ("GET /plain HTTP/1.1\r\nhost: a/b\r\n\r\n", 400),
        ("GET /plain HTTP/1.1\r\nhost: \u{e4}\r\n\r\n", 400),
        ("GET /.well-known/spin/health HTTP/1.1\r\n\r\n", 400),
        ("GET /missing HTTP/1.1\r\n\r\n", 400),
        ("GET http://b:81/plain HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        ("GET http://b:81/plain HTTP/1.1\r\n\r\n", 400),
        ("OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n", 400),
        ("GET /plain HTTP/1.0\r\n\r\n", 200),
        ("GET /plain HTTP/1.0\r\nhost: a\r\n\r\n", 200),
        ("GET /plain HTTP/1.0\r\nhost:\r\n\r\n", 400),
    ] {
        assert_eq!(raw_status(&host, head).await, status, "{head:?}");
    }
    let mut raw = Raw::connect(&host).await;
    raw.send("GET http://b:81/request?x HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let answer = raw.read_until("\n\n").await;
    assert!(answer.contains("GET http://b:81/request?x\n"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn http2_is_spoken_to_who_speaks_it() {
    let host = Setup::new("").start().await;
    let sender = http2(&host).await;
    let mut requests = JoinSet::new();
    for index in 0..50 {
        let mut sender = sender.clone();
        let body = format!("{index} ").repeat(20_000);
        requests.spawn(async move {
            let request = Request::post("http://a/echo").body(Full::new(Bytes::from(body.clone()))).expect("a request");
            let response = sender.send_request(request).await.expect("an answer");
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), body);
        });
    }
    requests.join_all().await;
    let mut sender = sender;
    let request = Request::get("http://a/stream?count=3&ms=50").body(Full::default()).expect("a request");
    let response = sender.send_request(request).await.expect("an answer");
    assert_eq!(response.into_body().collect().await.expect("a body").to_bytes(), "chunk 0\nchunk 1\nchunk 2\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_kept_as_long_as_it_is_told() {
    let setup = Setup::new("").with(|config| {
        config.limits.keep_alive_timeout = Duration::from_millis(1500);
        config.limits.header_read_timeout = Duration::from_millis(300);
    });
    let host = setup.start().await;
    for (behind, least, most) in [("", 1400, 4000), ("\r\n", 1400, 4000), ("GET /", 200, 1300)] {
        let mut raw = Raw::connect(&host).await;
        raw.send(GET).await;
        raw.read_until("plain\r\n0\r\n\r\n").await;
        let start = Instant::now();
        raw.send(behind).await;
        assert_eq!(raw.read_to_end(Duration::from_secs(6)).await, "");
        let passed = start.elapsed().as_millis();
        assert!((least..most).contains(&passed), "{behind:?}: {passed} ms");
    }
    // A request that takes longer is no idle time.
    let mut raw = Raw::connect(&host).await;
    raw.send("GET /sleep?ms=2000 HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(raw.read_until("slept").await.contains("slept"));
}
