//! Health, the OpenAPI document, and what every answer has.

use mission_control_tests::App;
use serde_json::json;

#[test]
fn the_health_routes_answer_everyone() {
    let app = App::start();
    for path in ["/health", "/healthz", "/readyz", "/healthz?x=1&y=%20"] {
        assert_eq!(app.anonymous().get(path).expect(200), json!({"ok": true}), "{path}");
        let head = app.anonymous().raw("HEAD", path, &[], b"");
        assert_eq!((head.status, head.text.as_str()), (200, ""), "{path}");
    }
}

#[test]
fn paths_that_nobody_has_are_not_found() {
    let app = App::start();
    for path in ["/", "/nope", "/api/v1/nope", "/api/v1/users/nope"] {
        app.user().get(path).refused(404);
    }
}

#[test]
fn other_methods_are_told_which_are_allowed() {
    let app = App::start();
    let answer = app.anonymous().delete("/healthz");
    answer.refused(405);
    assert_eq!(answer.header("allow"), Some("GET, HEAD"));
}

#[test]
fn a_slash_too_many_leads_to_the_route() {
    let app = App::start();
    let answer = app.user().get("/api/v1/users/me/?x=1");
    assert_eq!(answer.check(307).header("location"), Some("/api/v1/users/me?x=1"));
}

#[test]
fn answers_carry_the_security_headers() {
    let app = App::start();
    let answer = app.anonymous().get("/healthz");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("referrer-policy"), Some("strict-origin-when-cross-origin"));
    assert_eq!(answer.header("permissions-policy"), None);
}

#[test]
fn security_headers_follow_the_settings() {
    let settings = [("security_header_permissions_policy", "camera=()"), ("security_header_x_frame_options", "off")];
    let Some(app) = App::with(&settings) else { return };
    let answer = app.anonymous().get("/healthz");
    assert_eq!(answer.header("permissions-policy"), Some("camera=()"));
    assert_eq!(answer.header("x-frame-options"), None);
}

#[test]
fn a_request_keeps_its_id() {
    let app = App::start();
    let given = app.anonymous().with_header("x-request-id", " spaced id; x=\"1\" ");
    assert_eq!(given.get("/healthz").header("x-request-id"), Some("spaced id; x=\"1\""));
    given.get("/api/v1/users/me").refused(401);

    let made = app.anonymous().get("/healthz");
    let made = made.header("x-request-id").expect("an id");
    assert!(made.len() == 32 && made.bytes().all(|byte| byte.is_ascii_hexdigit()), "{made}");
}

#[test]
fn origins_of_the_settings_may_call_from_browsers() {
    let Some(app) = App::with(&[("cors_origins", "http://ui.example")]) else { return };
    let answer = app.anonymous().with_header("origin", "http://ui.example").get("/api/v1/users/me");
    assert_eq!(answer.check(401).header("access-control-allow-origin"), Some("http://ui.example"));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));

    let answer = app.anonymous().with_header("origin", "http://other.example").get("/healthz");
    assert_eq!(answer.check(200).header("access-control-allow-origin"), None);

    let headers = [("origin", "http://ui.example"), ("access-control-request-method", "PATCH")];
    let preflight = app.anonymous().raw("OPTIONS", "/api/v1/users/me", &headers, b"");
    assert_eq!(preflight.check(200).header("access-control-allow-origin"), Some("http://ui.example"));
}

#[test]
fn wrong_settings_are_told_by_every_route_but_health() {
    let Some(app) = App::with(&[("base_url", "nonsense")]) else { return };
    app.anonymous().get("/healthz").expect(200);
    assert_eq!(app.anonymous().get("/readyz").expect(503), json!({"ok": false}));
    let answer = app.user().get("/api/v1/users/me");
    assert!(answer.check(503).detail().as_str().is_some_and(|text| text.contains("BASE_URL")), "{}", answer.text);
}

#[test]
fn the_reference_pages_are_served_unless_turned_off() {
    let app = App::start();
    app.anonymous().get("/openapi.json").expect(200);
    for path in ["/docs", "/redoc"] {
        let page = app.anonymous().get(path);
        assert_eq!(page.check(200).header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
    drop(app);

    let Some(app) = App::with(&[("docs_enabled", "false")]) else { return };
    for path in ["/openapi.json", "/docs", "/redoc"] {
        app.anonymous().get(path).refused(404);
    }
}

#[test]
fn the_first_request_waits_until_a_new_database_is_free() {
    let Some(app) = App::with(&[]) else { return };
    // One statement that takes a while, and the lock of SQLite's only writer.
    let slow =
        "CREATE TABLE numbers AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)
                SELECT count(*) AS i FROM n";
    std::thread::scope(|scope| {
        scope.spawn(|| app.execute(slow));
        std::thread::sleep(std::time::Duration::from_millis(100));
        app.user().get("/api/v1/users/me").expect(200);
    });
}

#[test]
fn a_database_that_lacks_something_is_not_ready() {
    let Some(app) = App::with(&[]) else { return };
    assert_eq!(app.anonymous().get("/readyz").expect(200), json!({"ok": true}));
    app.execute("DROP TABLE gateway_installed_skills");
    assert_eq!(app.anonymous().get("/readyz").expect(503), json!({"ok": false}));
    assert_eq!(app.anonymous().get("/healthz").expect(200), json!({"ok": true}));
}
