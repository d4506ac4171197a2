//! Snapshots of boards and of groups.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::board_groups::{join, make, path};
use crate::people_support::hire;

fn titles(tasks: &Value) -> Vec<&str> {
    tasks.as_array().expect("tasks").iter().map(|task| task["title"].as_str().expect("a title")).collect()
}

#[test]
fn a_board_shows_all_that_is_on_it() {
    let app = App::start();
    let world = World::new(&app);
    let tag = world.user.post("/api/v1/tags", json!({"name": "urgent"})).expect(200);
    let field = json!({"field_key": "size", "default_value": "m", "board_ids": [world.board_id()]});
    world.user.post("/api/v1/organizations/me/custom-fields", field).expect(200);
    let first = world.make_task("First", json!({"assigned_agent_id": world.worker.id, "tag_ids": [tag["id"]]}));
    let second = world.make_task("Second", json!({"depends_on_task_ids": [first["id"]]}));
    let ask = json!({"action_type": "x", "confidence": 1, "lead_reasoning": "r", "task_ids": [first["id"]]});
    let approval = world.user.post(&world.path("/approvals"), ask).expect(200);
    for (content, tags) in [("one", json!(["chat"])), ("note", json!([])), ("two", json!(["chat"]))] {
        world.user.post(&world.path("/memory"), json!({"content": content, "tags": tags})).expect(200);
    }
    let snapshot = world.user.get(&world.path("/snapshot")).expect(200);
    let keys: Vec<&String> = snapshot.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["board", "tasks", "agents", "approvals", "chat_messages", "pending_approvals_count"]);
    assert_eq!(snapshot["board"], world.user.get(&world.path("")).expect(200));
    let list = world.user.get(&world.path("/tasks")).expect(200);
    for (card, task) in
        snapshot["tasks"].as_array().expect("cards").iter().zip(list["items"].as_array().expect("tasks"))
    {
        let card = card.as_object().expect("a card");
        for (name, value) in task.as_object().expect("a task") {
            assert_eq!(&card[name], value, "{name}");
        }
    }
    assert_eq!(titles(&snapshot["tasks"]), ["Second", "First"]);
    let card = &snapshot["tasks"][1];
    assert_eq!((&card["assignee"], &card["approvals_count"]), (&json!("Worker"), &json!(1)));
    assert_eq!(card["approvals_pending_count"], 1);
    assert_eq!(card["custom_field_values"], json!({"size": "m"}));
    assert_eq!(card["tags"][0]["name"], "urgent");
    let card = &snapshot["tasks"][0];
    assert_eq!((&card["assignee"], &card["approvals_count"]), (&Value::Null, &json!(0)));
    assert_eq!((&card["is_blocked"], &card["id"]), (&json!(true), &second["id"]));
    let agents = world.user.get(&format!("/api/v1/agents?board_id={}", world.board_id())).expect(200);
    assert_eq!(snapshot["agents"], agents["items"]);
    assert_eq!(snapshot["approvals"], json!([approval]));
    let chat: Vec<&Value> =
        snapshot["chat_messages"].as_array().expect("chat").iter().map(|entry| &entry["content"]).collect();
    assert_eq!(chat, ["one", "two"]);
    assert_eq!(snapshot["pending_approvals_count"], 1);
    assert_eq!(world.worker.client.get(&world.path("/snapshot")).expect(200)["tasks"], snapshot["tasks"]);
}

#[test]
fn a_group_shows_what_is_most_urgent_on_its_boards() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    for (title, members) in [
        ("low", json!({"priority": "low"})),
        ("high", json!({"priority": "high"})),
        ("working", json!({"status": "in_progress", "assigned_agent_id": world.worker.id})),
        ("finished", json!({"status": "done"})),
    ] {
        world.make_task(title, members);
    }
    let second = world.make_board(json!({"name": "AAA"}));
    join(&world, second["id"].as_str().expect("an id"), &group);
    let snapshot = world.user.get(&path(&group, "/snapshot")).expect(200);
    assert_eq!(snapshot["group"], world.user.get(&path(&group, "")).expect(200));
    let boards = snapshot["boards"].as_array().expect("boards");
    assert_eq!(
        boards.iter().map(|board| &board["board"]["id"]).collect::<Vec<_>>(),
        [&second["id"], &world.board["id"]]
    );
    assert_eq!((&boards[0]["task_counts"], &boards[0]["tasks"]), (&json!({}), &json!([])));
    assert_eq!(boards[1]["task_counts"], json!({"done": 1, "in_progress": 1, "inbox": 2}));
    assert_eq!(titles(&boards[1]["tasks"]), ["working", "high", "low"]);
    let working = &boards[1]["tasks"][0];
    assert_eq!((&working["assignee"], &working["board_name"]), (&json!("Worker"), &world.board["name"]));
    let all = world.user.get(&path(&group, "/snapshot?include_done=true&per_board_task_limit=200")).expect(200);
    assert_eq!(titles(&all["boards"][1]["tasks"]), ["working", "high", "low", "finished"]);
    let none = world.user.get(&path(&group, "/snapshot?per_board_task_limit=0")).expect(200);
    assert_eq!(none["boards"][1]["tasks"], json!([]));
    let place = "query.per_board_task_limit";
    world.user.get(&path(&group, "/snapshot?per_board_task_limit=-1")).field_error(place, "greater_than_equal");
    world.user.get(&world.path("/group-snapshot?per_board_task_limit=101")).field_error(place, "less_than_equal");
}

#[test]
fn a_board_sees_its_neighbours() {
    let app = App::start();
    let world = World::new(&app);
    let neighbours = || world.lead.client.get(&world.path("/group-snapshot")).expect(200);
    assert_eq!(neighbours(), json!({"group": null, "boards": []}));
    let group = make(&world);
    let second = world.make_board(json!({}));
    join(&world, second["id"].as_str().expect("an id"), &group);
    let ids = |snapshot: &Value| -> Vec<Value> {
        let boards = snapshot["boards"].as_array().expect("boards").iter();
        boards.map(|board| board["board"]["id"].clone()).collect()
    };
    assert_eq!(ids(&neighbours()), [second["id"].clone()]);
    assert_eq!(ids(&world.user.get(&world.path("/group-snapshot?include_self=1")).expect(200)).len(), 2);
}

#[test]
fn people_see_only_the_boards_that_they_may_read() {
    let Some(app) = App::with_people(&[]) else { return };
    let owner = World::of(&app, app.person("owner"));
    let group = make(&owner);
    let second = owner.make_board(json!({}));
    join(&owner, second["id"].as_str().expect("an id"), &group);
    let reader = hire(&app, &owner, "reader", "member");
    let access = json!({"board_access": [{"board_id": owner.board_id(), "can_read": true}]});
    owner.user.put(&format!("{}/access", reader.path()), access).expect(200);
    let reader = reader.client;
    for path in [path(&group, "/snapshot"), owner.path("/group-snapshot?include_self=true")] {
        let boards = reader.get(&path).expect(200)["boards"].clone();
        assert_eq!(boards.as_array().map(Vec::len), Some(1), "{path}");
        assert_eq!(boards[0]["board"]["id"], owner.board["id"]);
    }
    let listed = reader.get("/api/v1/board-groups").expect(200);
    assert_eq!(listed["total"], 1);
    reader
        .get(&format!("/api/v1/activity/task-comments?board_id={}", second["id"].as_str().expect("an id")))
        .refused(403);
    reader.get(&format!("/api/v1/metrics/dashboard?board_id={}", second["id"].as_str().expect("an id"))).refused(403);
}
