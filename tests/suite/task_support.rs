//! What the tests of tasks share.

use mission_control_tests::{App, Client, World, WorldAgent, unique};
use serde_json::{Value, json};
use uuid::Uuid;

/// An id that nothing has.
pub const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The id of what was answered.
#[track_caller]
pub fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value}"))
}

/// The path of a task in the API of people.
pub fn task_path(world: &World<'_>, task: &Value) -> String {
    world.path(&format!("/tasks/{}", id(task)))
}

/// The path of a task in the API of agents.
pub fn agent_task_path(world: &World<'_>, task: &Value) -> String {
    world.agent_path(&format!("/tasks/{}", id(task)))
}

/// The task as it is now.
#[track_caller]
pub fn read(world: &World<'_>, task: &Value) -> Value {
    world.user.get(&task_path(world, task)).expect(200)
}

/// Changes the task as a person.
#[track_caller]
pub fn change(world: &World<'_>, task: &Value, body: Value) -> Value {
    world.user.patch(&task_path(world, task), body).expect(200)
}

/// Changes the task as an agent.
#[track_caller]
pub fn change_as(agent: &WorldAgent, world: &World<'_>, task: &Value, body: Value) -> Value {
    agent.client.patch(&agent_task_path(world, task), body).expect(200)
}

/// Changes the board's rules.
#[track_caller]
pub fn rules(world: &World<'_>, body: Value) {
    world.user.patch(&world.path(""), body).expect(200);
}

/// The texts of the messages about tasks that wait for an agent, oldest first.
#[track_caller]
pub fn messages(agent: &WorldAgent) -> Vec<String> {
    let inbox = agent.client.get("/api/v1/agent/inbox").expect(200);
    let texts = inbox["items"].as_array().into_iter().flatten().filter_map(|item| item["message"].as_str());
    texts.filter(|text| text.contains("\nTask ID: ")).map(str::to_owned).collect()
}

/// The first lines of those messages.
#[track_caller]
pub fn headings(agent: &WorldAgent) -> Vec<String> {
    messages(agent).iter().map(|text| text.lines().next().unwrap_or_default().to_owned()).collect()
}

/// Type and text of everything that happened on a task, oldest first.
#[track_caller]
pub fn events(world: &World<'_>, task: &Value) -> Vec<(String, String)> {
    let feed = world.user.get("/api/v1/activity").expect(200);
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let items = feed["items"].as_array().into_iter().flatten();
    let mut events: Vec<(String, String)> = items
        .filter(|item| item["task_id"] == task["id"])
        .map(|item| (text(item, "event_type"), text(item, "message")))
        .collect();
    events.reverse();
    events
}

/// The types of those events.
#[track_caller]
pub fn event_types(world: &World<'_>, task: &Value) -> Vec<String> {
    events(world, task).into_iter().map(|(kind, _)| kind).collect()
}

/// The titles of a list of tasks, in order.
#[track_caller]
pub fn titles(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("items").iter().filter_map(|item| item["title"].as_str()).collect()
}

/// A task in review that this worker handed in, now the lead's.
#[track_caller]
pub fn handed_in(world: &World<'_>, title: &str) -> Value {
    let task = world.make_task(title, json!({}));
    change_as(&world.worker, world, &task, json!({"status": "in_progress"}));
    change_as(&world.worker, world, &task, json!({"status": "review", "comment": "Ready."}))
}

/// Puts an approval about a task into the database of an application of the test's own, decided on this day of May.
pub fn put_approval(app: &App, world: &World<'_>, task: &Value, status: &str, day: u8) {
    let approval = Uuid::new_v4();
    let (board, task) = (world.board_id(), id(task));
    let at = format!("2026-05-{day:02}T00:00:00.000000");
    app.execute(&format!(
        "INSERT INTO approvals (id, board_id, task_id, action_type, confidence, status, created_at, resolved_at, changed_at)
         VALUES ('{approval}', '{board}', '{task}', 'task.complete', 50, '{status}', '{at}', '{at}', '{at}')"
    ));
    app.execute(&format!(
        "INSERT INTO approval_task_links (id, approval_id, task_id, created_at)
         VALUES ('{}', '{approval}', '{task}', '{at}')",
        Uuid::new_v4()
    ));
}

/// Puts a tag into the database of an application of the test's own.
pub fn put_tag(app: &App, organization_id: &str, name: &str) -> Value {
    let tag = json!({"id": Uuid::new_v4().to_string(), "name": name, "slug": unique(name), "color": "00ff00"});
    let text = |name: &str| tag[name].as_str().unwrap_or_default();
    app.execute(&format!(
        "INSERT INTO tags (id, organization_id, name, slug, color, created_at, updated_at) VALUES
         ('{}', '{organization_id}', '{}', '{}', '{}', '2026-05-01T00:00:00.000000', '2026-05-01T00:00:00.000000')",
        text("id"),
        text("name"),
        text("slug"),
        text("color")
    ));
    tag
}

/// Leaves the person the right to read boards only, in their active organization.
pub fn make_read_only(app: &App, world: &World<'_>) {
    app.execute(&format!(
        "UPDATE organization_members SET all_boards_write = FALSE WHERE organization_id = '{}'",
        world.organization_id()
    ));
}

/// The client of an agent on another board of the same organization.
#[track_caller]
pub fn neighbour(world: &World<'_>) -> Client {
    let board = world.make_board(json!({}));
    world.make_agent(json!({"board_id": board["id"]})).client
}
