//! How many event streams one caller may have open, and what slow readers cost.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use mission_control_tests::{App, Client, Events, World};
use serde_json::json;

const SITE: &str = "http://ui.example:3000";

/// Opens a stream as soon as one more is admitted.
fn open_within(client: &Client, path: &str, time: Duration) -> Events {
    let started = Instant::now();
    loop {
        match client.try_events(path) {
            Ok(events) => return events,
            Err(answer) => {
                answer.refuses(503, "Too many open event streams.");
                assert_eq!(answer.header("retry-after"), Some("5"));
                assert!(started.elapsed() < time, "{path} is still refused");
                std::thread::sleep(Duration::from_millis(200));
            }
        }
    }
}

#[test]
fn a_page_has_four_streams_and_gets_one_back_for_each_that_it_closes() {
    let Some(app) = App::with(&[("trusted_proxies", "127.0.0.0/8")]) else { return };
    let world = World::new(&app);
    let path = world.path("/memory/stream");
    let page = world.user.with_header("origin", SITE).with_header("x-forwarded-for", "203.0.113.7");
    let mut open: Vec<Events> = (0..4).map(|_| page.events(&path)).collect();
    for _ in 0..10 {
        let answer = *page.try_events(&path).err().expect("a refusal");
        answer.refuses(503, "Too many open event streams.");
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    // Another address, another caller, and whoever is no page have their own.
    let elsewhere = page.with_header("x-forwarded-for", "203.0.113.8");
    let others = [elsewhere.events(&path), world.worker.client.with_header("origin", SITE).events(&path)];
    let scripts: Vec<Events> = (0..6).map(|_| world.user.events(&path)).collect();
    open.pop();
    open.push(open_within(&page, &path, Duration::from_secs(10)));
    assert!(page.try_events(&path).is_err());
    drop((open, others, scripts));
}

#[test]
fn without_a_limit_a_page_has_as_many_as_it_likes() {
    let Some(app) = App::with(&[("sse_page_streams", "0")]) else { return };
    let world = World::new(&app);
    let page = world.user.with_header("origin", SITE);
    let open: Vec<Events> = (0..10).map(|_| page.events(&world.path("/memory/stream"))).collect();
    drop(open);
}

#[test]
fn streams_are_counted_in_redis_where_limits_are() {
    let Some(url) = std::env::var("MC_TEST_REDIS_URL").ok().filter(|url| !url.is_empty()) else {
        println!("skipped: MC_TEST_REDIS_URL is not set");
        return;
    };
    let settings = [("rate_limit_backend", "redis"), ("rate_limit_redis_url", url.as_str()), ("sse_page_streams", "2")];
    let Some(app) = App::with(&settings) else { return };
    let world = World::new(&app);
    let path = world.path("/memory/stream");
    let page = world.user.with_header("origin", SITE);
    let (first, _second) = (page.events(&path), page.events(&path));
    page.try_events(&path).err().expect("a refusal").refuses(503, "Too many open event streams.");
    drop(first);
    let _third = open_within(&page, &path, Duration::from_secs(10));
    assert!(page.try_events(&path).is_err());
    assert!(!app.output().contains("rate limits cannot work"), "{}", app.output());
}

#[test]
fn a_stream_that_is_open_for_long_still_counts() {
    let Some(app) = App::with(&[("sse_page_streams", "1")]) else { return };
    let world = World::new(&app);
    let page = world.user.with_header("origin", SITE);
    let path = world.path("/memory/stream");
    let open = page.events(&path);
    let started = Instant::now();
    // Longer than a lease lives that is not prolonged.
    while started.elapsed() < Duration::from_secs(45) {
        assert!(page.try_events(&path).is_err(), "after {:?}", started.elapsed());
        std::thread::sleep(Duration::from_secs(2));
    }
    drop(open);
    open_within(&page, &path, Duration::from_secs(10));
}

#[test]
fn every_caller_has_a_bounded_number_whatever_it_presents() {
    let Some(app) = App::with(&[("sse_caller_streams", "3")]) else { return };
    let world = World::new(&app);
    let path = world.path("/memory/stream");
    let agent = &world.worker.client;
    let open: Vec<Events> = (0..3).map(|_| agent.events(&path)).collect();
    for client in [agent.clone(), agent.with_header("origin", SITE), agent.with_bearer("something else")] {
        client.try_events(&path).err().expect("a refusal").refuses(503, "Too many open event streams.");
    }
    // A new token is no new caller, and others are not affected.
    let token = world.user.post(&format!("/api/v1/agents/{}/token", world.worker.id), json!({})).expect(200);
    let again = app.agent(token["agent_token"].as_str().expect("a token"));
    again.try_events(&path).err().expect("a refusal").refuses(503, "Too many open event streams.");
    drop(world.user.events(&path));
    drop(open);
    open_within(agent, &path, Duration::from_secs(10));
}

#[test]
fn a_reader_that_takes_nothing_is_dropped() {
    let settings = [("sse_page_streams", "1"), ("sse_poll_ms", "50")];
    let Some(app) = App::with(&settings) else { return };
    let world = World::new(&app);
    let large = "x".repeat(1_000_000);
    for _ in 0..20 {
        world.user.post(&world.path("/memory"), json!({"content": large})).expect(200);
    }
    let address = app.url().trim_start_matches("http://").to_owned();
    let mut idle = TcpStream::connect(&address).expect("a connection");
    let path = world.path("/memory/stream");
    let request = format!(
        "GET {path}?since=2020-01-01T00:00:00Z HTTP/1.1\r\nHost: {address}\r\nOrigin: {SITE}\r\n\
         Authorization: Bearer {}\r\n\r\n",
        app.token()
    );
    idle.write_all(request.as_bytes()).expect("the request is sent");
    let mut first = [0; 12];
    idle.read_exact(&mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    let page = world.user.with_header("origin", SITE);
    assert!(page.try_events(&path).is_err());
    open_within(&page, &path, Duration::from_secs(40));
    // It never got everything.
    let mut rest = Vec::new();
    idle.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let _ = idle.read_to_end(&mut rest);
    assert!(rest.len() < 20_000_000, "{}", rest.len());
}

#[test]
fn a_stream_over_many_large_entries_brings_them_all() {
    let Some(app) = App::with(&[("sse_poll_ms", "50"), ("sse_max_seconds", "20")]) else { return };
    let world = World::new(&app);
    let large = "x".repeat(1_000_000);
    for _ in 0..20 {
        world.user.post(&world.path("/memory"), json!({"content": large})).expect(200);
    }
    let events = world.user.events(&world.path("/memory/stream?since=2020-01-01T00:00:00Z"));
    let started = Instant::now();
    let lengths: Vec<usize> = events.take(20).map(|event| event.data.len()).collect();
    assert!(lengths.len() == 20 && lengths.iter().all(|length| *length > 1_000_000), "{lengths:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
