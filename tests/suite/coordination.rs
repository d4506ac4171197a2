//! How agents reach each other: nudges, souls, questions to the user, messages to leads.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};
use uuid::Uuid;

const LEADS_ONLY: &str = "Only board leads can perform this action";

fn on_agent(world: &World<'_>, agent: &str, rest: &str) -> String {
    world.agent_path(&format!("/agents/{agent}{rest}"))
}

fn told(client: &Client) -> Vec<Value> {
    let inbox = client.get("/api/v1/agent/inbox").expect(200);
    let items = inbox["items"].as_array().expect("items").iter();
    items.filter(|item| !item["message"].as_str().is_some_and(|text| text.starts_with("Hello "))).cloned().collect()
}

fn event(world: &World<'_>, kind: &str) -> Value {
    let events = world.user.get("/api/v1/activity").expect(200);
    let events = events["items"].as_array().expect("items");
    events.iter().find(|event| event["event_type"] == kind).unwrap_or_else(|| panic!("no {kind}")).clone()
}

#[test]
fn a_lead_nudges_agents_of_its_board() {
    let app = App::start();
    let world = World::new(&app);
    let path = on_agent(&world, &world.worker.id, "/nudge");
    assert_eq!(world.lead.client.post(&path, json!({"message": " go on "})).expect(200), json!({"ok": true}));
    let messages = told(&world.worker.client);
    assert_eq!((&messages[0]["message"], &messages[0]["deliver"]), (&json!("go on"), &json!(true)));
    assert_eq!(messages[0]["sender"], "Lead");
    assert_eq!(event(&world, "agent.nudge.sent")["message"], "Nudge sent to Worker.");
    let main = world.user.get(&format!("/api/v1/agents?gateway_id={}", world.gateway_id())).expect(200);
    let main = main["items"].as_array().expect("items").iter().find(|agent| agent["is_gateway_main"] == true);
    let main = main.expect("a main agent")["id"].as_str().expect("an id").to_owned();
    world.lead.client.post(&on_agent(&world, &main, "/nudge"), json!({"message": "x"})).expect(200);
    world.lead.client.post(&path, json!({"message": " "})).field_error("body.message", "string_too_short");
    world.worker.client.post(&path, json!({"message": "x"})).refuses(403, LEADS_ONLY);
    let elsewhere = world.make_board(json!({}));
    let elsewhere = world.make_agent(json!({"board_id": elsewhere["id"]})).id;
    for id in [elsewhere, Uuid::new_v4().to_string(), world.other().worker.id.clone()] {
        world.lead.client.post(&on_agent(&world, &id, "/nudge"), json!({"message": "x"})).refused(404);
    }
}

#[test]
fn souls_are_read_by_their_agents_and_written_by_the_lead() {
    let app = App::start();
    let world = World::new(&app);
    let path = on_agent(&world, &world.worker.id, "/soul");
    let before = world.worker.client.get(&path).expect(200);
    assert!(before.as_str().is_some_and(|soul| soul.starts_with("# Soul")), "{before}");
    let body = json!({"content": " # Careful {{ name }} ", "reason": " quality ", "source_url": "https://x.test"});
    assert_eq!(world.lead.client.put(&path, body).expect(200), json!({"ok": true}));
    assert_eq!(world.worker.client.get(&path).expect(200), json!("# Careful {{ name }}"));
    assert_eq!(world.lead.client.get(&path).expect(200), json!("# Careful {{ name }}"));
    let message = "SOUL.md updated for Worker. Reason: quality Source: https://x.test";
    assert_eq!(event(&world, "agent.soul.updated")["message"], message);
    world.worker.client.get(&on_agent(&world, &world.lead.id, "/soul")).refused(403);
    world.worker.client.put(&path, json!({"content": "x"})).refuses(403, LEADS_ONLY);
    world.lead.client.put(&path, json!({"content": " "})).refuses(422, "content is required");
    world.lead.client.put(&path, json!({})).field_error("body.content", "missing");
    let strange = world.other();
    world.lead.client.put(&on_agent(&world, &strange.worker.id, "/soul"), json!({"content": "x"})).refused(404);
}

#[test]
fn a_lead_removes_workers_of_its_board_only() {
    let app = App::start();
    let world = World::new(&app);
    let worker = world.make_agent(json!({}));
    let task = world.make_task("t", json!({"status": "in_progress", "assigned_agent_id": worker.id}));
    let remove = |id: &str| world.lead.client.delete(&on_agent(&world, id, ""));
    assert_eq!(remove(&worker.id).expect(200), json!({"ok": true}));
    assert_eq!(remove(&worker.id).expect(200), json!({"ok": true}), "there is none any more");
    worker.client.get("/api/v1/agent/healthz").refused(401);
    let task = world.user.get(&world.path(&format!("/tasks/{}", task["id"].as_str().expect("an id")))).expect(200);
    assert_eq!(
        [&task["status"], &task["assigned_agent_id"], &task["in_progress_at"]],
        [&json!("inbox"), &Value::Null, &Value::Null]
    );
    assert_eq!(event(&world, "agent.delete.direct")["agent_id"], Value::Null);
    remove(&world.lead.id).refuses(403, "Board leads cannot delete lead agents");
    let elsewhere = world.make_board(json!({}));
    remove(&world.make_agent(json!({"board_id": elsewhere["id"]})).id).refused(404);
    let agents = world.user.get(&format!("/api/v1/agents?gateway_id={}", world.gateway_id())).expect(200);
    let main = agents["items"].as_array().expect("items").iter().find(|agent| agent["is_gateway_main"] == true);
    let main = main.expect("a main agent")["id"].as_str().expect("an id").to_owned();
    remove(&main).refuses(403, "Board leads cannot delete gateway main agents");
    world.worker.client.delete(&on_agent(&world, &world.worker.id, "")).refuses(403, LEADS_ONLY);
}

