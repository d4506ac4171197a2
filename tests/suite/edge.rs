//! What clients may put around a request: bytes behind it, bytes in its headers, and any spelling of its path.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mission_control_tests::{App, World, unique};
use serde_json::Value;

/// A connection whose answers are not waited for for ever.
fn connect(app: &App) -> TcpStream {
    let connection = TcpStream::connect(app.url().trim_start_matches("http://")).expect("a connection");
    connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    connection
}

/// Sends bytes and reads the whole answer, which is noted in the transcript.
fn exchange(app: &App, connection: &mut TcpStream, request: &[u8]) -> String {
    connection.write_all(request).expect("the request is sent");
    let mut answer = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    while !is_whole(&answer) {
        let count = connection.read(&mut chunk).expect("an answer in time");
        assert!(count > 0, "the connection ended: {}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&chunk[..count]);
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, text) = answer.split_once("\r\n\r\n").expect("a whole head");
    let line = String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned();
    app.transcript().answered(&line, head, text);
    answer
}

/// Whether an answer has come to its end, which its `Content-Length` tells.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().expect("a length"));
    answer.len() >= end + 4 + length
}

#[test]
fn line_breaks_behind_a_body_delay_no_answer() {
    let app = App::start();
    let body = format!("{{\"name\":\"{}\"}}", unique("Edge"));
    let mut connection = connect(&app);
    let head = format!("Host: localhost\r\nAuthorization: Bearer {}\r\n", app.token());
    let request = format!(
        "POST /api/v1/organizations HTTP/1.1\r\n{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}\r\n",
        body.len()
    );
    let answer = exchange(&app, &mut connection, request.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer = exchange(&app, &mut connection, format!("GET /api/v1/users/me HTTP/1.1\r\n{head}\r\n").as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200 "), "the connection goes on: {answer}");
}

#[test]
fn a_path_finds_its_route_in_any_spelling() {
    // Other hosts may compare paths as they were sent.
    let Some(app) = App::with(&[("max_body_bytes", "1048576")]) else { return };
    let world = World::new(&app);
    let board = world.path("");
    let tasks = world.path("/tasks");
    for (path, encoded) in [
        ("/api/v1/boards", "/%61pi/v1/boards".to_owned()),
        ("/api/v1/users/me", "/api/v1/%75%73ers/me".to_owned()),
        ("/healthz", "/%68ealthz".to_owned()),
        ("/nope", "/%6eope".to_owned()),
        (&board, board.replace("boards", "%62oards").replace('-', "%2D")),
        (&tasks, tasks.replace("tasks", "task%73")),
    ] {
        let (plain, other) = (world.user.get(path), world.user.get(&encoded));
        assert_eq!(plain.status, other.status, "{encoded}: {}", other.text);
        assert!(plain.status == 200 || path == "/nope", "{path}: {}", plain.text);
    }
}

#[test]
fn header_values_that_are_no_text_fail_nothing() {
    // Not all hosts hand such values on.
    let limits = [("agent_auth_limit", "0"), ("user_auth_limit", "0"), ("webhook_ingest_limit", "0")];
    let Some(app) = App::with(&limits) else { return };
    let document: Value = serde_json::from_str(mission_control_system::OPENAPI).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths");
    let names = [
        "X-Odd",
        "Authorization",
        "X-Agent-Token",
        "Cookie",
        "Accept",
        "Origin",
        "User-Agent",
        "X-Request-Id",
        "X-Forwarded-For",
        "Forwarded",
        "Last-Event-ID",
        "X-Organization-Id",
        "Content-Type",
        "If-None-Match",
    ];
    for path in paths.keys().filter(|path| !path.ends_with("/stream")) {
        let path = path
            .split('/')
            .map(|part| if part.starts_with('{') { "00000000-0000-4000-8000-000000000000" } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        for name in names {
            let mut request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{name}: caf").into_bytes();
            request.extend(b"\xe9 \xff\xfe\r\n\r\n");
            let answer = exchange(&app, &mut connect(&app), &request);
            assert!(!answer.starts_with("HTTP/1.1 5"), "{path} with {name}: {answer}");
            assert!(answer.to_ascii_lowercase().contains("\r\nx-request-id: "), "{path} with {name}: {answer}");
        }
    }
}
