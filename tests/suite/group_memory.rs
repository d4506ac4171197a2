//! What is remembered and said in a group of boards.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};

use crate::board_groups::{join, make, path};

fn messages(client: &Client) -> Vec<String> {
    let inbox = client.get("/api/v1/agent/inbox").expect(200);
    let messages = inbox["items"].as_array().expect("items").iter().map(|item| item["message"].as_str());
    messages.map(|message| message.expect("a text").to_owned()).filter(|text| text.starts_with("GROUP")).collect()
}

#[test]
fn people_and_agents_share_the_memory_of_a_group() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    let answer = world.user.post(&path(&group, "/memory"), json!({"content": " note ", "tags": ["a"], "source": ""}));
    let made = answer.json.clone();
    let expected = json!({
        "id": made["id"], "board_group_id": group["id"], "content": "note", "tags": ["a"], "source": "",
        "is_chat": false, "created_at": made["created_at"],
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    let of_board = world.path("/group-memory");
    let chat = world.worker.client.post(&of_board, json!({"content": "hi", "tags": ["chat"]})).expect(200);
    assert_eq!((&chat["source"], &chat["is_chat"]), (&json!("Worker"), &json!(true)));
    let contents = |client: &Client, path: &str| -> Vec<Value> {
        let page = client.get(path).expect(200);
        page["items"].as_array().expect("items").iter().map(|entry| entry["content"].clone()).collect()
    };
    assert_eq!(contents(&world.user, &path(&group, "/memory")), ["hi", "note"]);
    assert_eq!(contents(&world.lead.client, &of_board), ["hi", "note"]);
    assert_eq!(contents(&world.main, &format!("{of_board}?is_chat=true")), ["hi"]);
    assert_eq!(contents(&world.user, &path(&group, "/memory?is_chat=false&limit=1")), ["note"]);
    world.user.post(&of_board, json!({"content": " "})).field_error("body.content", "string_too_short");
}

#[test]
fn a_board_without_a_group_has_an_empty_one() {
    let app = App::start();
    let world = World::new(&app);
    let of_board = world.path("/group-memory");
    assert_eq!(world.user.get(&of_board).expect(200), json!({"items": [], "total": 0, "limit": 200, "offset": 0}));
    world.user.post(&of_board, json!({"content": "x"})).refuses(422, "Board is not in a board group");
    drop(world.user.events(&world.path("/group-memory/stream")));
}

#[test]
fn chat_reaches_leads_and_whoever_is_mentioned() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    let second = world.make_board(json!({}));
    let second_id = second["id"].as_str().expect("an id");
    join(&world, second_id, &group);
    let zoe = world.make_agent(json!({"name": "Zoe", "board_id": second_id}));
    let body = json!({"content": "please look, @zoe", "tags": ["chat"]});
    world.lead.client.post(&world.path("/group-memory"), body).expect(200);
    assert_eq!(messages(&world.lead.client), [""; 0], "nobody is told of their own words");
    assert_eq!(messages(&world.worker.client), [""; 0]);
    let told = messages(&zoe.client).pop().expect("a message");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "GROUP CHAT MENTION");
    assert_eq!(lines[1], format!("Group: {}", group["name"].as_str().expect("a name")));
    assert_eq!(&lines[2..6], ["From: Lead", "", "please look, @zoe", ""]);
    assert!(lines[6].starts_with("Reply via group chat") && lines[6].ends_with(':'), "{told}");
    assert!(lines[7].ends_with(&format!("/api/v1/boards/{second_id}/group-memory")), "{told}");
    assert_eq!(lines[8], r#"Body: {"content":"...","tags":["chat"]}"#);

    world.user.post(&path(&group, "/memory"), json!({"content": "hello", "tags": ["chat"]})).expect(200);
    assert!(messages(&world.lead.client)[0].starts_with("GROUP CHAT\n"));
    assert_eq!(messages(&zoe.client).len(), 1);
}

#[test]
fn a_broadcast_reaches_everybody_and_is_no_chat() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    for body in [json!({"content": "one", "tags": ["broadcast"]}), json!({"content": "two for @all"})] {
        let made = world.user.post(&path(&group, "/memory"), body).expect(200);
        assert_eq!(made["is_chat"], false);
        assert!(made["source"].as_str().is_some_and(|source| !source.is_empty()), "{made}");
    }
    for agent in [&world.lead, &world.worker] {
        let told = messages(&agent.client);
        assert_eq!(told.len(), 2);
        assert!(told.iter().all(|text| text.starts_with("GROUP BROADCAST\n")), "{told:?}");
    }
    world.user.post(&path(&group, "/memory"), json!({"content": "/pause", "tags": ["note"]})).expect(200);
    assert_eq!(messages(&world.worker.client).len(), 2);
}

#[test]
fn new_entries_come_over_the_streams_of_group_and_board() {
    let app = App::start();
    let world = World::new(&app);
    let group = make(&world);
    let mut of_group = world.user.events(&path(&group, "/memory/stream?is_chat=true"));
    let mut of_board = world.worker.client.events(&world.path("/group-memory/stream"));
    world.user.post(&path(&group, "/memory"), json!({"content": "note"})).expect(200);
    let chat = world.user.post(&path(&group, "/memory"), json!({"content": "chat", "tags": ["chat"]})).expect(200);
    let event = of_group.next().expect("an event");
    assert_eq!((event.event.as_str(), event.json()), ("memory", json!({"memory": chat})));
    assert_eq!(of_board.next().expect("an event").json()["memory"]["content"], "note");
    assert_eq!(of_board.next().expect("an event").json()["memory"], chat);
}
