//! Which component answers, and what it learns about the request.

use crate::common::{Answer, Setup, get, ok, probe, send, status, text};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;

const TWO_ROUTES: &str = r#"
    [[trigger.http]]
    route = "/request"
    component = "probe"
    [[trigger.http]]
    route = "/other/:id/..."
    component = "other"
"#;

fn two_components() -> Setup {
    let source = probe().display();
    Setup::with_head(TWO_ROUTES, &format!("[component.other]\nsource = \"{source}\""))
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_without_a_route_are_not_found() {
    let host = two_components().start().await;
    assert_eq!(get(&host, "/").await, Answer(404, String::new()));
    assert_eq!(get(&host, "/request/more").await.0, 404);
    assert_eq!(get(&host, "/other").await.0, 404);
    assert_eq!(get(&host, "/request").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn host_headers_come_after_the_clients_own() {
    let host = two_components().start().await;
    let request = Request::get("/other/request?x=y")
        .header("host", "example.com:81")
        .header("spin-client-addr", "forged")
        .header("spin-path-info", "/forged");
    let response = send(&host, request.body(String::new()).expect("a request")).await;
    let body = text(response).await;
    let lines: Vec<_> = body.lines().collect();
    assert_eq!(lines[0], "GET http://example.com:81/other/request?x=y");
    let position = |line: &str| lines.iter().position(|other| *other == line);
    let own_address = lines.iter().rposition(|line| line.starts_with("spin-client-addr: 127.0.0.1:"));
    assert!(position("spin-client-addr: forged") < own_address, "{body}");
    assert!(position("spin-path-info: /forged") < position("spin-path-info: "), "{body}");
    for line in [
        "spin-full-url: http://example.com:81/other/request?x=y",
        "spin-matched-route: /other/:id/...",
        "spin-raw-component-route: /other/:id/...",
        "spin-component-route: /other/:id",
        "spin-base-path: /",
        "spin-path-match-id: request",
    ] {
        assert!(position(line).is_some(), "{line} is not in {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reserved_paths_answer() {
    let host = Setup::new("").start().await;
    assert_eq!(get(&host, "/.well-known/spin/health").await, ok("OK"));
    let info = get(&host, "/.well-known/spin/info").await.1;
    assert_eq!(info, r#"{"name":"test","version":"1.2.3"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_response_headers_are_errors() {
    let host = Setup::new("").start().await;
    for name in ["connection", "keep-alive", "transfer-encoding", "upgrade", "host"] {
        let path = format!("/forbidden?name={name}");
        assert_eq!(get(&host, &path).await.0, 500, "{name}");
    }
    assert_eq!(get(&host, "/forbidden?name=x-fine").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn header_values_reach_the_component_as_bytes() {
    let host = Setup::new("").start().await;
    for value in [&b"\xff\xfe"[..], "J\u{fc}rgen".as_bytes(), b"caf\xe9"] {
        let value = HeaderValue::from_bytes(value).expect("a value");
        let request = Request::get("/header?name=x-odd").header("host", "a").header("x-odd", &value);
        let response = send(&host, request.body(String::new()).expect("a request")).await;
        assert_eq!(response.status(), StatusCode::OK);
        let body = response.into_body().collect().await.expect("a whole body").to_bytes();
        assert_eq!(body, value.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_finds_its_route_however_it_is_encoded() {
    let host = two_components().start().await;
    for path in ["/%72equest", "/%72%65%71%75%65%73%74"] {
        // The component sees it as it was sent.
        assert_eq!(get(&host, path).await, Answer(400, format!("no such call: {path}")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_routes_with_one_pattern_stop_the_start() {
    let head = "[[trigger.http]]\nroute = \"/a/:x\"\ncomponent = \"probe\"\n\
                [[trigger.http]]\nroute = \"/a/:y\"\ncomponent = \"other\"";
    let setup = Setup::with_head(head, &format!("[component.other]\nsource = \"{}\"", probe().display()));
    let error = setup.error().await;
    assert!(error.contains("routes /a/:x of component 'probe' and /a/:y of component 'other'"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_and_long_targets_do_no_harm() {
    let host = Setup::new("").start().await;
    let body = "x".repeat(8 << 20);
    assert_eq!(crate::common::post(&host, "/echo", &body).await, ok(body));
    let long_uri = Request::get(format!("/plain?{}", "q".repeat(60_000)));
    assert_eq!(status(&host, long_uri).await, StatusCode::OK);
    assert_eq!(get(&host, "/plain").await, ok("plain"));
}
