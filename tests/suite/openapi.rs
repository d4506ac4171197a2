//! Every documented operation is there, and needs credentials unless it says otherwise.

use std::collections::BTreeSet;

use mission_control_tests::App;
use serde_json::{Value, json};

const ID: &str = "11111111-1111-4111-8111-111111111111";

/// Operations for everyone: health, and the receiving end of webhooks, which has secrets of its own.
const PUBLIC: &[&str] =
    &["GET /health", "GET /healthz", "GET /readyz", "POST /api/v1/boards/{board_id}/webhooks/{webhook_id}"];

/// Method and path of every documented operation, from the server itself.
fn operations(app: &App) -> Vec<(String, String)> {
    let document: Value = app.anonymous().get("/openapi.json").expect(200);
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, _)| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

/// The path with an id that nothing has for each parameter.
fn fill_in(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { ID } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn every_documented_operation_has_a_route() {
    let app = App::start();
    for (method, path) in operations(&app) {
        let answer = app.anonymous().raw("PURGE", &fill_in(&path), &[], b"");
        let allowed: BTreeSet<&str> = answer.check(405).header("allow").unwrap_or_default().split(", ").collect();
        assert!(allowed.contains(method.as_str()), "{method} {path} is documented, allowed is {allowed:?}");
    }
}

#[test]
fn operations_refuse_whoever_has_no_credentials() {
    let Some(app) = App::with(&[("user_auth_limit", "0"), ("agent_auth_limit", "0")]) else { return };
    let callers = [app.anonymous(), app.anonymous().with_bearer("wrong"), app.agent("wrong")];
    for (method, path) in operations(&app) {
        if PUBLIC.contains(&format!("{method} {path}").as_str()) {
            continue;
        }
        for caller in &callers {
            let answer = match method.as_str() {
                "GET" | "DELETE" => caller.raw(&method, &fill_in(&path), &[], b""),
                _ => caller.json(&method, &fill_in(&path), json!({})),
            };
            answer.refused(401);
        }
    }
}
