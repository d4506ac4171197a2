//! Webhooks of a board, and what they have received.

use mission_control_tests::{Answer, App, Client, World};
use serde_json::{Value, json};

const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";

#[track_caller]
fn create(world: &World<'_>, members: Value) -> Value {
    let mut body = json!({"description": "Triage it"});
    body.as_object_mut().expect("an object").extend(members.as_object().expect("an object").clone());
    world.user.post(&world.path("/webhooks"), body).expect(200)
}

fn path_of(world: &World<'_>, webhook: &Value) -> String {
    world.path(&format!("/webhooks/{}", webhook["id"].as_str().expect("an id")))
}

/// Posts an event and gives the path of its payload.
#[track_caller]
fn receive(world: &World<'_>, webhook: &Value, content_type: &str, body: &str) -> String {
    let path = path_of(world, webhook);
    let headers = [("content-type", content_type), ("user-agent", "rec/1"), ("x-custom", "v")];
    let received = world.app().anonymous().raw("POST", &path, &headers, body.as_bytes()).expect(202);
    format!("{path}/payloads/{}", received["payload_id"].as_str().expect("an id"))
}

/// The same path in the agents' own API.
fn for_agents(path: &str) -> String {
    path.replacen("/api/v1/", "/api/v1/agent/", 1)
}

#[test]
fn a_webhook_has_defaults_and_an_address() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({"description": "  Triage it "}));
    let endpoint_path = path_of(&world, &made);
    let expected = json!({
        "id": made["id"],
        "board_id": world.board_id(),
        "agent_id": null,
        "description": "Triage it",
        "enabled": true,
        "has_secret": false,
        "signature_header": null,
        "endpoint_path": endpoint_path,
        "endpoint_url": made["endpoint_url"],
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(made, expected);
    assert!(made["endpoint_url"].as_str().is_some_and(|url| url.starts_with("http") && url.ends_with(&endpoint_path)));
    assert_eq!(world.user.get(&endpoint_path).expect(200), made);
}

#[test]
fn a_secret_is_never_shown() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({"secret": " the-secret-of-a-webhook ", "signature_header": " X-Sig "}));
    assert_eq!((&made["has_secret"], &made["signature_header"]), (&json!(true), &json!("X-Sig")));
    let answer = world.user.get(&world.path("/webhooks"));
    assert!(!answer.text.contains("the-secret"), "{}", answer.text);
    let blank = create(&world, json!({"secret": "  ", "signature_header": " "}));
    assert_eq!((&blank["has_secret"], &blank["signature_header"]), (&json!(false), &json!(null)));
}

#[test]
fn every_fault_of_a_webhook_is_told() {
    let app = App::start();
    let world = World::new(&app);
    let post = |body: Value| world.user.post(&world.path("/webhooks"), body);
    post(json!({})).field_error("body.description", "missing");
    post(json!({"description": " "})).field_error("body.description", "string_too_short");
    post(json!({"description": "a\u{0}"})).field_error("body.description", "value_error");
    let answer = post(json!({"description": 1, "enabled": "x", "agent_id": "x", "secret": 5, "signature_header": 6}));
    answer.field_error("body.description", "string_type");
    answer.field_error("body.enabled", "bool_parsing");
    answer.field_error("body.agent_id", "uuid_parsing");
    answer.field_error("body.secret", "string_type");
    answer.field_error("body.signature_header", "string_type");
    let text = "Value error, signature_header must be a valid HTTP header name (ASCII token characters only)";
    let answer = post(json!({"description": "d", "signature_header": "bad header:"}));
    assert_eq!(answer.field_error("body.signature_header", "value_error")["msg"], json!(text));
}

#[test]
fn the_agent_to_tell_works_on_the_board() {
    let app = App::start();
    let world = World::new(&app);
    let elsewhere = world.make_board(json!({}));
    let elsewhere = world.make_agent(json!({"board_id": elsewhere["id"]}));
    let made = create(&world, json!({"agent_id": world.worker.id}));
    assert_eq!(made["agent_id"], json!(world.worker.id));
    for agent in [elsewhere.id.as_str(), &world.other().lead.id, UNKNOWN] {
        let text = "agent_id must reference an agent on this board.";
        let body = json!({"description": "d", "agent_id": agent});
        world.user.post(&world.path("/webhooks"), &body).refuses(422, text);
        world.user.patch(&path_of(&world, &made), &body).refuses(422, text);
    }
    assert_eq!(world.user.get(&path_of(&world, &made)).expect(200), made);
}

