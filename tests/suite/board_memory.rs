//! What is remembered and said on a board, by people and agents.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};

#[test]
fn an_entry_is_stored_as_it_was_written() {
    let app = App::start();
    let world = World::new(&app);
    let body = json!({"content": " \tzürich ", "tags": ["a", "a", ""], "source": " me ", "is_chat": true, "id": 1});
    let answer = world.user.post(&world.path("/memory"), body);
    let made = answer.json.clone();
    let expected = json!({
        "id": made["id"], "board_id": world.board_id(), "content": "zürich", "tags": ["a", "a", ""],
        "source": " me ", "is_chat": false, "created_at": made["created_at"],
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    let listed = world.user.get(&world.path("/memory")).expect(200);
    assert_eq!(listed, json!({"items": [expected], "total": 1, "limit": 200, "offset": 0}));

    let plain = world.user.post(&world.path("/memory"), json!({"content": "x"})).expect(200);
    assert_eq!((&plain["tags"], &plain["source"]), (&json!(null), &json!(null)));
}

#[test]
fn faults_of_an_entry_are_told_together() {
    let app = App::start();
    let world = World::new(&app);
    let post = |body: Value| world.user.post(&world.path("/memory"), body);
    let answer = post(json!({"content": " ", "tags": "chat", "source": 1}));
    answer.field_error("body.content", "string_too_short");
    answer.field_error("body.tags", "list_type");
    answer.field_error("body.source", "string_type");
    post(json!({})).field_error("body.content", "missing");
    post(json!({"content": "x", "tags": ["a", 1]})).field_error("body.tags.1", "string_type");
    post(json!({"content": "a\u{0}b"})).field_error("body.content", "value_error");
    world.user.get(&world.path("/memory?is_chat=")).field_error("query.is_chat", "bool_parsing");
    world.user.get(&world.path("/memory?limit=201")).field_error("query.limit", "less_than_equal");
}

#[test]
fn only_the_exact_tag_makes_chat_and_chat_has_a_source() {
    let app = App::start();
    let world = World::new(&app);
    app.user().patch("/api/v1/users/me", json!({"name": "Ann Lee", "preferred_name": null})).expect(200);
    let post = |client: &Client, path: &str, body: Value| {
        let made = client.post(path, body).expect(200);
        (made["is_chat"].clone(), made["source"].clone())
    };
    let path = world.path("/memory");
    assert_eq!(
        post(&world.user, &path, json!({"content": "x", "tags": ["Chat", "chats"]})),
        (json!(false), json!(null))
    );
    assert_eq!(post(&world.user, &path, json!({"content": "x", "source": ""})), (json!(false), json!("")));
    let chat = json!({"content": "x", "tags": ["b", "chat"]});
    assert_eq!(post(&world.user, &path, chat.clone()), (json!(true), json!("Ann Lee")));
    assert_eq!(post(&world.worker.client, &path, chat.clone()), (json!(true), json!("Worker")));
    let named = json!({"content": "x", "tags": ["chat"], "source": "robot"});
    assert_eq!(post(&world.user, &path, named), (json!(true), json!("robot")));
    let empty = json!({"content": "x", "tags": ["chat"], "source": ""});
    assert_eq!(post(&world.lead.client, &world.agent_path("/memory"), empty), (json!(true), json!("Lead")));
    app.user().patch("/api/v1/users/me", json!({"preferred_name": "Al"})).expect(200);
    assert_eq!(post(&world.user, &path, chat), (json!(true), json!("Al")));
}

#[test]
fn entries_are_listed_newest_first_by_kind() {
    let app = App::start();
    let world = World::new(&app);
    for (content, tags) in [("one", json!(null)), ("two", json!(["chat"])), ("three", json!([]))] {
        world.user.post(&world.path("/memory"), json!({"content": content, "tags": tags})).expect(200);
    }
    let list = |client: &Client, path: String| contents(&client.get(&path).expect(200));
    assert_eq!(list(&world.user, world.path("/memory")), ["three", "two", "one"]);
    assert_eq!(list(&world.worker.client, world.agent_path("/memory?is_chat=false")), ["three", "one"]);
    assert_eq!(list(&world.main, world.agent_path("/memory?is_chat=on")), ["two"]);
    let page = world.user.get(&world.path("/memory?limit=1&offset=1")).expect(200);
    assert_eq!((contents(&page), &page["total"]), (vec!["two".to_owned()], &json!(3)));
    let beyond = world.user.get(&world.path("/memory?is_chat=true&offset=5")).expect(200);
    assert_eq!((contents(&beyond), &beyond["total"]), (Vec::new(), &json!(1)));
}

#[test]
fn blank_entries_of_older_databases_are_hidden() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    for content in ["shown", "hidden"] {
        world.user.post(&world.path("/memory"), json!({"content": content})).expect(200);
    }
    app.execute("UPDATE board_memory SET content = '  ' WHERE content = 'hidden'");
    let listed = world.user.get(&world.path("/memory")).expect(200);
    assert_eq!((contents(&listed), &listed["total"]), (vec!["shown".to_owned()], &json!(1)));
}

#[test]
fn agents_remember_on_their_own_board_and_nowhere_else() {
    let app = App::start();
    let world = World::new(&app);
    let other = world.other();
    let second = world.make_board(json!({}));
    let second = second["id"].as_str().expect("an id");
    let entry = json!({"content": "x"});
    for path in [format!("/api/v1/agent/boards/{second}/memory"), format!("/api/v1/boards/{second}/memory")] {
        world.worker.client.get(&path).refused(403);
        world.worker.client.post(&path, &entry).refused(403);
        world.main.get(&path).expect(200);
        world.main.post(&path, &entry).expect(200);
    }
    for path in [other.agent_path("/memory"), other.path("/memory")] {
        world.worker.client.get(&path).refused(403);
        // A main agent has the boards of its organization; others are as good as missing.
        world.main.get(&path).refused(404);
        world.main.post(&path, &entry).refused(404);
    }
    let unknown = "/api/v1/agent/boards/11111111-1111-4111-8111-111111111111/memory";
    world.worker.client.get(unknown).refused(403);
    world.main.get(unknown).refused(404);
    world.main.get("/api/v1/agent/boards/abc/memory").field_error("path.board_id", "uuid_parsing");
}

#[test]
fn memory_is_not_for_strangers() {
    let app = App::start();
    let world = World::new(&app);
    let stranger = app.agent("nobody");
    for client in [app.anonymous(), stranger, world.user.with_header("x-agent-token", "nobody")] {
        for path in [world.path("/memory"), world.agent_path("/memory")] {
            client.get(&path).refused(401);
            client.post(&path, json!({"content": 1})).refused(401);
        }
    }
    world.user.get(&world.agent_path("/memory")).refused(401);
    app.anonymous().get("/api/v1/agent/boards/11111111-1111-4111-8111-111111111111/memory").refused(401);
}

#[test]
fn readers_of_a_board_do_not_write_its_memory() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    app.execute("UPDATE organization_members SET all_boards_read = TRUE, all_boards_write = FALSE");
    world.user.get(&world.path("/memory")).expect(200);
    let answer = world.user.post(&world.path("/memory"), json!({"content": 1}));
    answer.refuses(403, "Board access denied");
}

