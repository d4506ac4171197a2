//! The streams of a board's tasks, of agents, and of comments on all tasks.

use mission_control_tests::{App, World};
use serde_json::json;

use crate::people_support::hire;
use crate::task_support::{change, task_path};

#[test]
fn what_happens_to_tasks_comes_over_the_stream() {
    let app = App::start();
    let world = World::new(&app);
    let mut events = world.worker.client.events(&world.path("/tasks/stream"));
    let task = world.make_task("Write", json!({}));
    let event = events.next().expect("an event");
    let data = event.json();
    assert_eq!((event.event.as_str(), &data["type"]), ("task", &json!("task.created")));
    assert_eq!(data["task"], task);
    let activity = &data["activity"];
    assert_eq!(activity["message"], "Task created: Write.");
    let keys: Vec<&String> = activity.as_object().expect("an activity").keys().collect();
    assert_eq!(keys, ["id", "event_type", "message", "agent_id", "task_id", "created_at"]);
    let comment =
        world.worker.client.post(&format!("{}/comments", task_path(&world, &task)), json!({"message": "hello"}));
    let comment = comment.expect(200);
    let data = events.find(|event| event.json()["type"] == "task.comment").expect("a comment").json();
    assert_eq!(data["comment"], comment);
    assert!(data.get("task").is_none(), "{data}");
    change(&world, &task, json!({"title": "Rewrite"}));
    let data = events.find(|event| event.json()["type"] == "task.updated").expect("a change").json();
    assert_eq!(data["task"]["title"], "Rewrite");
    let since = world.path("/tasks/stream?since=2020-01-01T00:00:00Z");
    let first = world.user.events(&since).next().expect("an event").json();
    assert_eq!((&first["type"], &first["task"]["title"]), (&json!("task.created"), &json!("Rewrite")));
}

#[test]
fn agents_come_over_the_stream_when_they_check_in() {
    let app = App::start();
    let world = World::new(&app);
    let elsewhere = world.make_board(json!({}));
    let board = elsewhere["id"].as_str().expect("an id");
    let other = world.make_agent(json!({"board_id": board}));
    let mut all = world.user.events("/api/v1/agents/stream");
    let mut of_board = world.user.events(&format!("/api/v1/agents/stream?board_id={board}"));
    world.worker.client.post("/api/v1/agent/heartbeat", json!(null)).expect(200);
    other.client.post("/api/v1/agent/heartbeat", json!(null)).expect(200);
    let event = all.find(|event| event.json()["agent"]["id"] == world.worker.id.as_str()).expect("the worker");
    assert_eq!((event.event.as_str(), &event.json()["agent"]["status"]), ("agent", &json!("online")));
    let agent = of_board.next().expect("an event").json()["agent"].clone();
    assert_eq!(agent, world.user.get(&format!("/api/v1/agents/{}", other.id)).expect(200));
    let strange = world.other().board_id().to_owned();
    world.activate();
    world.user.get(&format!("/api/v1/agents/stream?board_id={strange}")).refused(403);
}

#[test]
fn comments_on_all_tasks_are_listed_and_streamed() {
    let app = App::start();
    let world = World::new(&app);
    let ann = world.make_agent(json!({"name": "Ann", "identity_profile": {"role": " Tester "}}));
    let second = world.make_board(json!({"name": "Second"}));
    let [first, other] = [world.path(""), format!("/api/v1/boards/{}", second["id"].as_str().expect("an id"))];
    let mut stream = world.user.events("/api/v1/activity/task-comments/stream");
    let comment = |client: &mission_control_tests::Client, board: &str, title: &str| {
        let task = world.user.post(&format!("{board}/tasks"), json!({"title": title})).expect(200);
        let path = format!("{board}/tasks/{}/comments", task["id"].as_str().expect("an id"));
        (task, client.post(&path, json!({"message": format!("about {title}")})).expect(200))
    };
    let (task, by_agent) = comment(&ann.client, &first, "one");
    let (_, by_person) = comment(&world.user, &other, "two");
    let page = world.user.get("/api/v1/activity/task-comments").expect(200);
    let expected = json!({
        "id": by_agent["id"], "created_at": by_agent["created_at"], "message": "about one", "agent_id": ann.id,
        "agent_name": "Ann", "agent_role": "Tester", "task_id": task["id"], "task_title": "one",
        "board_id": world.board_id(), "board_name": world.board["name"],
    });
    assert_eq!((&page["total"], &page["items"][1]), (&json!(2), &expected));
    let newest = &page["items"][0];
    assert_eq!((&newest["id"], &newest["agent_name"]), (&by_person["id"], &json!(null)));
    assert_eq!((&newest["agent_role"], &newest["board_name"]), (&json!(null), &json!("Second")));
    let of_board = world.user.get(&format!("/api/v1/activity/task-comments?board_id={}", world.board_id()));
    assert_eq!(of_board.expect(200)["items"], json!([expected]));
    let event = stream.next().expect("an event");
    assert_eq!((event.event.as_str(), event.json()), ("comment", json!({"comment": expected})));
    let strange = world.other().board_id().to_owned();
    world.activate();
    for path in ["task-comments", "task-comments/stream"] {
        world.user.get(&format!("/api/v1/activity/{path}?board_id={strange}")).refused(403);
    }
}

#[test]
fn who_loses_the_right_hears_no_more_comments_and_agents() {
    let Some(app) = App::with_people(&[("sse_poll_ms", "50"), ("sse_max_seconds", "15")]) else { return };
    let world = World::of(&app, app.person("owner"));
    let admin = hire(&app, &world, "admin", "admin");
    let all = json!({"all_boards_read": true, "all_boards_write": false});
    world.user.put(&format!("{}/access", admin.path()), all).expect(200);
    let task = world.make_task("t", json!({}));
    let comments = format!("{}/comments", world.path(&format!("/tasks/{}", task["id"].as_str().expect("an id"))));
    let say = |text: &str| drop(world.worker.client.post(&comments, json!({"message": text})).expect(200));
    let mut heard = admin.client.events("/api/v1/activity/task-comments/stream");
    let mut seen = admin.client.events("/api/v1/agents/stream");
    say("first");
    assert_eq!(heard.next().expect("an event").json()["comment"]["message"], "first");
    assert!(seen.any(|event| event.json()["agent"]["id"] == world.worker.id.as_str()));
    // The person has an organization of their own, so signing in goes on.
    let none = json!({"all_boards_read": false, "all_boards_write": false, "board_access": []});
    world.user.put(&format!("{}/access", admin.path()), none).expect(200);
    say("second");
    let mut owners = world.user.events("/api/v1/activity/task-comments/stream?since=2020-01-01T00:00:00Z");
    assert!(owners.any(|event| event.json()["comment"]["message"] == "second"));
    // Until the streams end by themselves.
    assert_eq!(heard.count(), 0);
    assert!(seen.all(|event| event.json()["agent"]["id"] != world.worker.id.as_str()));
}