#[test]
fn an_agent_that_a_change_repeats_is_not_checked_again() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let made = create(&world, json!({"agent_id": world.worker.id}));
    let elsewhere = world.make_board(json!({}));
    app.execute(&format!(
        "UPDATE agents SET board_id = '{}' WHERE id = '{}'",
        elsewhere["id"].as_str().expect("an id"),
        world.worker.id
    ));
    let body = json!({"description": "New", "agent_id": world.worker.id});
    assert_eq!(world.user.patch(&path_of(&world, &made), body).expect(200)["description"], "New");
}

#[test]
fn webhooks_are_listed_newest_first_and_in_pages() {
    let app = App::start();
    let world = World::new(&app);
    let list = |query: &str| world.user.get(&world.path(&format!("/webhooks{query}")));
    assert_eq!(list("").expect(200), json!({"items": [], "total": 0, "limit": 200, "offset": 0}));
    let made = [create(&world, json!({})), create(&world, json!({})), create(&world, json!({}))];
    assert_eq!(list("").expect(200)["items"], json!([made[2], made[1], made[0]]));
    let page = list("?limit=1&offset=1").expect(200);
    assert_eq!(page, json!({"items": [made[1]], "total": 3, "limit": 1, "offset": 1}));
    list("?limit=0").field_error("query.limit", "greater_than_equal");
    list("?limit=201").field_error("query.limit", "less_than_equal");
    list("?offset=-1").field_error("query.offset", "greater_than_equal");
}

#[test]
fn a_change_touches_only_what_it_carries() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(
        &world,
        json!({"secret": "the-secret-of-a-webhook", "signature_header": "X-Sig", "agent_id": world.worker.id}),
    );
    let path = path_of(&world, &made);
    let changed = world.user.patch(&path, json!({"description": " New ", "enabled": false})).expect(200);
    let mut expected = made.clone();
    expected["description"] = json!("New");
    expected["enabled"] = json!(false);
    expected["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, expected);
    assert!(changed["updated_at"].as_str() > made["updated_at"].as_str());

    assert_eq!(world.user.patch(&path, json!({})).expect(200), changed, "nothing to change");
    let cleared = world.user.patch(&path, json!({"agent_id": null, "secret": null, "signature_header": null}));
    let cleared = cleared.expect(200);
    let members = [&cleared["agent_id"], &cleared["has_secret"], &cleared["signature_header"]];
    assert_eq!(members, [&json!(null), &json!(false), &json!(null)]);
    assert_eq!(world.user.get(&path).expect(200), cleared);
}

#[test]
fn what_may_not_be_empty_cannot_be_cleared() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let answer = world.user.patch(&path_of(&world, &made), json!({"description": null, "enabled": null}));
    answer.field_error("body.description", "string_type");
    answer.field_error("body.enabled", "bool_type");
    let answer = world.user.patch(&path_of(&world, &made), json!({"description": "", "signature_header": "a b"}));
    answer.field_error("body.description", "string_too_short");
    answer.field_error("body.signature_header", "value_error");
}

#[test]
fn a_deleted_webhook_takes_its_payloads_and_leaves_the_memory() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let payload = receive(&world, &made, "text/plain", "x");
    world.user.get(&payload).expect(200);
    assert_eq!(world.user.delete(&path_of(&world, &made)).expect(200), json!({"ok": true}));
    world.user.get(&payload).refused(404);
    world.user.get(&path_of(&world, &made)).refused(404);
    world.user.delete(&path_of(&world, &made)).refused(404);
    world.lead.client.get(&for_agents(&payload)).refused(404);
    let memory = world.user.get(&world.path("/memory")).expect(200);
    assert_eq!(memory["items"][0]["source"], json!("webhook"));
}