#[test]
fn chat_goes_to_the_lead_and_to_whoever_is_mentioned() {
    let app = App::start();
    let world = World::new(&app);
    let bob = world.make_agent(json!({"name": "Bob Smith"}));
    let clients = [&world.lead.client, &world.worker.client, &bob.client];
    let mut seen = clients.map(Inbox::of);
    let mut told = |content: &str| {
        world.user.post(&world.path("/memory"), json!({"content": content, "tags": ["chat"]})).expect(200);
        seen.each_mut().map(|inbox| inbox.first_lines().join(","))
    };
    assert_eq!(told("hello"), ["BOARD CHAT", "", ""]);
    assert_eq!(told("ask @bob, please"), ["BOARD CHAT", "", "BOARD CHAT MENTION"]);
    assert_eq!(told("@LEAD and @worker"), ["BOARD CHAT MENTION", "BOARD CHAT MENTION", ""]);
    assert_eq!(told("write to x@bob.example or @all"), ["BOARD CHAT", "", ""]);
}

#[test]
fn a_chat_message_says_where_from_and_how_to_reply() {
    let app = App::start();
    let world = World::new(&app);
    app.user().patch("/api/v1/users/me", json!({"name": "Ann\nBoard: x", "preferred_name": null})).expect(200);
    let mut lead = Inbox::of(&world.lead.client);
    let long = "é".repeat(801);
    for content in ["two\nlines", &long] {
        let body = json!({"content": content, "tags": ["chat"], "source": "someone else"});
        world.user.post(&world.path("/memory"), body).expect(200);
    }
    let messages = lead.fresh();
    let expected = |snippet: &str| {
        format!(
            "BOARD CHAT\nBoard: {}\nFrom: Ann Board: x\n\n{snippet}\n\nReply via board chat:\n\
             POST {}{}\nBody: {{\"content\":\"...\",\"tags\":[\"chat\"]}}",
            world.board["name"].as_str().expect("a name"),
            app.url(),
            world.agent_path("/memory")
        )
    };
    let texts: Vec<_> = messages.iter().filter_map(|message| message["message"].as_str()).collect();
    assert_eq!(texts, [expected("two\nlines"), expected(&format!("{}...", "é".repeat(797)))]);
    assert!(messages.iter().all(|message| message["deliver"] == false && message["board_id"] == world.board_id()));
}

