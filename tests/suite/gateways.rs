//! Gateways of an organization.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

const GATEWAYS: &str = "/api/v1/gateways";
const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

fn mailbox() -> Value {
    json!({"name": "Post", "url": "mailbox:", "workspace_root": ""})
}

fn path(gateway: &Value) -> String {
    format!("{GATEWAYS}/{}", gateway["id"].as_str().expect("an id"))
}

/// Fails unless the organization has this many gateways.
#[track_caller]
fn total(app: &App, expected: u64) {
    assert_eq!(app.user().get(GATEWAYS).expect(200)["total"], json!(expected));
}

#[test]
fn a_mailbox_needs_no_server_and_comes_with_its_main_agent() {
    let app = App::start();
    let made = app.user().post(GATEWAYS, mailbox()).expect(200);
    let token = made["main_agent_token"].as_str().expect("the token of the main agent");
    assert_eq!(token.len(), 43);
    let expected = json!({
        "name": "Post",
        "url": "mailbox:",
        "workspace_root": "",
        "allow_insecure_tls": false,
        "disable_device_pairing": false,
        "id": made["id"],
        "organization_id": app.user().get("/api/v1/organizations/me").expect(200)["id"],
        "token": null,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
        "has_token": false,
        "main_agent_token": token,
    });
    assert_eq!(made, expected);

    let id = made["id"].as_str().expect("an id");
    let agents = app.user().get(&format!("/api/v1/agents?gateway_id={id}")).expect(200);
    let main = &agents["items"][0];
    assert_eq!(agents["total"], json!(1));
    let expected = json!({
        "board_id": null,
        "name": "Post Gateway Agent",
        "status": "provisioning",
        "heartbeat_config": {"every": "10m", "target": "last", "includeReasoning": false},
        "identity_profile": {
            "role": "Gateway Agent",
            "communication_style": "direct, concise, practical",
            "emoji": ":compass:",
        },
        "identity_template": null,
        "soul_template": null,
        "id": main["id"],
        "gateway_id": id,
        "is_board_lead": false,
        "is_gateway_main": true,
        "openclaw_session_id": format!("agent:mc-gateway-{id}:main"),
        "last_seen_at": null,
        "created_at": main["created_at"],
        "updated_at": main["updated_at"],
    });
    assert_eq!(main, &expected);
    let health = app.agent(token).get("/api/v1/agent/healthz").expect(200);
    assert_eq!((&health["agent_id"], &health["board_id"]), (&main["id"], &json!(null)));
}

#[test]
fn reading_a_gateway_shows_no_secret() {
    let app = App::start();
    let mut body = mailbox();
    body["token"] = json!("  the-token-of-a-gateway ");
    let made = app.user().post(GATEWAYS, &body).expect(200);
    let read = app.user().get(&path(&made)).expect(200);
    assert_eq!((&read["token"], &read["has_token"]), (&json!("********"), &json!(true)));
    assert!(read.get("main_agent_token").is_none(), "{read}");
    assert!(!made.to_string().contains("the-token"), "{made}");

    body["token"] = json!("  ");
    assert_eq!(app.user().post(GATEWAYS, &body).expect(200)["has_token"], json!(false));
}

#[test]
fn gateways_are_listed_newest_first() {
    let app = App::start();
    let made: Vec<Value> = (0..3).map(|_| app.user().post(GATEWAYS, mailbox()).expect(200)["id"].clone()).collect();
    let list = app.user().get(GATEWAYS).expect(200);
    let ids: Vec<&Value> = list["items"].as_array().into_iter().flatten().map(|item| &item["id"]).collect();
    assert_eq!(ids, [&made[2], &made[1], &made[0]]);
    let page = app.user().get(&format!("{GATEWAYS}?limit=1&offset=1")).expect(200);
    assert_eq!((&page["items"][0]["id"], &page["total"]), (&made[1], &json!(3)));
    app.user().get(&format!("{GATEWAYS}?limit=0")).field_error("query.limit", "greater_than_equal");
}

#[test]
fn a_gateway_that_cannot_be_reached_is_not_stored() {
    let app = App::start();
    for (url, reason) in [
        ("", "Gateway URL is not configured."),
        ("  ", "Gateway URL is not configured."),
        ("ws://127.0.0.1:18789", "WebSocket gateways are not available in this build."),
        ("https://example.org/mailbox:", "WebSocket gateways are not available in this build."),
    ] {
        let body = json!({"name": "Post", "url": url, "workspace_root": "/srv"});
        app.user().post(GATEWAYS, body).refuses(502, &format!("Gateway compatibility check failed: {reason}"));
    }
    total(&app, 0);
}

