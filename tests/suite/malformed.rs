//! Bad input is normal input: whatever is sent to whatever route, the answer is one of ours, never a 5xx, and the
//! connection stays usable.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use mission_control_tests::{App, Transcript, World};
use serde_json::{Value, json};

const REQUESTS: usize = 10_000;

/// Requests on one connection, before a new one is opened.
const PER_CONNECTION: usize = 200;

#[test]
fn ten_thousand_malformed_requests_never_fail_the_server() {
    // The limits would answer 429 to most of it.
    let limits = [("webhook_ingest_limit", "0"), ("agent_auth_limit", "0"), ("user_auth_limit", "0")];
    let Some(app) = App::with(&limits) else { return };
    let world = World::new(&app);
    let operations = operations();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let ids = Ids::of(&world);
    let mut sent = 0;
    while sent < REQUESTS {
        let mut connection = Connection::open(app.url(), app.transcript());
        for _ in 0..PER_CONNECTION {
            let request = malformed(&mut random, &operations, &ids, &app, &world);
            let status = connection.send(&request);
            assert!(
                (200..500).contains(&status),
                "request {sent} was answered {status}: {}",
                String::from_utf8_lossy(request.get(..request.len().min(2_000)).unwrap_or_default())
            );
            sent += 1;
        }
    }
    app.anonymous().get("/healthz").expect(200);
    world.user.get(&world.path("")).expect(200);
}

/// Method and path of every documented operation.
fn operations() -> Vec<(String, String)> {
    let document: Value = serde_json::from_str(mission_control_system::OPENAPI).expect("the document is JSON");
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().into_iter().flatten().map(move |(method, _)| (method.to_uppercase(), path.clone()))
        })
        // Deleting what the other requests need would only make them shallow.
        .filter(|(method, path)| !(method == "DELETE" && (path.ends_with("/{board_id}") || path.ends_with("/me"))))
        .collect()
}

/// Ids that exist, so that requests reach beyond the look-ups.
struct Ids {
    board: String,
    task: String,
    agent: String,
    gateway: String,
    webhook: String,
}

impl Ids {
    fn of(world: &World<'_>) -> Self {
        let text = |value: &Value| value["id"].as_str().expect("an id").to_owned();
        Self {
            board: world.board_id().to_owned(),
            task: text(&world.make_task("Known", json!({}))),
            agent: world.worker.id.clone(),
            gateway: world.gateway_id().to_owned(),
            webhook: text(&world.user.post(&world.path("/webhooks"), json!({"description": "x"})).expect(200)),
        }
    }

    fn known(&self, name: &str) -> &str {
        match name {
            "board_id" => &self.board,
            "task_id" => &self.task,
            "agent_id" => &self.agent,
            "gateway_id" => &self.gateway,
            _ => &self.webhook,
        }
    }
}

fn malformed(random: &mut Random, operations: &[(String, String)], ids: &Ids, app: &App, world: &World<'_>) -> Vec<u8> {
    let (method, path) = random.pick(operations);
    let method = if random.one_in(12) { *random.pick(METHODS) } else { method.as_str() };
    let mut target = String::new();
    for segment in path.split('/').skip(1) {
        target.push('/');
        match segment.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if random.one_in(3) => target.push_str(random.pick::<&str>(BAD_SEGMENTS)),
            Some(name) => target.push_str(ids.known(name)),
            None => target.push_str(segment),
        }
    }
    if random.one_in(3) {
        target.push('?');
        target.push_str(random.pick::<&str>(BAD_QUERIES));
    }
    let credentials = match random.below(5) {
        0 => String::new(),
        1 => format!("X-Agent-Token: {}\r\n", world.worker.token),
        2 => format!("X-Agent-Token: {}\r\n", world.lead.token),
        _ => format!("Authorization: Bearer {}\r\n", app.token()),
    };
    let body = bad_body(random);
    let content_type = random.pick(CONTENT_TYPES);
    let mut request = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\n{credentials}{content_type}Content-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend(body);
    request
}

/// Not DELETE: without a board the other requests would be shallow.
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"];

const CONTENT_TYPES: &[&str] = &[
    "",
    "Content-Type: application/json\r\n",
    "Content-Type: application/json\r\n",
    "Content-Type: application/json; charset=latin-1\r\n",
    "Content-Type: text/plain\r\n",
    "Content-Type: multipart/form-data; boundary=x\r\n",
    "Content-Type: \u{fc}\r\n",
];

const BAD_SEGMENTS: &[&str] = &[
    "x",
    "%00",
    "%ff%fe",
    "..",
    "%2e%2e%2f",
    "null",
    "0",
    "-1",
    "00000000-0000-0000-0000-000000000000",
    "urn:uuid:00000000-0000-4000-8000-000000000000",
    "%7B00000000-0000-4000-8000-000000000000%7D",
    "00000000-0000-4000-8000-00000000000g",
    "%F0%9F%98%80",
    "'%20OR%201=1--",
    "a%0d%0ab",
];