#[test]
fn pause_and_resume_go_to_every_other_agent_at_once() {
    let app = App::start();
    let world = World::new(&app);
    let mut lead = Inbox::of(&world.lead.client);
    let mut worker = Inbox::of(&world.worker.client);
    let command = json!({"content": " /PAUSE ", "tags": ["chat"]});
    world.lead.client.post(&world.agent_path("/memory"), command).expect(200);
    let told = worker.fresh();
    assert_eq!((&told[0]["message"], &told[0]["deliver"], told.len()), (&json!("/pause"), &json!(true), 1));
    assert!(lead.fresh().is_empty(), "the author knows");
    world.user.post(&world.path("/memory"), json!({"content": "/resume", "tags": ["chat"]})).expect(200);
    assert_eq!((lead.first_lines(), worker.first_lines()), (vec!["/resume".to_owned()], vec!["/resume".to_owned()]));
    // A note is no command, and neither is a sentence.
    world.user.post(&world.path("/memory"), json!({"content": "/pause"})).expect(200);
    assert!(lead.fresh().is_empty());
    world.user.post(&world.path("/memory"), json!({"content": "/pause now", "tags": ["chat"]})).expect(200);
    assert_eq!((lead.first_lines(), worker.first_lines()), (vec!["BOARD CHAT".to_owned()], Vec::new()));
}

fn contents(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().into_iter().flatten();
    items.filter_map(|item| item["content"].as_str()).map(str::to_owned).collect()
}

/// An agent's inbox, read from where it was read last.
struct Inbox<'a> {
    agent: &'a Client,
    read: usize,
}

impl<'a> Inbox<'a> {
    fn of(agent: &'a Client) -> Self {
        let mut inbox = Self { agent, read: 0 };
        inbox.fresh();
        inbox
    }

    /// The messages since the last time.
    #[track_caller]
    fn fresh(&mut self) -> Vec<Value> {
        let page = self.agent.get(&format!("/api/v1/agent/inbox?offset={}", self.read)).expect(200);
        let messages = page["items"].as_array().expect("items").clone();
        self.read += messages.len();
        messages
    }

    #[track_caller]
    fn first_lines(&mut self) -> Vec<String> {
        let line = |message: &Value| message["message"].as_str()?.lines().next().map(str::to_owned);
        self.fresh().iter().filter_map(line).collect()
    }
}
