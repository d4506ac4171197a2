//! Limits that applications share through Redis, and what happens without it.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use mission_control_tests::{Answer, App, skip};
use uuid::Uuid;

use super::ME;

/// The server of `MC_TEST_REDIS_URL`; none, with a note, where it is not set.
fn redis() -> Option<String> {
    let url = std::env::var("MC_TEST_REDIS_URL").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        skip("for want of MC_TEST_REDIS_URL");
    }
    url
}

fn application(redis_url: &str) -> Option<App> {
    App::with(&[
        ("rate_limit_backend", "redis"),
        ("rate_limit_redis_url", redis_url),
        ("user_auth_limit", "3"),
        ("trusted_proxies", "127.0.0.0/8"),
    ])
}

/// An address that no other run of the tests has used.
fn address() -> String {
    let [a, b, c, ..] = Uuid::new_v4().into_bytes();
    Ipv4Addr::new(10, a, b, c).to_string()
}

fn fail_to_sign_in(app: &App, address: &str) -> Answer {
    app.anonymous().with_bearer("wrong").with_header("x-forwarded-for", address).get(ME)
}

#[test]
fn applications_with_one_redis_share_their_limits() {
    let Some(url) = redis() else { return };
    let (Some(one), Some(two)) = (application(&url), application(&url)) else { return };
    let guesser = address();
    for app in [&one, &two, &one] {
        fail_to_sign_in(app, &guesser).refused(401);
    }
    for app in [&two, &one] {
        let answer = fail_to_sign_in(app, &guesser);
        answer.refused(429);
        let wait: u32 = answer.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!(answer.header("ratelimit-policy"), Some("\"user_auth\";q=3;w=60"));
    }
    fail_to_sign_in(&two, &address()).refused(401);
    two.user().with_header("x-forwarded-for", &guesser).get(ME).expect(200);
    for app in [&one, &two] {
        assert!(!app.output().contains("rate limits cannot work"), "{}", app.output());
    }
}

/// Everybody is let through, soon, and the log says why; that it does not show the password is checked at the end of
/// every application.
fn is_open_without(redis_url: &str) {
    let Some(app) = application(redis_url) else { return };
    let guesser = address();
    let started = Instant::now();
    for _ in 0..6 {
        fail_to_sign_in(&app, &guesser).refused(401);
    }
    app.user().get(ME).expect(200);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert!(app.output().contains("rate limits cannot work"), "{}", app.output());
}

#[test]
fn a_redis_that_is_away_stops_nobody() {
    // Port 9 of this machine is nobody's.
    is_open_without("redis://:the-password-of-redis@127.0.0.1:9/0");
}

#[test]
fn a_redis_that_does_not_answer_stops_nobody() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = silent.local_addr().expect("an address").port();
    is_open_without(&format!("redis://:the-password-of-redis@127.0.0.1:{port}/0"));
}

#[test]
fn a_redis_that_refuses_the_password_stops_nobody() {
    let Some(url) = redis() else { return };
    let (_, server) = url.rsplit_once('@').expect("a password");
    is_open_without(&format!("redis://:a-wrong-password@{server}"));
}