#[test]
fn what_a_gateway_needs_is_told_together() {
    let app = App::start();
    let answer = app.user().post(GATEWAYS, json!({"name": " ", "allow_insecure_tls": null}));
    answer.field_error("body.name", "string_too_short");
    answer.field_error("body.url", "missing");
    answer.field_error("body.workspace_root", "missing");
    answer.field_error("body.allow_insecure_tls", "bool_type");
    app.user().get(&format!("{GATEWAYS}/x")).field_error("path.gateway_id", "uuid_parsing");
    total(&app, 0);
}

#[test]
fn gateways_of_others_do_not_exist() {
    let app = App::start();
    let world = World::new(&app);
    let others = world.other();
    world.user.get(&path(&world.gateway)).expect(200);
    world.user.get(&path(&others.gateway)).refuses(404, "Gateway not found");
    world.user.get(&format!("{GATEWAYS}/{NOBODY}")).refuses(404, "Gateway not found");
    total(&app, 1);
}

#[test]
fn only_admins_manage_gateways() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let gateway = path(&world.gateway);
    for client in [app.anonymous(), world.lead.client.clone(), world.main.clone()] {
        client.get(GATEWAYS).refused(401);
        client.get(&gateway).refused(401);
        client.post(GATEWAYS, mailbox()).refused(401);
    }
    app.execute("UPDATE organization_members SET role = 'member'");
    world.user.get(GATEWAYS).refused(403);
    world.user.get(&gateway).refused(403);
    world.user.post(GATEWAYS, mailbox()).refused(403);
}

#[test]
fn a_change_leaves_what_it_does_not_name() {
    let app = App::start();
    let made = app.user().post(GATEWAYS, mailbox()).expect(200);
    let change = |body: Value| app.user().patch(&path(&made), body);
    let changed = change(json!({"name": "Mail", "token": " a-token-of-twenty "})).expect(200);
    assert_eq!((&changed["name"], &changed["url"]), (&json!("Mail"), &json!("mailbox:")));
    assert_eq!((&changed["token"], &changed["has_token"]), (&json!("********"), &json!(true)));
    assert_ne!(changed["updated_at"], made["updated_at"]);
    let id = made["id"].as_str().expect("an id");
    let agents = app.user().get(&format!("/api/v1/agents?gateway_id={id}")).expect(200);
    assert_eq!(agents["items"][0]["name"], "Mail Gateway Agent");
    // As the web client sends it: all of the form, the mask included.
    let form = json!({
        "name": "Mail", "url": "ws://mailbox.invalid:1", "token": "********", "disable_device_pairing": false,
        "workspace_root": "/srv", "allow_insecure_tls": false,
    });
    let kept = change(form).expect(200);
    assert_eq!((&kept["has_token"], &kept["url"]), (&json!(true), &json!("ws://mailbox.invalid:1")));
    assert_eq!(change(json!({"token": null})).expect(200)["has_token"], false);
    for member in ["name", "url", "workspace_root"] {
        change(json!({member: null})).field_error(&format!("body.{member}"), "string_type");
    }
    change(json!({"url": "ws://127.0.0.1:1"})).check(502);
    app.user().patch(&format!("{GATEWAYS}/{NOBODY}"), json!({})).refuses(404, "Gateway not found");
}

#[test]
fn a_gateway_that_is_used_is_not_deleted() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let gateway = path(&world.gateway);
    world.user.delete(&gateway).refuses(409, "Gateway is used by boards or agents: move or delete them first.");
    world.user.delete(&world.path("")).expect(200);
    assert_eq!(world.user.delete(&gateway).expect(200), json!({"ok": true}));
    world.user.delete(&gateway).refuses(404, "Gateway not found");
    assert_eq!(app.rows()["agents"], 0);
    world.main.get("/api/v1/agent/healthz").refused(401);
}

