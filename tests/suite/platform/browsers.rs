//! Which web sites may call, and with what.

use mission_control_tests::{App, World};

use super::{BOARDS, ME};

const SITE: &str = "http://ui.example:3000";

#[test]
fn a_preflight_is_answered_for_any_path_without_credentials() {
    let Some(app) = App::with(&[("cors_origins", " http://other.example , http://ui.example:3000,")]) else { return };
    let asked = [
        ("origin", SITE),
        ("access-control-request-method", "DELETE"),
        ("access-control-request-headers", "Authorization,x-A"),
    ];
    for path in [BOARDS, "/nope", "/healthz"] {
        let answer = app.anonymous().raw("OPTIONS", path, &asked, b"");
        assert_eq!((answer.status, answer.text.as_str()), (200, "OK"), "{path}");
        for (name, value) in [
            ("access-control-allow-origin", SITE),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
            ("access-control-allow-headers", "Authorization,x-A"),
            ("access-control-max-age", "600"),
            ("vary", "Origin"),
            ("content-type", "text/plain; charset=utf-8"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}: {name}");
        }
        assert!(answer.header("x-request-id").is_some());
    }
}

#[test]
fn a_preflight_is_refused_with_every_reason() {
    let Some(app) = App::with(&[("cors_origins", SITE)]) else { return };
    let preflight = |headers: &[(&str, &str)]| app.anonymous().raw("OPTIONS", ME, headers, b"");
    let slash = format!("{SITE}/");
    for (origin, method, more, text) in [
        ("http://evil.example", "GET", None, "Disallowed CORS origin"),
        (slash.as_str(), "GET", None, "Disallowed CORS origin"),
        (SITE, "TRACE", None, "Disallowed CORS method"),
        ("null", "FOO", Some("true"), "Disallowed CORS origin, method, private-network"),
    ] {
        let mut headers = vec![("origin", origin), ("access-control-request-method", method)];
        headers.extend(more.map(|value| ("access-control-request-private-network", value)));
        let answer = preflight(&headers);
        assert_eq!((answer.status, answer.text.as_str()), (400, text));
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("access-control-allow-origin").is_some(), origin == SITE);
    }
    assert_eq!(preflight(&[("origin", SITE)]).status, 405, "without a method it is no preflight");
    assert_eq!(preflight(&[("access-control-request-method", "GET")]).status, 405);
}

#[test]
fn only_listed_origins_may_read_answers_with_credentials() {
    let Some(app) = App::with(&[("cors_origins", SITE)]) else { return };
    for (origin, allowed) in [(Some(SITE), true), (Some("http://evil.example"), false), (None, false)] {
        let client = origin.map_or(app.anonymous(), |origin| app.anonymous().with_header("origin", origin));
        for answer in [client.get(ME), client.get("/nope"), client.get("/healthz")] {
            assert_eq!(answer.header("access-control-allow-origin"), allowed.then_some(SITE), "{}", answer.request);
            assert_eq!(answer.header("access-control-allow-credentials"), allowed.then_some("true"));
            assert_eq!(answer.header("access-control-expose-headers").is_some(), allowed);
            assert_eq!(answer.header("vary"), Some("Origin"));
        }
    }
}

#[test]
fn any_origin_is_never_allowed_credentials() {
    let Some(app) = App::with(&[("cors_origins", "*")]) else { return };
    let answer = app.anonymous().with_header("origin", SITE).with_header("cookie", "a=b").get("/healthz");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[test]
fn without_origins_there_is_nothing_for_browsers() {
    let app = App::start();
    let asked = [("origin", SITE), ("access-control-request-method", "GET")];
    let answer = app.anonymous().raw("OPTIONS", ME, &asked, b"");
    answer.refused(405);
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert_eq!(app.anonymous().with_header("origin", SITE).get("/healthz").header("vary"), None);
}

#[test]
fn a_page_can_read_every_header_that_is_meant_for_it() {
    // The first are always readable; the rest is for the browser itself.
    const READABLE: [&str; 4] = ["cache-control", "content-length", "content-type", "expires"];
    const NOT_FOR_PAGES: [&str; 13] = [
        "access-control-allow-credentials",
        "access-control-allow-origin",
        "access-control-expose-headers",
        "connection",
        "date",
        "permissions-policy",
        "referrer-policy",
        "transfer-encoding",
        "vary",
        "x-accel-buffering",
        "x-content-type-options",
        "x-frame-options",
        "content-security-policy",
    ];
    let settings = [("cors_origins", SITE), ("user_auth_limit", "1"), ("sse_page_streams", "1")];
    let Some(app) = App::with(&settings) else { return };
    let world = World::new(&app);
    let page = app.user().with_header("origin", SITE);
    let stranger = app.anonymous().with_header("origin", SITE);
    let stream = world.path("/memory/stream");
    let _open = page.events(&stream);
    let answers = [
        (page.get(ME), 200),
        (page.get(BOARDS), 200),
        (stranger.get("/docs"), 200),
        (stranger.get("/openapi.json"), 200),
        (stranger.get("/readyz"), 200),
        (stranger.get("/healthz/"), 307),
        (stranger.get("/nope"), 404),
        (stranger.delete("/healthz"), 405),
        (stranger.with_bearer("wrong").get(ME), 401),
        (stranger.with_bearer("wrong").get(ME), 429),
        (page.raw("POST", BOARDS, &[("content-encoding", "br")], b"x"), 415),
        (page.get("/api/v1/boards/x"), 422),
        (page.get(&stream), 503),
    ];
    for (answer, status) in answers {
        answer.check(status);
        let exposed = answer.header("access-control-expose-headers").expect("a list").to_lowercase();
        let exposed: Vec<&str> = exposed.split(", ").collect();
        for name in answer.headers.keys().map(http::HeaderName::as_str) {
            let known = READABLE.contains(&name) || NOT_FOR_PAGES.contains(&name) || exposed.contains(&name);
            assert!(known, "{}: {name} is not exposed", answer.request);
        }
        for expected in ["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "x-total-count"] {
            assert!(exposed.contains(&expected), "{expected}");
        }
    }
}
