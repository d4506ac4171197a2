//! What is answered while the settings are wrong or the database is away.

use mission_control_tests::App;
use serde_json::json;

use super::{BOARDS, ME};

#[test]
fn wrong_settings_are_told_exactly_and_stop_everything_but_health() {
    const TOKEN: &str = "LOCAL_AUTH_TOKEN must be at least 50 characters and non-placeholder when AUTH_MODE=local.";
    const URL: &str = "BASE_URL must be an absolute http(s) URL (e.g. http://localhost:8000).";
    let short = "x".repeat(49);
    for (settings, message) in [
        (&[("local_auth_token", short.as_str())][..], TOKEN),
        (&[("local_auth_token", "replace-with-strong-random-token")], TOKEN),
        (&[("base_url", "localhost:8000")], URL),
        (&[("base_url", "ws://x")], URL),
        (
            &[("trusted_proxies", "127.0.0.1, 10.0.0.0/33")],
            "TRUSTED_PROXIES: Input should be IP addresses or CIDR blocks between commas, which entry 2 is not",
        ),
        (&[("auth_mode", "clerk")], "CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk."),
        (&[("auth_mode", "Local")], "AUTH_MODE: Input should be 'clerk' or 'local'"),
        (
            &[("max_body_bytes", "x"), ("db_auto_migrate", "2")],
            "MAX_BODY_BYTES: Input should be a valid integer, unable to parse string as an integer; \
             DB_AUTO_MIGRATE: Input should be a valid boolean, unable to interpret input",
        ),
    ] {
        let Some(app) = App::with(settings) else { return };
        app.user().get(ME).refuses(503, message);
        app.anonymous().get(BOARDS).refuses(503, message);
        for path in ["/health", "/healthz"] {
            assert_eq!(app.anonymous().get(path).expect(200), json!({"ok": true}));
        }
        assert_eq!(app.anonymous().get("/readyz").expect(503), json!({"ok": false}));
        // Routing needs no settings.
        app.anonymous().get("/nope").refused(404);
    }
}

#[test]
fn a_short_secret_stops_what_it_is_for() {
    let (name, message) = ("internal_token", "INTERNAL_TOKEN must be at least 32 characters when it is set.");
    let Some(app) = App::with(&[(name, "a-short-one")]) else { return };
    app.anonymous().with_bearer("a-short-one-").post("/internal/tick", json!({})).refuses(503, message);
    let (name, message) = ("secret_key", "SECRET_KEY must be at least 32 characters when it is set.");
    let Some(app) = App::with(&[(name, "a-short-one-too")]) else { return };
    app.user().get("/api/v1/organizations/me/invites").refuses(503, message);
}

#[test]
fn a_database_that_does_not_answer_is_told_as_unavailable() {
    let Some(app) = App::with(&[("database_url", "postgres://nobody@127.0.0.1:9/none")]) else { return };
    let answer = app.user().get(ME);
    answer.refused(503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(app.anonymous().get("/readyz").expect(503), json!({"ok": false}));
    app.anonymous().get("/healthz").expect(200);
}