#[test]
fn a_mailbox_is_always_connected() {
    let app = App::start();
    let world = World::new(&app);
    for url in ["mailbox:", "ws://mailbox.invalid:1"] {
        let status = world.user.get(&format!("{GATEWAYS}/status?gateway_url={url}&gateway_token=x")).expect(200);
        assert_eq!((&status["connected"], &status["gateway_url"]), (&json!(true), &json!(url)));
    }
    let status = world.user.get(&format!("{GATEWAYS}/status?gateway_url=ws://127.0.0.1:1")).expect(200);
    assert_eq!((&status["connected"], &status["sessions"]), (&json!(false), &json!(null)));
    let status = world.user.get(&format!("{GATEWAYS}/status?board_id={}", world.board_id())).expect(200);
    assert_eq!((&status["connected"], &status["sessions_count"]), (&json!(true), &json!(3)));
    assert_eq!(status["main_session"]["key"], format!("agent:mc-gateway-{}:main", world.gateway_id()));
    let text = "board_id or gateway_url is required";
    world.user.get(&format!("{GATEWAYS}/status")).refuses(422, text);
    world.user.get(&format!("{GATEWAYS}/status?gateway_url=%20")).refuses(422, text);
    world.user.get(&format!("{GATEWAYS}/status?board_id={NOBODY}")).refuses(404, "Board not found");
    let commands = world.user.get(&format!("{GATEWAYS}/commands")).expect(200);
    assert_eq!(commands["protocol_version"], 3);
    let count = |name: &str| commands[name].as_array().map(Vec::len);
    assert_eq!((count("methods"), count("events")), (Some(86), Some(18)));
}

#[test]
fn sessions_of_a_mailbox_are_those_of_its_agents() {
    let app = App::start();
    let world = World::new(&app);
    let query = format!("?board_id={}", world.board_id());
    let sessions = world.user.get(&format!("{GATEWAYS}/sessions{query}")).expect(200);
    let key = format!("agent:lead-{}:main", world.board_id());
    let lead = json!({"key": key, "label": "Lead"});
    assert!(sessions["sessions"].as_array().expect("sessions").contains(&lead), "{sessions}");
    let session = format!("{GATEWAYS}/sessions/{key}");
    assert_eq!(world.user.get(&format!("{session}{query}")).expect(200), json!({"session": lead}));
    let sent = world.user.post(&format!("{session}/message{query}"), json!({"content": " hello "})).expect(200);
    assert_eq!(sent, json!({"ok": true}));
    let history = world.user.get(&format!("{session}/history{query}")).expect(200);
    let last = history["history"].as_array().expect("history").last().expect("a message");
    assert_eq!((&last["content"], &last["role"]), (&json!("hello"), &json!("user")));
    let inbox = world.lead.client.get("/api/v1/agent/inbox").expect(200);
    assert!(inbox["items"].as_array().expect("items").iter().any(|item| item["message"] == "hello"), "{inbox}");
    let strange = format!("{GATEWAYS}/sessions/agent:lead-{}:main", world.other().board_id());
    world.activate();
    for rest in ["", "/history"] {
        world.user.get(&format!("{strange}{rest}{query}")).refuses(404, "Session not found");
    }
    world.user.post(&format!("{session}/message{query}"), json!({})).field_error("body.content", "missing");
    world.user.get(&format!("{GATEWAYS}/sessions")).refuses(422, "board_id or gateway_url is required");
}

#[test]
fn a_sync_of_a_mailbox_counts_its_agents() {
    let app = App::start();
    let world = World::new(&app);
    let sync = |query: &str| world.user.post(&format!("{}/templates/sync{query}", path(&world.gateway)), json!({}));
    let result = sync("").expect(200);
    assert_eq!(
        result,
        json!({
            "gateway_id": world.gateway_id(), "include_main": true, "reset_sessions": false, "agents_updated": 2,
            "agents_skipped": 0, "main_updated": true, "errors": [],
        })
    );
    let leads = sync("?lead_only=true&include_main=false").expect(200);
    assert_eq!((&leads["agents_updated"], &leads["main_updated"]), (&json!(1), &json!(false)));
    let rotated = sync("?rotate_tokens=true").expect(200);
    assert_eq!((&rotated["agents_skipped"], rotated["errors"].as_array().map(Vec::len)), (&json!(2), Some(3)));
    let strange = sync(&format!("?board_id={NOBODY}")).expect(200);
    assert_eq!(strange["errors"][0]["message"], "Board does not belong to this gateway.");
    world.user.post(&format!("{GATEWAYS}/{NOBODY}/templates/sync"), json!({})).refuses(404, "Gateway not found");
}