#[test]
fn payloads_are_listed_newest_first_and_in_pages() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let other = create(&world, json!({}));
    receive(&world, &other, "text/plain", "other");
    let paths = ["one", "two", "three"].map(|body| receive(&world, &made, "text/plain", body));
    let list = |query: &str| world.user.get(&format!("{}/payloads{query}", path_of(&world, &made)));
    let page = list("").expect(200);
    let bodies: Vec<&Value> = page["items"].as_array().expect("items").iter().map(|item| &item["payload"]).collect();
    assert_eq!(bodies, ["three", "two", "one"]);
    assert_eq!(page["total"], json!(3));
    let page = list("?limit=1&offset=2").expect(200);
    assert_eq!(page["items"], json!([world.user.get(&paths[0]).expect(200)]));
    list("?limit=x").field_error("query.limit", "int_parsing");
}

#[test]
fn a_payload_tells_what_came_and_from_where() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let path = receive(&world, &made, "application/json", "{\"event\": \"push\", \"n\": 12345678901234567890123}");
    let answer = world.user.get(&path);
    let payload = answer.check(200).json.clone();
    let expected = json!({
        "id": path.rsplit('/').next(),
        "board_id": world.board_id(),
        "webhook_id": made["id"],
        "payload": payload["payload"],
        "headers": {"content-type": "application/json", "user-agent": "rec/1", "x-custom": "v"},
        "source_ip": payload["source_ip"],
        "content_type": "application/json",
        "received_at": payload["received_at"],
    });
    assert_eq!(payload, expected);
    assert!(answer.text.contains("\"n\":12345678901234567890123"), "{}", answer.text);
    assert!(payload["source_ip"].as_str().is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok()), "{payload}");
}

#[test]
fn agents_of_the_board_and_the_main_agent_read_payloads() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let path = receive(&world, &made, "application/json", "{\"event\": \"push\", \"n\": 1}");
    let whole = world.user.get(&path).expect(200);
    for client in [&world.lead.client, &world.worker.client, &world.main] {
        assert_eq!(client.get(&for_agents(&path)).expect(200), whole);
    }
    let elsewhere = world.make_board(json!({}));
    let elsewhere = world.make_agent(json!({"board_id": elsewhere["id"]}));
    elsewhere.client.get(&for_agents(&path)).refused(403);
    world.other().lead.client.get(&for_agents(&path)).refused(403);
    world.other().main.get(&for_agents(&path)).refused(404);
    app.anonymous().get(&for_agents(&path)).refused(401);
    world.user.get(&for_agents(&path)).refused(401);
    world.lead.client.get(&path).refused(401);
}

#[test]
fn agents_may_ask_for_the_start_of_a_payload() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let object = receive(&world, &made, "application/json", "{\"event\": \"push\", \"ü\": 1}");
    let text = receive(&world, &made, "text/plain", "äöüßé");
    let null = receive(&world, &made, "application/json", "null");
    let start =
        |path: &str, max_chars: &str| world.lead.client.get(&format!("{}?max_chars={max_chars}", for_agents(path)));
    let payload = |answer: Answer| answer.expect(200)["payload"].clone();
    assert_eq!(payload(start(&object, "10")), json!("{\"event..."));
    assert_eq!(payload(start(&object, "3")), json!("{\"e"));
    assert_eq!(payload(start(&object, "28")), json!("{\"event\": \"push\", \"\\u00fc..."));
    assert_eq!(payload(start(&object, "30")), json!({"event": "push", "ü": 1}));
    assert_eq!(payload(start(&text, "5")), json!("äöüßé"));
    assert_eq!(payload(start(&text, "4")), json!("ä..."));
    assert_eq!(payload(start(&null, "1")), json!(null));
    start(&text, "0").field_error("query.max_chars", "greater_than_equal");
    start(&text, "1000001").field_error("query.max_chars", "less_than_equal");
    start(&text, "x").field_error("query.max_chars", "int_parsing");
}

