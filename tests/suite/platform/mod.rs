//! What holds for every route.

mod bodies;
mod browsers;
mod encodings;
mod limits;
mod queries;
mod routing;
mod secrets;
mod settings;
mod shared_limits;
mod unfinished;

use std::io::{Read, Write};
use std::net::TcpStream;

use mission_control_tests::App;
use serde_json::Value;

const ME: &str = "/api/v1/users/me";
const BOARDS: &str = "/api/v1/boards";
const ORGANIZATIONS: &str = "/api/v1/organizations";
const JSON: (&str, &str) = ("content-type", "application/json");

/// An answer read off the wire as it came.
struct Plain {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl Plain {
    fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// Sends what no proper client would; header lines end with `\r\n`. A body needs a header that announces it.
#[track_caller]
fn send(app: &App, method: &str, path: &str, headers: impl AsRef<[u8]>, body: &[u8]) -> Plain {
    let headers = headers.as_ref();
    let address = app.url().trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).expect("a connection");
    let host = if headers.windows(6).any(|name| name == b"Host: ") { "" } else { "Host: localhost\r\n" };
    let start = format!("{method} {path} HTTP/1.1\r\n{host}");
    let request = [start.as_bytes(), headers, b"Connection: close\r\n\r\n", body].concat();
    connection.write_all(&request).expect("the request is sent");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).expect("an answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, text) = answer.split_once("\r\n\r\n").expect("a head");
    app.transcript().answered(&format!("{method} {path}"), head, text);
    let status = head.get(9..12).and_then(|code| code.parse().ok()).expect("a status");
    let line = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Plain { status, headers: head.lines().filter_map(line).collect(), text: text.to_owned() }
}
