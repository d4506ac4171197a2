//! Which route a request reaches, the identifier it gets, and what every answer carries.

use mission_control_tests::{App, World, unique};
use serde_json::json;

use super::{BOARDS, ME, ORGANIZATIONS, send};

#[test]
fn a_request_id_is_trimmed_and_repeated_in_header_and_body() {
    let app = App::start();
    for (given, expected) in [("  abc ", "abc"), (&"r".repeat(128), &"r".repeat(128))] {
        let answer = app.anonymous().with_header("x-request-id", given).get("/nope");
        answer.refused(404);
        assert_eq!(answer.json["request_id"], *expected);
        assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    }
}

#[test]
fn a_blank_overlong_or_strange_request_id_is_replaced() {
    let app = App::start();
    for given in ["   ", &"r".repeat(129), "caf\u{e9}", "a\tb"] {
        let answer = send(&app, "GET", "/nope", format!("X-Request-Id: {given}\r\n"), b"");
        let id = answer.header("x-request-id").expect("an id");
        assert!(id.len() == 32 && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)), "{given}: {id}");
    }
    let two = send(&app, "GET", "/nope", "X-Request-Id: one\r\nX-Request-Id: two\r\n", b"");
    assert_eq!(two.all("x-request-id"), ["one"]);
}

