//! Requests whose body never comes, or need not come.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mission_control_tests::{App, World};
use serde_json::json;

use super::{ME, ORGANIZATIONS};

/// Connects and sends the head of a request and these bytes of its body.
fn begin(app: &App, method: &str, path: &str, headers: &str, body: &[u8]) -> TcpStream {
    let mut connection = TcpStream::connect(app.url().trim_start_matches("http://")).expect("a connection");
    connection.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
    connection.write_all(&[head.as_bytes(), body].concat()).expect("the request is sent");
    connection
}

/// Reads one answer with a `Content-Length`, and gives its status.
fn status(connection: &mut TcpStream) -> u16 {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).expect("a head");
        answer.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&answer).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    connection.read_exact(&mut body).expect("a body");
    head.get(9..12).and_then(|status| status.parse().ok()).expect("a status")
}

#[test]
fn what_the_head_gives_away_is_refused_without_waiting_for_the_body() {
    let app = App::start();
    let world = World::new(&app);
    let signed = json!({"description": "x", "secret": "the-secret-of-a-webhook"});
    let webhook = world.user.post(&world.path("/webhooks"), signed).expect(200);
    let webhook = webhook["endpoint_path"].as_str().expect("a path");
    let disabled = world.user.post(&world.path("/webhooks"), json!({"description": "x", "enabled": false})).expect(200);
    let disabled = disabled["endpoint_path"].as_str().expect("a path");
    let unknown = world.path("/webhooks/11111111-1111-4111-8111-111111111111");
    let foreign_board = "/api/v1/boards/11111111-1111-4111-8111-111111111111/memory";
    let bearer = format!("Authorization: Bearer {}\r\n", app.token());
    let with_bearer = |headers: &str| format!("{bearer}{headers}");
    let (short, long) = ("Content-Length: 1000\r\n", "Content-Length: 99999999\r\n");
    let chunked = "Transfer-Encoding: chunked\r\n";
    for (method, path, headers, expected) in [
        ("POST", ORGANIZATIONS, short.to_owned(), 401),
        ("POST", ORGANIZATIONS, chunked.to_owned(), 401),
        ("POST", ORGANIZATIONS, long.to_owned(), 401),
        ("POST", ORGANIZATIONS, with_bearer(long), 413),
        ("POST", ORGANIZATIONS, with_bearer(&format!("{short}Content-Encoding: br\r\n")), 415),
        ("POST", foreign_board, with_bearer(short), 404),
        ("POST", "/nope", short.to_owned(), 404),
        ("PUT", ME, short.to_owned(), 405),
        ("POST", "/api/v1/organizations/", short.to_owned(), 307),
        ("GET", ME, with_bearer(short), 200),
        ("POST", "/api/v1/agent/heartbeat", short.to_owned(), 401),
        ("POST", "/internal/tick", short.to_owned(), 401),
        ("POST", &unknown, short.to_owned(), 404),
        ("POST", disabled, short.to_owned(), 410),
        ("POST", webhook, short.to_owned(), 403),
        ("POST", webhook, chunked.to_owned(), 403),
        ("POST", webhook, long.to_owned(), 413),
    ] {
        let started = Instant::now();
        let first = if headers.contains("chunked") { &b"3e8\r\nx"[..] } else { b"x" };
        let mut connection = begin(&app, method, path, &headers, first);
        assert_eq!(status(&mut connection), expected, "{method} {path} {headers}");
        assert!(started.elapsed() < Duration::from_secs(5), "{method} {path} {headers}");
        // Nor is the connection kept for the rest.
        assert_eq!(connection.read(&mut [0]).unwrap_or_default(), 0, "{method} {path} {headers}");
        assert!(started.elapsed() < Duration::from_secs(10), "{method} {path} {headers}");
    }
}

#[test]
fn who_sends_a_whole_body_sees_the_answer_and_keeps_the_connection() {
    let app = App::start();
    for length in [10, 1_000_000] {
        let headers = format!("Content-Length: {length}\r\n");
        let mut connection = begin(&app, "POST", ORGANIZATIONS, &headers, &vec![b'x'; length]);
        assert_eq!(status(&mut connection), 401);
        connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("the next is sent");
        assert_eq!(status(&mut connection), 200);
    }
}

#[test]
fn who_waits_to_be_asked_for_a_body_is_not_asked_in_vain() {
    let app = App::start();
    let mut connection = begin(&app, "POST", ORGANIZATIONS, "Content-Length: 1000\r\nExpect: 100-continue\r\n", b"");
    assert_eq!(status(&mut connection), 401);
}
