//! Comments on tasks: who may write them, and who hears of them.

use mission_control_tests::{App, World, WorldAgent, unique};
use serde_json::{Value, json};

use crate::task_support::{
    NOBODY, agent_task_path, change, change_as, handed_in, headings, id, make_read_only, messages, neighbour, read,
    task_path,
};

fn comments(path: String) -> String {
    format!("{path}/comments")
}

#[track_caller]
fn comment(agent: &WorldAgent, world: &World<'_>, task: &Value, text: &str) -> Value {
    agent.client.post(&comments(agent_task_path(world, task)), json!({"message": text})).expect(200)
}

#[test]
fn people_and_agents_comment_and_read_oldest_first() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = comments(task_path(&world, &task));
    let first = world.user.post(&path, json!({"message": "  first ", "agent_id": NOBODY})).expect(200);
    let expected = json!({
        "id": first["id"], "message": "first", "agent_id": null, "task_id": task["id"], "created_at": first["created_at"],
    });
    assert_eq!(first, expected);
    let second = comment(&world.worker, &world, &task, "second");
    assert_eq!(second["agent_id"], json!(world.worker.id));
    let third = world.worker.client.post(&path, json!({"message": "third"})).expect(200);
    let all = json!({"items": [first, second, third], "total": 3, "limit": 200, "offset": 0});
    assert_eq!(world.user.get(&path).expect(200), all);
    assert_eq!(world.worker.client.get(&comments(agent_task_path(&world, &task))).expect(200), all);
    let page = world.user.get(&format!("{path}?limit=1&offset=1")).expect(200);
    assert_eq!(page, json!({"items": [second], "total": 3, "limit": 1, "offset": 1}));
    assert_eq!(world.user.get(&format!("{path}?offset=9")).expect(200)["total"], 3);
    assert_eq!(read(&world, &task)["updated_at"], task["updated_at"]);
}

#[test]
fn a_comment_needs_a_text() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = comments(task_path(&world, &task));
    for message in ["", " \n "] {
        world.user.post(&path, json!({"message": message})).field_error("body.message", "string_too_short");
    }
    world.user.post(&path, json!({})).field_error("body.message", "missing");
    world.user.post(&path, json!({"message": null})).field_error("body.message", "string_type");
    world.worker.client.post(&comments(agent_task_path(&world, &task)), json!({"message": 1})).check(422);
    assert_eq!(world.user.get(&path).expect(200)["total"], 0);
}

#[test]
fn who_may_not_see_the_task_may_not_comment() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let (people, agents) = (comments(task_path(&world, &task)), comments(agent_task_path(&world, &task)));
    let body = json!({"message": "x"});
    for path in [&people, &agents] {
        app.anonymous().get(path).refused(401);
        app.anonymous().post(path, &body).refused(401);
        let stranger = neighbour(&world);
        stranger.get(path).refused(403);
        stranger.post(path, &body).refused(403);
        world.other().main.get(path).refused(404);
        world.other().worker.client.post(path, &body).refused(403);
    }
    world.user.get(&agents).refused(401);
    world.user.post(&world.path(&format!("/tasks/{NOBODY}/comments")), json!({})).refused(404);
    world.user.get(&world.path("/tasks/x/comments")).field_error("path.task_id", "uuid_parsing");
}

#[test]
fn people_who_only_read_do_not_comment() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    make_read_only(&app, &world);
    let path = comments(task_path(&world, &task));
    world.user.post(&path, json!({"message": "x"})).refuses(403, "Board access denied");
    assert_eq!(world.user.get(&path).expect(200)["total"], 0);
}

#[test]
fn a_lead_comments_where_it_has_a_say() {
    let app = App::start();
    let world = World::new(&app);
    let refused = "Board leads can only comment during review, when mentioned, or on tasks they created.";
    let body = json!({"message": "Lead says."});

    let plain = world.make_task("plain", json!({}));
    let path = comments(agent_task_path(&world, &plain));
    world.lead.client.post(&path, &body).refuses(403, refused);
    comment(&world.worker, &world, &plain, "Write to lead@example.org.");
    world.lead.client.post(&path, &body).refuses(403, refused);
    comment(&world.worker, &world, &plain, "What now, @lead?");
    world.lead.client.post(&path, &body).expect(200);

    let in_review = handed_in(&world, "review");
    comment(&world.lead, &world, &in_review, "Looks good.");
    let own = world.lead.client.post(&world.agent_path("/tasks"), json!({"title": "own"})).expect(200);
    comment(&world.lead, &world, &own, "More about it.");
}

