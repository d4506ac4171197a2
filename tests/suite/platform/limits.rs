//! Who has to wait after failing to sign in.

use mission_control_tests::App;
use serde_json::json;

use super::{ME, send};

#[test]
fn an_address_that_fails_to_sign_in_too_often_has_to_wait() {
    let Some(app) = App::with(&[("trusted_proxies", "127.0.0.0/8")]) else { return };
    let from = |address: &str| app.anonymous().with_bearer("wrong").with_header("x-forwarded-for", address);
    let guesser = from("203.0.113.7");
    for _ in 0..30 {
        guesser.get(ME).refused(401);
    }
    let answer = guesser.get(ME);
    answer.refused(429);
    let wait: u32 = answer.header("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    // A minute is counted in segments of 20 s, and whoever goes on trying waits for the last one.
    assert!((1..=80).contains(&wait), "{wait}");
    assert_eq!(answer.header("ratelimit-policy"), Some("\"user_auth\";q=30;w=60"));
    assert_eq!(answer.header("ratelimit"), Some(format!("\"user_auth\";r=0;t={wait}").as_str()));
    // Others are not affected, and neither is who knows the token.
    from("203.0.113.8").get(ME).refused(401);
    app.user().with_header("x-forwarded-for", "203.0.113.7").get(ME).expect(200);
    app.anonymous().with_header("x-forwarded-for", "203.0.113.7").get("/healthz").expect(200);
    // What a client writes left of its own address does not make it another one.
    from("198.51.100.1, 203.0.113.7").get(ME).refused(429);
}

#[test]
fn all_addresses_of_an_ipv6_customer_are_one_client() {
    let Some(app) =
        App::with(&[("trusted_proxies", "127.0.0.0/8"), ("user_auth_limit", "2"), ("agent_auth_limit", "2")])
    else {
        return;
    };
    let from = |address: &str| app.anonymous().with_header("x-forwarded-for", address);
    for path in [ME, "/api/v1/agent/healthz"] {
        let guess = |address: &str| match path {
            ME => from(address).with_bearer("wrong").get(path).status,
            _ => from(address).with_header("x-agent-token", "wrong").get(path).status,
        };
        let statuses = ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:1:a:b:c:d"].map(guess);
        assert_eq!(statuses, [401, 401, 429], "{path}");
        assert_eq!(["2001:db8:0:2::1", "::ffff:203.0.113.9", "203.0.113.9"].map(guess), [401, 401, 401], "{path}");
        assert_eq!(guess("203.0.113.9"), 429, "{path}");
    }
}

#[test]
fn failed_agents_are_counted_apart_from_people() {
    let Some(app) = App::with(&[("agent_auth_limit", "2"), ("user_auth_limit", "0")]) else { return };
    let stranger = app.agent("wrong");
    for _ in 0..2 {
        stranger.get("/api/v1/agent/healthz").refused(401);
    }
    let answer = stranger.get("/api/v1/agent/healthz");
    answer.refused(429);
    assert_eq!(answer.header("ratelimit-policy"), Some("\"agent_auth\";q=2;w=60"));
    for _ in 0..40 {
        app.anonymous().with_bearer("wrong").get(ME).refused(401);
    }
    // Nothing was presented, so nothing was attempted.
    app.anonymous().get("/api/v1/boards/11111111-1111-4111-8111-111111111111/memory").refused(401);
}

#[test]
fn a_token_outside_ascii_is_only_a_wrong_token() {
    let app = App::start();
    for header in ["Authorization: Bearer t\u{f6}ken\r\n", "X-Agent-Token: \u{1f511}\r\n"] {
        let answer = send(&app, "GET", "/api/v1/agent/healthz", header, b"");
        assert_eq!((answer.status, &answer.json()["detail"]), (401, &json!("Unauthorized")));
    }
}