#[test]
fn refusals_have_one_envelope() {
    let app = App::start();
    let answer = app.user().get("/nope");
    let id = answer.header("x-request-id").expect("an id");
    assert_eq!(answer.text, format!("{{\"detail\":\"Not Found\",\"request_id\":\"{id}\"}}"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn paths_are_matched_decoded_and_with_their_case() {
    let app = App::start();
    app.user().get("/api/v1/users/%6De").expect(200);
    for path in ["/api/v1/users/ME", "/API/v1/users/me", "//health", "/api/v1//users/me", "/api/v1/users/%00"] {
        app.user().get(path).refused(404);
    }
}

#[test]
fn an_encoded_slash_separates_nothing_and_what_is_no_path_is_not_found() {
    let app = App::start();
    let user = app.user();
    user.get("/api/v1/%62oards").expect(200);
    for path in ["/api/v1%2Fboards", "/api/v1/users%2fme", "/api/v1/boards/%ff", "/api/v1/boards/%zz", "/%", "/%C3"] {
        user.get(path).refused(404);
    }
    let entry = user.get("/api/v1/boards/a%2Fb").field_error("path.board_id", "uuid_parsing").clone();
    assert_eq!(entry["input"], "a%2Fb");
}

#[test]
fn bytes_outside_ascii_in_any_header_break_nothing() {
    let Some(app) = App::with(&[("user_auth_limit", "0")]) else { return };
    let world = World::new(&app);
    let webhook = world.user.post(&world.path("/webhooks"), json!({"description": "x"})).expect(200);
    let webhook = webhook["endpoint_path"].as_str().expect("a path");
    let bearer = format!("Authorization: Bearer {}\r\n", app.token());
    for name in [
        "X-Request-Id",
        "Origin",
        "Content-Type",
        "X-Forwarded-For",
        "Forwarded",
        "User-Agent",
        "X-Event",
        "Accept",
        "Cookie",
        "Last-Event-ID",
        "Access-Control-Request-Method",
        "Spin-Client-Addr",
    ] {
        for value in [&b"caf\xe9"[..], b"\xff\xfe\x80", "\u{1f511}".as_bytes()] {
            let header = [name.as_bytes(), b": ", value, b"\r\n"].concat();
            let with_bearer = [bearer.as_bytes(), &header].concat();
            for (method, path, headers, expected) in [
                ("GET", "/healthz", &header, 200),
                ("GET", "/nope", &header, 404),
                ("GET", ME, &header, 401),
                ("GET", ME, &with_bearer, 200),
            ] {
                let answer = send(&app, method, path, headers, b"");
                assert_eq!(answer.status, expected, "{method} {path} with {name}: {}", answer.text);
                assert!(answer.header("x-request-id").is_some_and(|id| id.is_ascii()));
            }
            let headers = [&header[..], b"Content-Length: 1\r\n"].concat();
            assert_eq!(send(&app, "POST", webhook, &headers, b"x").status, 202, "{name}");
        }
    }
    for header in [&b"Authorization: Bearer caf\xe9\r\n"[..], b"X-Agent-Token: \xff\r\n"] {
        assert_eq!(send(&app, "GET", "/api/v1/agent/healthz", header, b"").status, 401);
    }
    let organization = [bearer.as_bytes(), b"X-Organization-Id: \xff\r\n"].concat();
    assert_eq!(send(&app, "GET", ME, &organization, b"").status, 422);
    assert_eq!(world.user.get(&format!("{webhook}/payloads")).expect(200)["total"], json!(36));
}

#[test]
fn a_method_that_a_path_lacks_is_refused_before_anything_else() {
    let app = App::start();
    for (method, path, allowed) in [
        ("PUT", ME, "DELETE, GET, PATCH"),
        ("DELETE", BOARDS, "GET, POST"),
        ("POST", "/api/v1/boards/abc", "DELETE, GET, PATCH"),
        ("HEAD", ME, "DELETE, GET, PATCH"),
        ("OPTIONS", ME, "DELETE, GET, PATCH"),
        ("HEAD", "/api/v1/agent/healthz", "GET"),
        ("POST", "/healthz", "GET, HEAD"),
    ] {
        let answer = app.anonymous().raw(method, path, &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some(allowed)), "{method} {path}");
    }
}

#[test]
fn health_and_documents_answer_head_without_a_body() {
    let app = App::start();
    for path in ["/health", "/healthz", "/readyz", "/openapi.json", "/docs", "/redoc"] {
        let answer = app.anonymous().raw("HEAD", path, &[], b"");
        assert_eq!((answer.status, answer.text.as_str()), (200, ""), "{path}");
    }
}

#[test]
fn a_slash_too_many_or_too_few_redirects_within_the_site() {
    let app = App::start();
    for (method, path, location) in [
        ("GET", "/api/v1/boards/", BOARDS),
        ("POST", "/api/v1/boards/?a=%20&a=1", "/api/v1/boards?a=%20&a=1"),
        ("DELETE", "/healthz/", "/healthz"),
    ] {
        let answer = send(&app, method, path, "Host: evil.example\r\n", b"");
        assert_eq!((answer.status, answer.header("location"), answer.text.as_str()), (307, Some(location), ""));
        assert!(answer.header("x-request-id").is_some() && answer.header("x-frame-options").is_some());
    }
    // These would lead to another site.
    app.anonymous().get("//evil.example/").refused(404);
    app.anonymous().get("/nope/").refused(404);
}

#[test]
fn answers_are_compact_json_in_utf_8() {
    let app = App::start();
    let name = unique("Zürich 東京");
    let answer = app.user().post(ORGANIZATIONS, json!({"name": name}));
    let made = &answer.json;
    let expected = json!({
        "id": made["id"], "name": name, "created_at": made["created_at"], "updated_at": made["updated_at"],
    });
    assert_eq!(answer.text, expected.to_string());
    assert_eq!(answer.header("content-length"), Some(answer.text.len().to_string().as_str()));
    let moment = made["created_at"].as_str().expect("a moment");
    let (_, fraction) = moment.split_once('.').unwrap_or((moment, "000000"));
    assert!(fraction.len() == 6 && fraction.bytes().all(|digit| digit.is_ascii_digit()), "{moment}");
}

#[test]
fn every_answer_carries_the_security_headers() {
    let app = App::start();
    let answers = [
        app.user().get(ME),
        app.anonymous().get(ME),
        app.anonymous().get("/nope"),
        app.anonymous().delete("/healthz"),
        app.anonymous().get("/api/v1/users/me/"),
        app.user().post(ORGANIZATIONS, json!({})),
        app.anonymous().get("/docs"),
    ];
    for answer in answers {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.request);
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{}", answer.request);
        assert_eq!(answer.header("referrer-policy"), Some("strict-origin-when-cross-origin"), "{}", answer.request);
    }
}
