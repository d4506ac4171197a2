//! How bodies are read, and what is said of those that cannot be.

use mission_control_tests::{Answer, App, unique};
use serde_json::json;

use super::{BOARDS, JSON, ORGANIZATIONS, send};

#[track_caller]
fn post(app: &App, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    app.user().raw("POST", ORGANIZATIONS, headers, body)
}

#[test]
fn no_body_and_null_are_a_missing_body() {
    let app = App::start();
    for (headers, body) in [
        (&[][..], &b""[..]),
        (&[JSON], b""),
        (&[("content-type", "text/plain")], b""),
        (&[JSON], b"null"),
        (&[JSON], b" null "),
    ] {
        let answer = post(&app, headers, body);
        let entry = answer.field_error("body", "missing");
        assert_eq!(*entry, json!({"type": "missing", "loc": ["body"], "msg": "Field required", "input": null}));
    }
}

#[test]
fn json_is_read_whatever_its_parameters_and_encoding() {
    let app = App::start();
    let body = |name: &str| json!({"name": name}).to_string();
    for kind in ["application/json", "Application/JSON; charset=latin-1", "application/vnd.x+json", ""] {
        let made = post(&app, &[("content-type", kind)], body(&unique("Name")).as_bytes());
        made.check(200);
    }
    let (plain, marked, wide) = (unique("Plain"), unique("Marked"), unique("Wide"));
    assert_eq!(post(&app, &[], body(&plain).as_bytes()).expect(200)["name"], plain);
    let with_mark = [b"\xef\xbb\xbf", body(&marked).as_bytes()].concat();
    assert_eq!(post(&app, &[JSON], &with_mark).expect(200)["name"], marked);
    let utf_16: Vec<u8> = body(&wide).encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(post(&app, &[JSON], &utf_16).expect(200)["name"], wide);
    let twice = format!("{{\"name\": 1, \"name\": \"{}\"}}", unique("Last"));
    assert!(post(&app, &[JSON], twice.as_bytes()).expect(200)["name"].as_str().is_some_and(|n| n.starts_with("Last")));
}

#[test]
fn other_content_is_told_as_what_it_is() {
    let app = App::start();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream", "text/json"] {
        let answer = post(&app, &[("content-type", kind)], b"{\"name\": \"x\xff\"}");
        let entry = answer.field_error("body", "model_attributes_type");
        assert_eq!(entry["input"], "{\"name\": \"x\u{fffd}\"}", "{kind}");
        assert_eq!(entry["msg"], "Input should be a valid dictionary or object to extract fields from");
    }
    for (body, input) in [("[1]", json!([1])), ("\"x\"", json!("x")), ("7", json!(7)), ("true", json!(true))] {
        let answer = post(&app, &[JSON], body.as_bytes());
        assert_eq!(answer.field_error("body", "model_attributes_type")["input"], input);
    }
}

#[test]
fn broken_json_is_told_with_its_place_and_reason() {
    let app = App::start();
    for (body, offset, reason) in [
        ("{\"name\": ", 9, "Expecting value"),
        ("{\"name\":\"x\"} zzz", 13, "Extra data"),
        ("{bad", 1, "Expecting property name enclosed in double quotes"),
        ("{\"a\":\"x", 5, "Unterminated string starting at"),
        ("[1,]", 3, "Expecting value"),
        ("{\"ü\" 1}", 5, "Expecting ':' delimiter"),
        ("{\"a\":1 2", 7, "Expecting ',' delimiter"),
        ("{\"a\":\"\n\"}", 6, "Invalid control character at"),
        ("{\"a\":\"\\x\"}", 6, "Invalid \\escape"),
        (" ", 1, "Expecting value"),
    ] {
        let answer = post(&app, &[JSON], body.as_bytes());
        let entry = answer.field_error(&format!("body.{offset}"), "json_invalid");
        let expected = json!({
            "type": "json_invalid", "loc": ["body", offset], "msg": "JSON decode error", "input": {},
            "ctx": {"error": reason},
        });
        assert_eq!(*entry, expected, "{body}");
    }
}

