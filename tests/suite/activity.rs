//! The activity feed.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::task_support::{change, id, put_approval, task_path};

const ACTIVITY: &str = "/api/v1/activity";

fn find<'a>(feed: &'a Value, kind: &str) -> &'a Value {
    let items = feed["items"].as_array().expect("items");
    items.iter().find(|item| item["event_type"] == kind).unwrap_or_else(|| panic!("no {kind} in {feed}"))
}

#[test]
fn a_person_sees_what_happened_newest_first_and_where() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let comment = format!("{}/comments", task_path(&world, &task));
    let comment = world.user.post(&comment, json!({"message": "x"})).expect(200);
    let feed = world.user.get(ACTIVITY).expect(200);
    let expected = json!({
        "id": comment["id"], "event_type": "task.comment", "message": "x", "agent_id": null, "task_id": task["id"],
        "board_id": world.board["id"], "route_name": "board",
        "route_params": {"boardId": world.board["id"], "taskId": task["id"], "commentId": comment["id"]},
        "created_at": comment["created_at"],
    });
    assert_eq!(feed["items"][0], expected);
    let created = find(&feed, "task.created");
    assert_eq!(created["route_params"], json!({"boardId": world.board["id"], "taskId": task["id"]}));
    let page = world.user.get(&format!("{ACTIVITY}?limit=1&offset=1")).expect(200);
    assert_eq!(page["items"], json!([feed["items"][1]]));
    assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&feed["total"], &json!(1), &json!(1)));
}

#[test]
fn an_agent_sees_its_own_events_only() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    change(&world, &task, json!({"title": "T"}));
    let feed = world.worker.client.get(ACTIVITY).expect(200);
    let items = feed["items"].as_array().expect("items");
    assert!(items.iter().all(|item| item["agent_id"] == json!(world.worker.id)), "{feed}");
    find(&feed, "task.assignee_notified");
    assert_eq!(feed["total"], json!(items.len()));
}

#[test]
fn a_person_sees_the_boards_of_the_active_organization_only() {
    let app = App::start();
    let world = World::new(&app);
    let theirs = world.other();
    theirs.user.post(&theirs.path("/tasks"), json!({"title": "theirs"})).expect(200);
    world.make_task("ours", json!({}));
    let boards = |feed: &Value| -> Vec<String> {
        let items = feed["items"].as_array().expect("items");
        items.iter().map(|item| item["board_id"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert!(boards(&world.user.get(ACTIVITY).expect(200)).iter().all(|board| board == world.board_id()));
    theirs.activate();
    assert!(boards(&world.user.get(ACTIVITY).expect(200)).iter().all(|board| board == theirs.board_id()));
}

#[test]
fn a_person_sees_the_boards_that_they_may_read_only() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    world.make_task("t", json!({}));
    let organization = world.organization_id();
    app.execute(&format!(
        "UPDATE organization_members SET all_boards_read = FALSE, all_boards_write = FALSE WHERE organization_id = '{organization}'"
    ));
    let empty = json!({"items": [], "total": 0, "limit": 200, "offset": 0});
    assert_eq!(world.user.get(ACTIVITY).expect(200), empty);
    app.execute(&format!(
        "INSERT INTO organization_board_access (id, organization_member_id, board_id, can_read, can_write, created_at, updated_at)
         SELECT '00000000-0000-4000-8000-000000000001', id, '{}', TRUE, FALSE, created_at, updated_at
         FROM organization_members WHERE organization_id = '{organization}'",
        world.board_id()
    ));
    find(&world.user.get(ACTIVITY).expect(200), "task.created");
}

#[test]
fn an_event_without_a_board_belongs_to_its_tasks() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    put_approval(&app, &world, &task, "pending", 1);
    app.execute(&format!(
        "INSERT INTO activity_events (id, event_type, message, task_id, created_at) VALUES
         ('00000000-0000-4000-8000-000000000002', 'approval.lead_notified', 'old', '{}', '2026-05-01T00:00:00.000000')",
        id(&task)
    ));
    app.execute(
        "INSERT INTO activity_events (id, event_type, message, created_at) VALUES
         ('00000000-0000-4000-8000-000000000003', 'system.note', 'nobody sees this', '2026-05-01T00:00:00.000000')",
    );
    let feed = world.user.get(ACTIVITY).expect(200);
    let old = find(&feed, "approval.lead_notified");
    assert_eq!((&old["board_id"], &old["route_name"]), (&world.board["id"], &json!("board.approvals")));
    assert_eq!(old["route_params"], json!({"boardId": world.board["id"]}));
    assert!(!feed.to_string().contains("nobody sees this"));
}

#[test]
fn the_feed_asks_for_credentials_and_a_page_within_bounds() {
    let app = App::start();
    let world = World::new(&app);
    app.anonymous().get(ACTIVITY).refused(401);
    world.user.get(&format!("{ACTIVITY}?limit=201")).field_error("query.limit", "less_than_equal");
    world.worker.client.get(&format!("{ACTIVITY}?offset=x")).field_error("query.offset", "int_parsing");
}
