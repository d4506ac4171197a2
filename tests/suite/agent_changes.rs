//! Changing and deleting agents, as admins do.

use mission_control_tests::{App, World};
use serde_json::{Value, json};
use uuid::Uuid;

fn path(id: &str) -> String {
    format!("/api/v1/agents/{id}")
}

#[test]
fn a_change_leaves_what_it_does_not_name() {
    let app = App::start();
    let world = World::new(&app);
    let agent =
        world.make_agent(json!({"name": "Old", "soul_template": "soul", "identity_profile": {"role": "Tester"}}));
    let change = |body: Value| world.user.patch(&path(&agent.id), body);
    let before = world.user.get(&path(&agent.id)).expect(200);
    assert_eq!(change(json!({})).expect(200), before);
    let changed = change(json!({"name": " New ", "heartbeat_config": null, "identity_template": " t "})).expect(200);
    assert_eq!((&changed["name"], &changed["identity_template"]), (&json!("New"), &json!("t")));
    assert_eq!((&changed["soul_template"], &changed["identity_profile"]), (&json!("soul"), &json!({"role": "Tester"})));
    assert_eq!(changed["heartbeat_config"]["every"], "10m");
    assert_ne!(changed["updated_at"], before["updated_at"]);
    let cleared = change(json!({"soul_template": " ", "identity_profile": null})).expect(200);
    assert_eq!((&cleared["soul_template"], &cleared["identity_profile"]), (&Value::Null, &Value::Null));
    agent.client.get("/api/v1/agent/healthz").expect(200);
    let inbox = agent.client.get("/api/v1/agent/inbox").expect(200);
    let woken = inbox["items"].as_array().expect("items").iter();
    let woken = woken.filter(|item| item["message"].as_str().is_some_and(|text| text.contains("has been updated")));
    assert_eq!(woken.count(), 2);
    change(json!({"status": "online"})).refuses(403, "status is controlled by agent heartbeat");
    change(json!({"name": null})).field_error("body.name", "string_type");
    change(json!({"name": " "})).field_error("body.name", "string_too_short");
    assert_eq!(world.user.patch(&format!("{}?force=true", path(&agent.id)), json!({})).expect(200)["name"], "New");
    let events = world.user.get("/api/v1/activity").expect(200);
    let events = events["items"].as_array().expect("items");
    assert!(events.iter().any(|event| event["message"] == "Updated directly for New."), "{events:?}");
}

#[test]
fn an_agent_moves_to_another_board_of_its_organization() {
    let app = App::start();
    let world = World::new(&app);
    let second = world.make_board(json!({}));
    let agent = world.make_agent(json!({}));
    let moved = world.user.patch(&path(&agent.id), json!({"board_id": second["id"]})).expect(200);
    assert_eq!(moved["board_id"], second["id"]);
    let strange = world.other().board_id().to_owned();
    world.activate();
    for board in [strange, Uuid::new_v4().to_string()] {
        world.user.patch(&path(&agent.id), json!({"board_id": board})).refuses(404, "Board not found");
    }
    world.user.patch(&path(&agent.id), json!({"board_id": null})).refuses(422, "board_id is required");
    let lead = world.user.patch(&path(&world.lead.id), json!({"board_id": second["id"]})).expect(200);
    assert_eq!(lead["openclaw_session_id"], format!("agent:lead-{}:main", second["id"].as_str().expect("an id")));
    let other = world.make_agent(json!({"is_board_lead": true}));
    let answer = world.user.patch(&path(&other.id), json!({"board_id": second["id"]}));
    answer.refuses(409, "This board already has a lead agent.");
}

#[test]
fn names_stay_unique_and_a_gateway_has_one_main_agent() {
    let app = App::start();
    let world = World::new(&app);
    let agent = world.make_agent(json!({"name": "One"}));
    let patch = |body: Value| world.user.patch(&path(&agent.id), body);
    patch(json!({"name": "WORKER"})).refuses(409, "An agent with this name already exists on this board.");
    patch(json!({"name": "ONE"})).expect(200);
    patch(json!({"is_gateway_main": true})).refuses(409, "This gateway already has a main agent.");
    let text = "board_id is required when converting a gateway-main agent to board scope";
    patch(json!({"is_gateway_main": false})).refuses(422, text);
}

#[test]
fn a_deleted_agent_leaves_its_work() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let agent = world.make_agent(json!({}));
    let task = |status: &str| {
        let task = world.make_task(status, json!({"status": status, "assigned_agent_id": agent.id}));
        world.path(&format!("/tasks/{}", task["id"].as_str().expect("an id")))
    };
    let (started, done) = (task("in_progress"), task("done"));
    assert_eq!(world.user.delete(&path(&agent.id)).expect(200), json!({"ok": true}));
    assert_eq!(world.user.delete(&path(&agent.id)).expect(200), json!({"ok": true}));
    world.user.get(&path(&agent.id)).refused(404);
    agent.client.get("/api/v1/agent/healthz").refused(401);
    let status = |path: &str| {
        let task = world.user.get(path).expect(200);
        assert_eq!(task["assigned_agent_id"], Value::Null);
        task["status"].clone()
    };
    assert_eq!((status(&started), status(&done)), (json!("inbox"), json!("done")));
    let strange = world.other().worker.id.clone();
    world.activate();
    assert_eq!(world.user.delete(&path(&strange)).expect(200), json!({"ok": true}));
    world.other().worker.client.get("/api/v1/agent/healthz").expect(200);
}