#[test]
fn payloads_belong_to_one_webhook_of_one_board() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let path = receive(&world, &made, "text/plain", "x");
    let other = create(&world, json!({}));
    let id = |webhook: &Value| webhook["id"].as_str().expect("an id").to_owned();
    let elsewhere = path.replace(&id(&made), &id(&other));
    let board = world.make_board(json!({}));
    let other_board = path.replace(world.board_id(), board["id"].as_str().expect("an id"));
    for wrong in [&elsewhere, &other_board] {
        world.user.get(wrong).refused(404);
        world.main.get(&for_agents(wrong)).refused(404);
    }
}

/// Every call of a person, with the webhook's path.
fn calls(user: &Client, list: &str, webhook: &str, payload: &str) -> Vec<(bool, Answer)> {
    vec![
        (false, user.get(list)),
        (true, user.post(list, json!({"description": "d"}))),
        (false, user.get(webhook)),
        (true, user.patch(webhook, json!({"description": "d"}))),
        (false, user.get(&format!("{webhook}/payloads"))),
        (false, user.get(payload)),
        (true, user.delete(webhook)),
    ]
}

#[test]
fn nobody_but_people_manages_webhooks() {
    let app = App::start();
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let (list, path, payload) =
        (world.path("/webhooks"), path_of(&world, &made), receive(&world, &made, "text/plain", "x"));
    for client in [&app.anonymous(), &world.lead.client, &world.worker.client, &world.main] {
        for (_, answer) in calls(client, &list, &path, &payload) {
            answer.refused(401);
        }
    }
    world.user.get(&payload).expect(200);
}

#[test]
fn rights_on_the_board_decide_not_the_role() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let (list, path, payload) =
        (world.path("/webhooks"), path_of(&world, &made), receive(&world, &made, "text/plain", "x"));

    app.execute("UPDATE organization_members SET all_boards_read = FALSE, all_boards_write = FALSE");
    for (_, answer) in calls(&world.user, &list, &path, &payload) {
        answer.refuses(403, "Board access denied");
    }
    app.execute("UPDATE organization_members SET all_boards_read = TRUE");
    for (writes, answer) in calls(&world.user, &list, &path, &payload) {
        if writes {
            answer.refuses(403, "Board access denied");
        } else {
            answer.expect(200);
        }
    }
}

#[test]
fn webhooks_of_a_stranger_are_not_found() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let made = create(&world, json!({}));
    let (list, path, payload) =
        (world.path("/webhooks"), path_of(&world, &made), receive(&world, &made, "text/plain", "x"));
    app.execute(&format!("DELETE FROM organization_members WHERE organization_id = '{}'", world.organization_id()));
    for (_, answer) in calls(&world.user, &list, &path, &payload) {
        answer.refused(404);
    }
}

#[test]
fn unknown_and_malformed_ids_are_told_apart() {
    let app = App::start();
    let world = World::new(&app);
    let (list, webhook) = (format!("/api/v1/boards/{UNKNOWN}/webhooks"), world.path(&format!("/webhooks/{UNKNOWN}")));
    for (_, answer) in calls(&world.user, &list, &webhook, &format!("{webhook}/payloads/{UNKNOWN}")) {
        answer.refused(404);
    }
    for (_, answer) in calls(
        &world.user,
        "/api/v1/boards/x/webhooks",
        "/api/v1/boards/x/webhooks/y",
        "/api/v1/boards/x/webhooks/y/payloads/z",
    ) {
        answer.field_error("path.board_id", "uuid_parsing");
    }
    let payload = world.path("/webhooks/y/payloads/z");
    let answer = world.user.get(&payload);
    answer.field_error("path.webhook_id", "uuid_parsing");
    answer.field_error("path.payload_id", "uuid_parsing");
    let answer = world.lead.client.get(&for_agents(&payload));
    answer.field_error("path.webhook_id", "uuid_parsing");
    answer.field_error("path.payload_id", "uuid_parsing");
    world.lead.client.get(&for_agents(&world.path(&format!("/webhooks/{UNKNOWN}/payloads/{UNKNOWN}")))).refused(404);
}

#[test]
fn a_deleted_agent_is_told_of_nothing_any_more() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let made = create(&world, json!({"agent_id": world.worker.id}));
    app.execute(&format!("DELETE FROM agents WHERE id = '{}'", world.worker.id));
    assert_eq!(world.user.get(&path_of(&world, &made)).expect(200)["agent_id"], json!(null));
}