#[test]
fn a_lead_asks_the_user_through_the_main_agent() {
    let app = App::start();
    let world = World::new(&app);
    let path = world.agent_path("/gateway/main/ask-user");
    let body =
        json!({"content": " Which one? ", "correlation_id": "c-1", "preferred_channel": "mail", "reply_tags": []});
    let answer = world.lead.client.post(&path, body).expect(200);
    assert_eq!((&answer["ok"], &answer["board_id"]), (&json!(true), &world.board["id"]));
    assert_eq!(answer["main_agent_name"], "Mailbox Gateway Agent");
    let message = &told(&world.main)[0];
    let text = message["message"].as_str().expect("a text");
    let expected = format!(
        "LEAD REQUEST: ASK USER\nBoard: {}\nBoard ID: {}\nFrom lead: Lead\nCorrelation ID: c-1\n\
         Preferred channel: mail\n\nWhich one?\n\n",
        world.board["name"].as_str().expect("a name"),
        world.board_id()
    );
    assert!(text.starts_with(&expected), "{text}");
    assert!(text.contains(r#""tags":["gateway_main","user_reply"],"source":"user_via_gateway_main""#), "{text}");
    assert_eq!(message["deliver"], true);
    assert_eq!(event(&world, "gateway.lead.ask_user.sent")["agent_id"], world.lead.id);
    world.worker.client.post(&path, json!({"content": "x"})).refuses(403, LEADS_ONLY);
    world.lead.client.post(&path, json!({})).field_error("body.content", "missing");
}

#[test]
fn a_main_agent_messages_the_leads_of_its_boards() {
    let app = App::start();
    let world = World::new(&app);
    let path = |board: &str| format!("/api/v1/agent/gateway/boards/{board}/lead/message");
    let body = json!({"content": "Status?", "reply_tags": ["x"], "reply_source": "me"});
    let answer = world.main.post(&path(world.board_id()), body.clone()).expect(200);
    assert_eq!(
        answer,
        json!({
            "ok": true, "board_id": world.board_id(), "lead_agent_id": world.lead.id, "lead_agent_name": "Lead",
            "lead_created": false,
        })
    );
    let text = told(&world.lead.client)[0]["message"].as_str().expect("a text").to_owned();
    assert!(text.starts_with("GATEWAY MAIN QUESTION\nBoard: "), "{text}");
    assert!(text.contains(r#""tags":["x"],"source":"me""#), "{text}");
    let second = world.make_board(json!({}));
    let second = second["id"].as_str().expect("an id");
    let handoff = world.main.post(&path(second), json!({"content": "Take it", "kind": "handoff"})).expect(200);
    assert_eq!((&handoff["lead_created"], &handoff["lead_agent_name"]), (&json!(true), &json!("Lead Agent")));
    assert_eq!(event(&world, "gateway.main.lead_message.sent")["board_id"], second);
    world.main.post(&path(&Uuid::new_v4().to_string()), body.clone()).refuses(404, "Board not found");
    world.main.post(&path(world.other().board_id()), body.clone()).refuses(404, "Board not found");
    world.lead.client.post(&path(world.board_id()), body).refused(403);
    let wrong = world.main.post(&path(world.board_id()), json!({"content": "x", "kind": "order"}));
    wrong.field_error("body.kind", "literal_error");
}

#[test]
fn a_broadcast_reaches_the_leads_of_all_boards_of_the_gateway() {
    let app = App::start();
    let world = World::new(&app);
    let second = world.make_board(json!({}));
    let path = "/api/v1/agent/gateway/leads/broadcast";
    let answer = world.main.post(path, json!({"content": "Freeze", "board_ids": []})).expect(200);
    assert_eq!((&answer["sent"], &answer["failed"]), (&json!(2), &json!(0)));
    let results = answer["results"].as_array().expect("results");
    assert_eq!(
        results.iter().map(|result| &result["board_id"]).collect::<Vec<_>>(),
        [&second["id"], &world.board["id"]]
    );
    assert_eq!(
        results[1],
        json!({
            "board_id": world.board_id(), "lead_agent_id": world.lead.id, "lead_agent_name": "Lead", "ok": true, "error": null,
        })
    );
    let one = json!({"content": "x", "board_ids": [world.board_id(), Uuid::new_v4()]});
    assert_eq!(world.main.post(path, one).expect(200)["sent"], 1);
    assert_eq!(told(&world.lead.client).len(), 2);
    world.worker.client.post(path, json!({"content": "x"})).refused(403);
}
