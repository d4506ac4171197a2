//! Who reads an answer can tell whether it is whole.

use crate::common::{Raw, Setup, http2, send};
use http::Request;
use http_body_util::{BodyExt, Full};
use std::time::Duration;

const NOT_WHOLE: [&str; 3] = ["error", "dropped", "trap"];

fn request(how: &str) -> http::request::Builder {
    Request::get(format!("http://a/ending?how={how}")).header("host", "a")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_whole_has_no_last_chunk() {
    let host = Setup::new("").start().await;
    let read = async |how: &str| {
        let mut raw = Raw::connect(&host).await;
        raw.send(format!("GET /ending?how={how} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        raw.read_until("0\r\n\r\n").await
    };
    assert!(read("well").await.ends_with("\r\n\r\n7\r\na line\n\r\n0\r\n\r\n"));
    for how in NOT_WHOLE {
        let answer = read(how).await;
        assert!(answer.ends_with("\r\n\r\n7\r\na line\n\r\n"), "{how}: {answer:?}");
        let response = send(&host, request(how).body(String::new()).expect("a request")).await;
        assert!(response.into_body().collect().await.is_err(), "{how}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_whole_is_reset_in_http2() {
    let host = Setup::new("").start().await;
    let mut sender = http2(&host).await;
    for (how, is_whole) in [("well", true), ("error", false), ("dropped", false), ("trap", false), ("well", true)] {
        let response = sender.send_request(request(how).body(Full::default()).expect("a request")).await;
        let body = response.expect("an answer").into_body().collect().await;
        assert_eq!(body.is_ok(), is_whole, "{how}: {body:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_whole_is_reset_in_http10() {
    let host = Setup::new("").start().await;
    let read = async |how: &str| {
        let mut raw = Raw::connect(&host).await;
        raw.send(format!("GET /ending?how={how} HTTP/1.0\r\n\r\n")).await;
        // The end of the connection is the end of the body.
        raw.read_to_end(Duration::from_secs(2)).await
    };
    assert!(read("well").await.ends_with("\r\n\r\na line\n"));
    for how in NOT_WHOLE {
        let answer = read(how).await;
        assert!(answer.ends_with("\nConnectionReset"), "{how}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_a_limit_or_the_shutdown_cuts_is_not_whole() {
    let setup = Setup::new("").with(|config| config.limits.request_timeout = Some(Duration::from_millis(500)));
    let stream = || Request::get("/stream?count=100&ms=100").header("host", "a").body(String::new());
    let host = setup.start().await;
    let response = send(&host, stream().expect("a request")).await;
    assert!(response.into_body().collect().await.is_err(), "cut by the time limit");
    drop(host);

    let host = Setup::new("").start().await;
    let response = send(&host, stream().expect("a request")).await;
    let reading = tokio::spawn(response.into_body().collect());
    host.shutdown(Duration::from_millis(300)).await;
    assert!(reading.await.expect("no panic").is_err(), "cut by the shutdown");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_ended_before_its_instance_failed_is_whole() {
    let host = Setup::new("").start().await;
    let response = send(&host, request("well").body(String::new()).expect("a request")).await;
    let trap = Request::get("/trap").header("host", "a").body(String::new()).expect("a request");
    assert_eq!(send(&host, trap).await.status().as_u16(), 500);
    assert_eq!(response.into_body().collect().await.expect("a whole body").to_bytes(), "a line\n");
}
