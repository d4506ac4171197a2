//! The stream of a board's memory: what is sent, when, and to whom.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mission_control_tests::{App, Event, Events, World};
use serde_json::{Value, json};

const FAST: [(&str, &str); 2] = [("sse_poll_ms", "50"), ("sse_max_seconds", "2")];
const LONG_AGO: &str = "since=2020-01-01T00:00:00Z";

#[track_caller]
fn remember(world: &World<'_>, content: &str, tags: Value) -> Value {
    world.user.post(&world.path("/memory"), json!({"content": content, "tags": tags})).expect(200)
}

fn contents(events: impl IntoIterator<Item = Event>) -> Vec<String> {
    events.into_iter().filter_map(|event| event.json()["memory"]["content"].as_str().map(str::to_owned)).collect()
}

fn stream(world: &World<'_>, query: &str) -> Events {
    world.user.events(&world.path(&format!("/memory/stream?{query}")))
}

#[test]
fn an_event_is_the_entry_as_it_is_answered() {
    let app = App::start();
    let world = World::new(&app);
    let made = remember(&world, "zürich", json!(["a"]));
    let event = stream(&world, LONG_AGO).next().expect("an event");
    assert_eq!(event.event, "memory");
    assert_eq!(event.json(), json!({"memory": made}));
    let ascii = format!("{{\"memory\": {{\"id\": {}, \"board_id\": ", made["id"]);
    assert!(event.data.starts_with(&ascii) && event.data.contains("z\\u00fcrich"), "{}", event.data);
}

#[test]
fn a_stream_is_open_at_once_and_says_what_it_is() {
    // Nothing is due for a minute: the headers cannot be waiting for it.
    let Some(app) = App::with(&[("sse_poll_ms", "60000")]) else { return };
    let world = World::new(&app);
    let started = Instant::now();
    let mut raw = Raw::get(&app, &world.path("/memory/stream"));
    let head = raw.lines_until_empty();
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(head.first().map(String::as_str), Some("HTTP/1.1 200 OK"));
    for expected in [
        "content-type: text/event-stream; charset=utf-8",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.iter().any(|line| line == expected), "{expected} is not in {head:?}");
    }
    assert!(head.iter().any(|line| line.starts_with("x-request-id: ")), "{head:?}");
}

#[test]
fn frames_end_their_lines_as_clients_know_it() {
    let app = App::start();
    let world = World::new(&app);
    remember(&world, "x", json!(null));
    let mut raw = Raw::get(&app, &world.path(&format!("/memory/stream?{LONG_AGO}")));
    raw.lines_until_empty();
    let mut body = String::new();
    while !body.contains("\r\nid: ") || !body.ends_with("\r\n\r\n") {
        body.push_str(&raw.line());
    }
    assert!(body.contains("event: memory\r\ndata: {\"memory\": {"), "{body}");
}

#[test]
fn every_entry_is_sent_once() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    remember(&world, "before", json!(null));
    let events = stream(&world, "");
    let written: Vec<String> = (0..20).map(|number| format!("entry {number}")).collect();
    for content in &written {
        remember(&world, content, json!(null));
    }
    // To its end: some forty looks at the database after the last entry.
    let events: Vec<Event> = events.collect();
    let ids: HashSet<&str> = events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), events.len());
    assert_eq!(contents(events), written);
}

#[test]
fn a_stream_ends_with_its_time_and_is_continued_behind_its_last_event() {
    let Some(app) = App::with(&[("sse_poll_ms", "50"), ("sse_max_seconds", "1")]) else { return };
    let world = World::new(&app);
    let started = Instant::now();
    for content in ["one", "two", "three"] {
        remember(&world, content, json!(null));
    }
    let events: Vec<Event> = stream(&world, LONG_AGO).collect();
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(contents(events.clone()), ["one", "two", "three"]);
    remember(&world, "four", json!(null));
    let continued = world.user.with_header("last-event-id", &events[1].id);
    assert_eq!(contents(continued.events(&world.path("/memory/stream"))), ["three", "four"]);
    // What is no event of ours is no place to continue at.
    let confused = world.user.with_header("last-event-id", "41");
    assert_eq!(contents(confused.events(&world.path("/memory/stream"))), [""; 0]);
}

#[test]
fn a_moment_in_the_past_brings_what_was_written_since() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    let first = remember(&world, "one", json!(null));
    let second = remember(&world, "two", json!(null));
    let (first, second) = (&first["created_at"], &second["created_at"]);
    let since = |moment: &str| contents(stream(&world, &format!("since={moment}")));
    let text = |moment: &Value| moment.as_str().expect("a moment").to_owned();
    assert_eq!(since(&text(first)), ["one", "two"], "a moment includes itself");
    assert_eq!(since(&format!("{}Z", text(second))), ["two"]);
    assert_eq!(since("2000-01-01T02:00:00%2B02:00"), ["one", "two"]);
    for unreadable in ["", "%20", "yesterday", "2999-01-01"] {
        assert_eq!(since(unreadable), [""; 0], "{unreadable}");
    }
}

#[test]
fn a_long_history_is_sent_whole() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    let row = |number: u32| {
        let board = world.board_id();
        format!("('{}', '{board}', 'old {number}', FALSE, '2025-01-01T00:00:00.000000')", uuid::Uuid::new_v4())
    };
    let rows: Vec<String> = (0..1_000).map(row).collect();
    app.execute(&format!(
        "INSERT INTO board_memory (id, board_id, content, is_chat, created_at) VALUES {}",
        rows.join(", ")
    ));
    let all: HashSet<String> = contents(stream(&world, LONG_AGO)).into_iter().collect();
    assert_eq!(all.len(), 1_000);
}