#[test]
fn a_body_that_is_no_text_or_cannot_be_represented_is_unreadable() {
    let app = App::start();
    let deep = "[".repeat(100_000);
    let long = format!("{{\"name\": {}}}", "9".repeat(5_000));
    let bodies = [
        &b"{\"name\": \"\xff\"}"[..],
        deep.as_bytes(),
        long.as_bytes(),
        b"{\"name\": 1e999}",
        b"{\"name\": \"\\ud800\"}",
    ];
    for body in bodies {
        post(&app, &[JSON], body).refuses(400, "There was an error parsing the body");
    }
    post(&app, &[JSON], b"{\"name\": \"a\\u0000b\"}").field_error("body.name", "value_error");
}

#[test]
fn who_may_is_decided_before_a_body_is_read() {
    let app = App::start();
    let anonymous = app.anonymous();
    anonymous.raw("POST", ORGANIZATIONS, &[JSON], b"{").refused(401);
    anonymous.raw("POST", ORGANIZATIONS, &[JSON, ("content-encoding", "br")], b"{").refused(401);
    anonymous.post(ORGANIZATIONS, json!({"name": 1})).refused(401);
    anonymous.get("/api/v1/boards?limit=0").refused(401);
    anonymous.get("/api/v1/boards/abc").refused(401);
    let both = app.user().patch("/api/v1/boards/abc", json!({"name": null}));
    both.field_error("path.board_id", "uuid_parsing");
    both.field_error("body.name", "string_type");
}

#[test]
fn secrets_and_long_texts_are_not_repeated_in_refusals() {
    let app = App::start();
    let answer = app.user().post(BOARDS, json!({"token": "hunter2", "slug": "s".repeat(5_000)}));
    answer.field_error("body.name", "missing");
    assert!(!answer.text.contains("hunter2") && answer.text.len() < 20_000, "{}", answer.text);
}

#[test]
fn no_more_than_a_hundred_faults_are_told() {
    let app = App::start();
    let world = mission_control_tests::World::new(&app);
    let list = format!("[{}0]", "0,".repeat(520_000));
    let body = format!("{{\"content\": \"x\", \"tags\": {list}}}");
    let start = std::time::Instant::now();
    let answer = world.user.raw("POST", &world.path("/memory"), &[JSON], body.as_bytes());
    assert_eq!(answer.check(422).detail().as_array().map(Vec::len), Some(100));
    answer.field_error("body.tags.99", "string_type");
    assert!(answer.text.len() < 50_000, "{}", answer.text.len());
    // What is repeated of the request has a bound of its own.
    let many: String = (0..50_000).map(|number| format!("\"m{number}\": {number}, ")).collect();
    let answer = world.user.raw("POST", BOARDS, &[JSON], format!("{{{many} \"last\": 0}}").as_bytes());
    answer.field_error("body.name", "missing");
    assert!(answer.text.len() < 50_000, "{}", answer.text.len());
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}

#[test]
fn a_body_over_the_limit_is_refused_whether_or_not_it_says_so() {
    let Some(app) = App::with(&[("max_body_bytes", "100")]) else { return };
    let refusal = "Payload exceeds maximum size of 100 bytes.";
    let fits = format!("{{\"name\": \"{}\"}}", "x".repeat(88));
    assert_eq!(fits.len(), 100);
    app.user().raw("POST", ORGANIZATIONS, &[JSON], fits.as_bytes()).expect(200);
    let long = vec![b' '; 101];
    app.user().raw("POST", ORGANIZATIONS, &[JSON], &long).refuses(413, refusal);
    app.anonymous().raw("POST", ORGANIZATIONS, &[JSON], &long).refused(401);
    let chunked = [b"65\r\n", long.as_slice(), b"\r\n0\r\n\r\n"].concat();
    let headers = format!("Authorization: Bearer {}\r\nTransfer-Encoding: chunked\r\n", app.token());
    let answer = send(&app, "POST", ORGANIZATIONS, headers, &chunked);
    assert_eq!((answer.status, &answer.json()["detail"]), (413, &json!(refusal)));
}