#[test]
fn a_comment_without_mentions_goes_to_the_assignee() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    world.user.post(&comments(task_path(&world, &task)), json!({"message": "How far?"})).expect(200);
    let message = messages(&world.worker).pop().expect("a message");
    let board = world.board["name"].as_str().expect("a name");
    let start = format!("NEW TASK COMMENT\nBoard: {board}\nTask: t\nTask ID: {}\nFrom: User\n", id(&task));
    assert!(message.starts_with(&start), "{message}");
    assert!(message.ends_with("\nComment:\nHow far?"), "{message}");
    comment(&world.worker, &world, &task, "Half way.");
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED", "NEW TASK COMMENT"]);
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED"]);
}

#[test]
fn a_mention_goes_to_those_mentioned_and_not_to_the_assignee() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    let helper = world.make_agent(json!({"name": unique("Helga")}));
    comment(&helper, &world, &task, "@helga and @LEAD, look at this.");
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED", "TASK MENTION"]);
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED"]);
    assert_eq!(headings(&helper), Vec::<String>::new());
    world.user.post(&comments(task_path(&world, &task)), json!({"message": "@worker?"})).expect(200);
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED", "TASK MENTION"]);
    // Those whose task it is not are asked to leave its status alone.
    let reminder = "leave its status alone";
    assert!(messages(&world.lead).pop().is_some_and(|text| text.contains(reminder)));
    assert!(messages(&world.worker).pop().is_some_and(|text| !text.contains(reminder)));
}

#[test]
fn a_mention_of_nobody_and_an_address_fall_back_to_the_assignee() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    for text in ["@nobody, please", "Mail me@lead.example"] {
        world.user.post(&comments(task_path(&world, &task)), json!({"message": text})).expect(200);
    }
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED", "NEW TASK COMMENT", "NEW TASK COMMENT"]);
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED"]);
}

#[test]
fn a_name_is_mentioned_in_any_script() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    let path = comments(task_path(&world, &task));
    for (name, text) in [
        ("Анна", "Спросим @анну... нет, @АННА!"),
        ("小明", "请@小明看一下"),
        ("Élodie", "@e\u{301}lodie, regarde"),
        ("3po", "@3PO?"),
        ("कृष्ण", "@कृष्ण"),
    ] {
        let agent = world.make_agent(json!({"name": name}));
        world.user.post(&path, json!({"message": text})).expect(200);
        assert_eq!(headings(&agent), ["TASK MENTION"], "{name}");
    }
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED"]);
}

#[test]
fn a_name_in_code_or_in_an_address_mentions_nobody() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = comments(task_path(&world, &task));
    for text in [
        "Run `@worker` first",
        "```\n@worker\n```",
        "See:\n\n    @worker",
        "https://example.org/@worker",
        "[profile](/people/@worker)",
        "mail@worker.example",
        "@worker@social.example",
    ] {
        world.user.post(&path, json!({"message": text})).expect(200);
    }
    assert_eq!(headings(&world.worker), Vec::<String>::new());
    let chat =
        |text: &str| world.user.post(&world.path("/memory"), json!({"content": text, "tags": ["chat"]})).expect(200);
    chat("`@worker` and @小红");
    assert_eq!(world.worker.client.get("/api/v1/agent/inbox").expect(200)["total"], 1, "its first message alone");
    chat("`a` @worker");
    assert_eq!(world.worker.client.get("/api/v1/agent/inbox").expect(200)["total"], 2);
}

#[test]
fn a_lead_that_an_old_comment_mentions_has_a_say_however_many_came_later() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = comments(agent_task_path(&world, &task));
    for number in 0..25 {
        comment(&world.worker, &world, &task, &format!("{number} @nobody"));
    }
    world.lead.client.post(&path, json!({"message": "x"})).check(403);
    comment(&world.worker, &world, &task, "＠lead?");
    for number in 0..25 {
        comment(&world.worker, &world, &task, &format!("{number} @nobody"));
    }
    world.lead.client.post(&path, json!({"message": "x"})).expect(200);
}

#[test]
fn a_long_comment_is_quoted_in_part() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    let long = "ä".repeat(501);
    let path = comments(task_path(&world, &task));
    assert_eq!(world.user.post(&path, json!({"message": long})).expect(200)["message"], json!(long));
    let message = messages(&world.worker).pop().expect("a message");
    assert!(message.ends_with(&format!("\n{}...", "ä".repeat(497))), "{message}");
}

#[test]
fn a_comment_in_a_change_is_a_comment_like_any_other() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    change(&world, &task, json!({"comment": "  With a comment. "}));
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED", "NEW TASK COMMENT"]);
    change_as(&world.worker, &world, &task, json!({"comment": "@lead, done"}));
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED", "TASK MENTION"]);
    let list = world.user.get(&comments(task_path(&world, &task))).expect(200);
    assert_eq!(list["items"][0]["message"], "With a comment.");
    assert_eq!(list["items"][1]["agent_id"], json!(world.worker.id));
    assert_eq!(list["total"], 2);
}