#[test]
fn an_entry_that_is_committed_late_is_not_lost() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    let mut events = stream(&world, "");
    let early = remember(&world, "early", json!(null));
    remember(&world, "later", json!(null));
    let seen = [events.next(), events.next()].map(|event| event.expect("an event"));
    assert_eq!(contents(seen), ["early", "later"]);
    app.execute(&format!(
        "INSERT INTO board_memory (id, board_id, content, is_chat, created_at)
         SELECT '{}', board_id, 'late', FALSE, created_at FROM board_memory WHERE id = '{}'",
        uuid::Uuid::new_v4(),
        early["id"].as_str().expect("an id")
    ));
    assert_eq!(contents(events), ["late"]);
}

#[test]
fn chat_can_be_followed_alone() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    let (chat, notes, all) = (stream(&world, "is_chat=true"), stream(&world, "is_chat=0"), stream(&world, ""));
    remember(&world, "note", json!(["x"]));
    remember(&world, "talk", json!(["chat"]));
    assert_eq!((contents(chat), contents(notes)), (vec!["talk".to_owned()], vec!["note".to_owned()]));
    assert_eq!(contents(all), ["note", "talk"]);
}

#[test]
fn many_listeners_all_hear_the_same() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    remember(&world, "history", json!(null));
    let heard: Vec<Vec<String>> = std::thread::scope(|scope| {
        let listeners: Vec<_> = (0..40)
            .map(|number| {
                let query = if number % 2 == 0 { LONG_AGO } else { "" };
                let events = stream(&world, query);
                scope.spawn(move || contents(events))
            })
            .collect();
        remember(&world, "news", json!(null));
        listeners.into_iter().map(|listener| listener.join().expect("a listener")).collect()
    });
    for (number, heard) in heard.iter().enumerate() {
        // The news may come after the end of a stream that was opened long before it.
        let expected = if number % 2 == 0 { "history" } else { "news" };
        assert!(heard.is_empty() || heard[0] == expected, "listener {number}: {heard:?}");
        assert_eq!(heard.iter().collect::<HashSet<_>>().len(), heard.len());
    }
    assert!(heard.iter().filter(|heard| heard.contains(&"news".to_owned())).count() >= 20, "{heard:?}");
}

#[test]
fn agents_of_the_board_may_listen_and_others_not() {
    let Some(app) = App::with(&FAST) else { return };
    let world = World::new(&app);
    remember(&world, "x", json!(null));
    let path = world.path(&format!("/memory/stream?{LONG_AGO}"));
    for agent in [&world.worker.client, &world.main] {
        assert_eq!(contents(agent.events(&path)), ["x"]);
    }
    let foreign = world.other().path("/memory/stream");
    world.worker.client.get(&foreign).refused(403);
    world.main.get(&foreign).refused(404);
    app.anonymous().get(&path).refused(401);
    world.user.get("/api/v1/boards/abc/memory/stream").field_error("path.board_id", "uuid_parsing");
    world.user.get(&world.path("/memory/stream?is_chat=")).field_error("query.is_chat", "bool_parsing");
    app.execute("UPDATE organization_members SET all_boards_read = FALSE, all_boards_write = FALSE");
    world.user.get(&path).refuses(403, "Board access denied");
}

#[test]
fn an_idle_stream_is_kept_open_by_comments() {
    let app = App::start();
    let world = World::new(&app);
    let started = Instant::now();
    let mut raw = Raw::get(&app, &world.path("/memory/stream"));
    raw.lines_until_empty();
    let ping = loop {
        let line = raw.line();
        if line.starts_with(": ping - ") {
            break line;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "no comment in time");
    };
    assert!(started.elapsed() > Duration::from_secs(14));
    assert!(ping.trim_end().ends_with("+00:00"), "{ping}");
}

#[test]
fn every_end_of_a_stream_cuts_the_connection() {
    let Some(app) = App::with(&[("sse_poll_ms", "50"), ("sse_max_seconds", "1")]) else { return };
    let world = World::new(&app);
    remember(&world, "x", json!(null));
    let mut raw = Raw::get(&app, &world.path(&format!("/memory/stream?{LONG_AGO}")));
    let mut all = Vec::new();
    let started = Instant::now();
    // A cut may be told as a reset.
    let _ = raw.0.read_to_end(&mut all);
    assert!(started.elapsed() < Duration::from_secs(10));
    let all = String::from_utf8_lossy(&all);
    assert!(all.contains("transfer-encoding: chunked") && all.contains("event: memory"), "{all}");
    assert!(!all.ends_with("0\r\n\r\n"), "{all}");
}

/// A request whose answer is read line by line, as it comes.
struct Raw(BufReader<TcpStream>);

impl Raw {
    fn get(app: &App, path: &str) -> Self {
        let address = app.url().trim_start_matches("http://").to_owned();
        let mut connection = TcpStream::connect(&address).expect("a connection");
        connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\r\n", app.token());
        connection.write_all(request.as_bytes()).expect("the request is sent");
        Self(BufReader::new(connection))
    }

    /// The next line with its end; a chunk's header stands for the whole chunk.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("a line");
        let header = line.trim_end();
        if header.is_empty() || !header.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return line;
        }
        let size = usize::from_str_radix(header, 16).expect("a size");
        let mut chunk = vec![0; size + 2];
        self.0.read_exact(&mut chunk).expect("a chunk");
        chunk.truncate(size);
        String::from_utf8(chunk).expect("text")
    }

    fn lines_until_empty(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).expect("a line");
            match line.trim_end() {
                "" => return lines,
                text => lines.push(text.to_owned()),
            }
        }
    }
}