const BAD_QUERIES: &[&str] = &[
    "limit=0",
    "limit=-1",
    "limit=99999999999999999999999",
    "limit=abc",
    "limit=1.5",
    "limit=NaN",
    "limit=&offset=",
    "offset=9223372036854775807",
    "offset=99999999999999999999999999",
    "status=nope",
    "status=,,,",
    "is_chat=maybe",
    "board_id=x",
    "assigned_agent_id=%00",
    "unassigned=2",
    "since=not-a-time",
    "max_chars=0",
    "a=%ff&b=%00",
    "&&&=&=",
    "limit=1&limit=2&limit=x",
    "gateway_id=00000000-0000-4000-8000-000000000000",
    "%",
];

fn bad_body(random: &mut Random) -> Vec<u8> {
    if random.one_in(3) {
        return random.pick(BROKEN).to_vec();
    }
    if random.one_in(40) {
        return "[".repeat(100_000).into_bytes();
    }
    // Well-formed, but every member of a wrong type or out of bounds.
    let mut members = serde_json::Map::new();
    for _ in 0..random.below(5) {
        members.insert((*random.pick(MEMBERS)).to_owned(), bad_value(random));
    }
    serde_json::to_vec(&members).expect("JSON")
}

const BROKEN: &[&[u8]] = &[
    b"",
    b" ",
    b"null",
    b"true",
    b"[]",
    b"\"x\"",
    b"{",
    b"}",
    b"{\"a\"",
    b"{\"a\":",
    b"{\"a\":1,}",
    b"[1,]",
    b"nul",
    b"NaN",
    b"{\"name\": NaN}",
    b"{\"name\": Infinity}",
    b"{\"confidence\": 1e999}",
    b"{\"name\": \"\\ud800\"}",
    b"{\"name\": \"\\u0000\"}",
    b"{\"title\": \"\\u0000\", \"content\": \"a\\u0000b\", \"message\": \"\\u0000\"}",
    b"\xff\xfe",
    b"\xef\xbb\xbf{}",
    b"{\"name\": \"\xff\"}",
    b"{\"name\": \"a\nb\"}",
    b"'x'",
    b"{\"a\":1}{\"b\":2}",
    b"\x00",
    b"{\"name\":\"x\",\"name\":1}",
    b"{\"\\u0000\": {\"\\u0000\": 1}}",
    b"{\"$serde_json::private::Number\": \"1\"}",
];

const MEMBERS: &[&str] = &[
    "name",
    "title",
    "description",
    "status",
    "priority",
    "slug",
    "gateway_id",
    "board_id",
    "board_group_id",
    "organization_id",
    "assigned_agent_id",
    "depends_on_task_ids",
    "tag_ids",
    "custom_field_values",
    "comment",
    "message",
    "content",
    "tags",
    "source",
    "due_at",
    "target_date",
    "max_agents",
    "success_metrics",
    "goal_confirmed",
    "board_type",
    "url",
    "workspace_root",
    "token",
    "secret",
    "signature_header",
    "enabled",
    "agent_id",
    "heartbeat_config",
    "identity_profile",
    "is_board_lead",
    "preferred_name",
];

fn bad_value(random: &mut Random) -> Value {
    match random.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1.5e300),
        5 => json!(""),
        6 => json!("   "),
        7 => json!("a\u{0}b"),
        8 => json!("😀".repeat(random.below(3_000))),
        9 => json!([]),
        10 => json!([null, 1, "x", {"a": []}]),
        11 => json!({}),
        12 => json!({"a": {"b": {"c": "\u{0}"}}}),
        13 => json!("00000000-0000-4000-8000-000000000000"),
        14 => json!(["00000000-0000-4000-8000-000000000000", "00000000-0000-4000-8000-000000000000"]),
        _ => json!("9999-99-99T99:99:99"),
    }
}

/// A small generator (xorshift), so that a failure repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("small")
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

/// One kept-alive connection, without a client library that would refuse to send such things.
struct Connection<'a>(BufReader<TcpStream>, &'a Transcript);

impl<'a> Connection<'a> {
    fn open(url: &str, transcript: &'a Transcript) -> Self {
        let stream = TcpStream::connect(url.trim_start_matches("http://")).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        Self(BufReader::new(stream), transcript)
    }

    /// Sends a request and reads its whole answer, however it is framed.
    fn send(&mut self, request: &[u8]) -> u16 {
        self.0.get_mut().write_all(request).expect("the connection is open");
        let mut line = String::new();
        self.0.read_line(&mut line).expect("an answer");
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status =
            status.unwrap_or_else(|| panic!("no status line but {line:?} after {}", String::from_utf8_lossy(request)));
        let (mut length, mut chunked, mut head) = (0, false, String::new());
        loop {
            head.push_str(&line);
            line.clear();
            self.0.read_line(&mut line).expect("headers");
            let header = line.trim().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            chunked |= header == "transfer-encoding: chunked";
        }
        let body = if chunked { self.skip_chunks() } else { self.read(length) };
        let request = String::from_utf8_lossy(request);
        self.1.answered(request.lines().next().unwrap_or_default(), &head, &String::from_utf8_lossy(&body));
        status
    }

    fn skip_chunks(&mut self) -> Vec<u8> {
        // An event stream does not end by itself: a new connection is cheaper than waiting for it.
        let url = self.0.get_ref().peer_addr().expect("connected").to_string();
        *self = Self::open(&url, self.1);
        Vec::new()
    }

    fn read(&mut self, length: usize) -> Vec<u8> {
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).expect("the whole body");
        body
    }
}
