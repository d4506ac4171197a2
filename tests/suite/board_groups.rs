//! Groups of boards and the pace of their agents.

use mission_control_tests::{App, World, unique};
use serde_json::{Value, json};
use uuid::Uuid;

const GROUPS: &str = "/api/v1/board-groups";

pub fn path(group: &Value, rest: &str) -> String {
    format!("{GROUPS}/{}{rest}", group["id"].as_str().expect("an id"))
}

/// A group with the world's board in it.
#[track_caller]
pub fn make(world: &World<'_>) -> Value {
    let group = world.user.post(GROUPS, json!({"name": unique("Group"), "slug": "g"})).expect(200);
    join(world, world.board_id(), &group);
    group
}

#[track_caller]
pub fn join(world: &World<'_>, board_id: &str, group: &Value) {
    let body = json!({"board_group_id": group["id"]});
    world.user.patch(&format!("/api/v1/boards/{board_id}"), body).expect(200);
}

#[test]
fn a_group_is_stored_as_it_was_asked_for() {
    let app = App::start();
    let world = World::new(&app);
    let answer = world.user.post(GROUPS, json!({"name": "Platform", "slug": " Keep Me ", "description": "d", "x": 1}));
    let made = answer.json.clone();
    let expected = json!({
        "name": "Platform", "slug": " Keep Me ", "description": "d", "id": made["id"],
        "organization_id": world.organization_id(), "created_at": made["created_at"], "updated_at": made["created_at"],
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    assert_eq!(world.user.get(&path(&made, "")).expect(200), expected);
    let listed = world.user.get(GROUPS).expect(200);
    assert_eq!(listed, json!({"items": [expected], "total": 1, "limit": 200, "offset": 0}));
    let slug = |name: &str| world.user.post(GROUPS, json!({"name": name, "slug": " "})).expect(200)["slug"].clone();
    assert_eq!(slug("Data & ML (EU)"), "data-ml-eu");
    assert_eq!(slug("").as_str().map(str::len), Some(32));
    let answer = world.user.post(GROUPS, json!({"name": [], "slug": 1}));
    answer.field_error("body.name", "string_type");
    answer.field_error("body.slug", "string_type");
    world.user.post(GROUPS, json!({"name": "x"})).field_error("body.slug", "missing");
}

#[test]
fn a_change_leaves_what_it_does_not_name() {
    let app = App::start();
    let world = World::new(&app);
    let group = world.user.post(GROUPS, json!({"name": "Old", "slug": "s", "description": "d"})).expect(200);
    let change = |body: Value| world.user.patch(&path(&group, ""), body).expect(200);
    let changed = change(json!({"name": "New Name"}));
    assert_eq!((&changed["slug"], &changed["description"]), (&json!("s"), &json!("d")));
    assert_eq!(change(json!({"slug": " "}))["slug"], "new-name");
    assert_eq!(change(json!({"description": null}))["description"], Value::Null);
    assert_ne!(change(json!({}))["updated_at"], group["updated_at"]);
    for member in ["name", "slug"] {
        let answer = world.user.patch(&path(&group, ""), json!({member: null}));
        answer.field_error(&format!("body.{member}"), "string_type");
    }
    world.user.patch(&format!("{GROUPS}/{}", Uuid::new_v4()), json!({})).refused(404);
    world.user.get(&format!("{GROUPS}/x")).field_error("path.group_id", "uuid_parsing");
}

#[test]
fn deleting_a_group_leaves_its_boards() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let group = make(&world);
    world.user.post(&path(&group, "/memory"), json!({"content": "x"})).expect(200);
    let before = world.user.get(&world.path("")).expect(200);
    assert_eq!(world.user.delete(&path(&group, "")).expect(200), json!({"ok": true}));
    let after = world.user.get(&world.path("")).expect(200);
    assert_eq!((&after["board_group_id"], &after["updated_at"]), (&Value::Null, &before["updated_at"]));
    assert_eq!(app.rows()["board_group_memory"], 0);
    world.user.delete(&path(&group, "")).refused(404);
}

#[test]
fn groups_are_listed_by_name() {
    let app = App::start();
    let world = World::new(&app);
    for name in ["beta", "Alpha", "gamma"] {
        world.user.post(GROUPS, json!({"name": name, "slug": name})).expect(200);
    }
    let page = world.user.get(&format!("{GROUPS}?limit=2&offset=1")).expect(200);
    let names: Vec<&Value> = page["items"].as_array().expect("items").iter().map(|group| &group["name"]).collect();
    assert_eq!((names, &page["total"]), (vec![&json!("beta"), &json!("gamma")], &json!(3)));
}

#[test]
fn a_pace_goes_to_the_workers_of_all_boards_of_a_group() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    let second = world.make_board(json!({}));
    join(&world, second["id"].as_str().expect("an id"), &group);
    let other = world.make_agent(json!({"board_id": second["id"], "heartbeat_config": {"every": "1h", "model": "m"}}));
    let apply = |body: Value| world.user.post(&path(&group, "/heartbeat"), body);
    let result = apply(json!({"every": "5m"})).expect(200);
    let expected = json!({
        "board_group_id": group["id"], "requested": {"every": "5m", "include_board_leads": false},
        "updated_agent_ids": [world.worker.id, other.id], "failed_agent_ids": [],
    });
    assert_eq!(result, expected);
    let config = |id: &str| world.user.get(&format!("/api/v1/agents/{id}")).expect(200)["heartbeat_config"].clone();
    let expected = json!({"every": "5m", "target": "last", "includeReasoning": false, "model": "m"});
    assert_eq!(config(&other.id), expected);
    assert_ne!(config(&world.lead.id)["every"], "5m");
    let result = world.lead.client.post(&path(&group, "/heartbeat"), json!({"every": "", "include_board_leads": true}));
    assert_eq!(result.expect(200)["updated_agent_ids"].as_array().map(Vec::len), Some(3));
    assert_eq!(config(&world.lead.id)["every"], "");
    apply(json!({})).field_error("body.every", "missing");
    world.worker.client.post(&path(&group, "/heartbeat"), json!({"every": "1m"})).refused(403);
    world.main.post(&path(&group, "/heartbeat"), json!({"every": "1m"})).refused(403);
    world.other().lead.client.post(&path(&group, "/heartbeat"), json!({"every": "1m"})).refused(404);
}

#[test]
fn an_empty_group_takes_a_pace_for_nobody() {
    let app = App::start();
    let world = World::new(&app);
    let group = world.user.post(GROUPS, json!({"name": "Empty", "slug": "e"})).expect(200);
    let result = world.user.post(&path(&group, "/heartbeat"), json!({"every": "junk", "include_board_leads": true}));
    let result = result.expect(200);
    assert_eq!((&result["updated_agent_ids"], &result["failed_agent_ids"]), (&json!([]), &json!([])));
}
