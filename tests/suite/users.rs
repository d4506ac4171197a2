//! The signed-in person.

use std::io::{Read, Write};
use std::net::TcpStream;

use mission_control_tests::App;
use serde_json::json;

#[test]
fn the_first_call_makes_the_person() {
    let Some(app) = App::with(&[]) else { return };
    let first = app.user().post("/api/v1/auth/bootstrap", json!({})).expect(200);
    let expected = json!({
        "clerk_user_id": "local-auth-user",
        "email": "admin@home.local",
        "name": "Local User",
        "preferred_name": null,
        "pronouns": null,
        "timezone": null,
        "notes": null,
        "context": null,
        "id": first["id"],
        "is_super_admin": false,
    });
    assert_eq!(first, expected);
    assert_eq!(app.user().get("/api/v1/users/me").expect(200), expected);
}

#[test]
fn first_calls_at_the_same_time_make_one_person() {
    let Some(app) = App::with(&[]) else { return };
    let mut ids: Vec<String> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..8).map(|_| scope.spawn(|| app.user().get("/api/v1/users/me").expect(200))).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")["id"].to_string()).collect()
    });
    ids.dedup();
    assert_eq!(ids.len(), 1);
    let organizations = app.user().get("/api/v1/organizations/me/list").expect(200);
    assert_eq!(organizations.as_array().map(Vec::len), Some(1), "{organizations}");
}

#[test]
fn only_the_bearer_token_signs_in() {
    let app = App::start();
    let token = app.token();
    app.anonymous().get("/api/v1/users/me").refused(401);
    for wrong in ["", "Bearer", "Bearer wrong", token, &format!("Basic {token}"), &format!("Bearer {token} x")] {
        let answer = app.anonymous().with_header("authorization", wrong).get("/api/v1/users/me");
        answer.refused(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{wrong}");
    }
    for right in [format!("bearer {token}"), format!("  BEARER   {token}  ")] {
        app.anonymous().with_header("authorization", &right).get("/api/v1/users/me").expect(200);
    }
}

#[test]
fn a_token_outside_ascii_is_refused() {
    let app = App::start();
    let address = app.url().trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).expect("a connection");
    let request =
        b"GET /api/v1/users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xc3\xa9\r\nConnection: close\r\n\r\n";
    connection.write_all(request).expect("the request is sent");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[test]
fn a_person_changes_what_the_request_carries() {
    let app = App::start();
    let me = app.user().patch("/api/v1/users/me", json!({"preferred_name": "Al", "notes": "n", "pronouns": "they"}));
    let me = me.expect(200);
    assert_eq!((&me["preferred_name"], &me["notes"], &me["pronouns"]), (&json!("Al"), &json!("n"), &json!("they")));

    assert_eq!(app.user().patch("/api/v1/users/me", json!({})).expect(200), me);
    let cleared = app.user().patch("/api/v1/users/me", json!({"notes": null})).expect(200);
    assert_eq!((&cleared["preferred_name"], &cleared["notes"]), (&json!("Al"), &json!(null)));
    assert_eq!(app.user().get("/api/v1/users/me").expect(200), cleared);
}

#[test]
fn faults_of_a_profile_are_told_together() {
    let app = App::start();
    let answer = app.user().patch("/api/v1/users/me", json!({"notes": 1, "context": []}));
    answer.field_error("body.notes", "string_type");
    answer.field_error("body.context", "string_type");
    app.anonymous().patch("/api/v1/users/me", json!({"notes": 1})).refused(401);
}

#[test]
fn bodies_that_are_no_json_are_told_to_who_may() {
    let app = App::start();
    let json = [("content-type", "application/json")];
    app.anonymous().raw("PATCH", "/api/v1/users/me", &json, b"{").refused(401);
    let answer = app.user().raw("PATCH", "/api/v1/users/me", &json, b"{");
    answer.field_error("body.1", "json_invalid");
    let answer = app.user().raw("PATCH", "/api/v1/users/me", &json, b"{\"notes\":\"\xff\"}");
    answer.refuses(400, "There was an error parsing the body");
    let answer = app.user().raw("PATCH", "/api/v1/users/me", &json, b"");
    answer.field_error("body", "missing");
}

#[test]
fn a_body_over_the_limit_is_refused() {
    let Some(app) = App::with(&[("max_body_bytes", "100")]) else { return };
    let answer = app.user().patch("/api/v1/users/me", json!({"notes": "x".repeat(100)}));
    answer.refuses(413, "Payload exceeds maximum size of 100 bytes.");
}
