//! Onboarding of a board by its gateway's main agent.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};

fn path(world: &World<'_>, rest: &str) -> String {
    world.path(&format!("/onboarding{rest}"))
}

#[track_caller]
fn start(world: &World<'_>) -> Value {
    world.user.post(&path(world, "/start"), json!({})).expect(200)
}

fn question() -> Value {
    json!({"question": " What for? ", "options": [{"id": "1", "label": "Ship"}, {"id": "2", "label": "Other"}]})
}

fn complete() -> Value {
    json!({
        "status": "complete", "board_type": "goal", "objective": "Ship it", "success_metrics": {"metric": "m"},
        "target_date": "2027-03-04", "user_profile": {"preferred_name": "Ann", "timezone": " UTC ", "notes": " "},
        "lead_agent": {
            "name": " Ava ", "identity_profile": {"role": "Captain", "empty": " "}, "autonomy_level": " autonomous ",
            "verbosity": "", "custom_instructions": " be kind ",
        },
    })
}

fn contents(session: &Value) -> Vec<(&str, &str)> {
    let messages = session["messages"].as_array().expect("messages").iter();
    messages
        .map(|message| (message["role"].as_str().unwrap_or(""), message["content"].as_str().unwrap_or("")))
        .collect()
}

fn told(client: &Client) -> Vec<String> {
    let inbox = client.get("/api/v1/agent/inbox").expect(200);
    let items = inbox["items"].as_array().expect("items").iter();
    let texts = items.map(|item| item["message"].as_str().expect("a text").to_owned());
    texts.filter(|text| !text.starts_with("Hello ")).collect()
}

#[test]
fn an_onboarding_asks_the_main_agent_and_passes_answers_on() {
    let app = App::start();
    let world = World::new(&app);
    world.user.get(&path(&world, "")).refused(404);
    world.user.post(&path(&world, "/answer"), json!({"answer": "x"})).refused(404);
    let session = start(&world);
    let key = format!("agent:mc-gateway-{}:main", world.gateway_id());
    assert_eq!((&session["status"], &session["session_key"]), (&json!("active"), &json!(key)));
    assert_eq!((&session["draft_goal"], &session["board_id"]), (&Value::Null, &world.board["id"]));
    let prompts = told(&world.main);
    let (role, prompt) = contents(&session)[0];
    assert_eq!((role, prompts.as_slice()), ("user", [prompt.to_owned()].as_slice()));
    for part in ["BOARD ONBOARDING REQUEST", "Board Description: A board for tests.", "I'll type it", "X-Agent-Token"] {
        assert!(prompt.contains(part), "{part}");
    }
    assert!(prompt.contains(&world.agent_path("/onboarding")), "{prompt}");

    let asked = world.main.post(&world.agent_path("/onboarding"), question()).expect(200);
    let said = contents(&asked)[1];
    assert_eq!(said.0, "assistant");
    assert_eq!(said.1, r#"{"question":"What for?","options":[{"id":"1","label":"Ship"},{"id":"2","label":"Other"}]}"#);
    let answered = world.user.post(&path(&world, "/answer"), json!({"answer": " Ship ", "other_text": " soon"}));
    assert_eq!(contents(&answered.expect(200))[2], ("user", "Ship:  soon"));
    assert_eq!(told(&world.main)[1], "Ship:  soon");
    assert_eq!(start(&world)["id"], session["id"], "an open onboarding goes on");
    assert_eq!(told(&world.main).len(), 3, "what waits for an answer is sent again");
    world.user.post(&path(&world, "/answer"), json!({"answer": " "})).field_error("body.answer", "string_too_short");
    world.user.raw("POST", &path(&world, "/start"), &[], b"").field_error("body", "missing");
}

#[test]
fn a_draft_becomes_the_goal_the_lead_and_the_person() {
    let app = App::start();
    let world = World::new(&app);
    app.user().patch("/api/v1/users/me", json!({"preferred_name": null, "pronouns": "they"})).expect(200);
    world.user.delete(&format!("/api/v1/agents/{}", world.lead.id)).expect(200);
    start(&world);
    let drafted = world.main.post(&path(&world, "/agent"), complete()).expect(200);
    assert_eq!(drafted["status"], "completed");
    let draft = json!({
        "board_type": "goal", "objective": "Ship it", "success_metrics": {"metric": "m"},
        "target_date": "2027-03-04T00:00:00", "status": "complete",
        "user_profile": {"preferred_name": "Ann", "pronouns": null, "timezone": "UTC", "notes": null, "context": null},
        "lead_agent": {
            "name": "Ava", "identity_profile": {"role": "Captain"}, "autonomy_level": "autonomous", "verbosity": null,
            "output_format": null, "update_cadence": null, "custom_instructions": "be kind",
        },
    });
    assert_eq!(drafted["draft_goal"], draft);
    assert_eq!(start(&world)["draft_goal"], draft, "a draft that waits is not lost");
    let body = json!({"board_type": "goal", "objective": "Ship", "success_metrics": {"a": 1}, "target_date": null});
    let board = world.user.post(&path(&world, "/confirm"), body.clone()).expect(200);
    assert_eq!((&board["goal_confirmed"], &board["goal_source"]), (&json!(true), &json!("lead_agent_onboarding")));
    assert_eq!((&board["objective"], &board["require_approval_for_done"]), (&json!("Ship"), &json!(false)));
    let agents = world.user.get(&format!("/api/v1/agents?board_id={}", world.board_id())).expect(200);
    let lead = &agents["items"][0];
    assert_eq!((&lead["name"], &lead["is_board_lead"]), (&json!("Ava"), &json!(true)));
    assert_eq!(
        lead["identity_profile"],
        json!({
            "role": "Captain", "communication_style": "direct, concise, practical", "emoji": ":gear:",
            "autonomy_level": "autonomous", "custom_instructions": "be kind",
        })
    );
    let me = app.user().get("/api/v1/users/me").expect(200);
    assert_eq!([&me["preferred_name"], &me["timezone"], &me["pronouns"]], ["Ann", "UTC", "they"]);
    let again = world.user.post(&path(&world, "/confirm"), body).expect(200);
    assert_eq!(again["id"], board["id"]);
    world.main.post(&world.agent_path("/onboarding"), question()).refused(409);
    assert_eq!(world.user.get(&path(&world, "")).expect(200)["status"], "confirmed");
    assert_ne!(start(&world)["id"], drafted["id"], "after the confirmation a new one begins");
}

#[test]
fn confirming_without_a_draft_keeps_the_lead() {
    let app = App::start();
    let world = World::new(&app);
    world.user.post(&path(&world, "/confirm"), json!({"board_type": "general"})).refused(404);
    start(&world);
    let answer = world.user.post(&path(&world, "/confirm"), json!({"board_type": "goal", "objective": "x"}));
    let text = "Confirmed goal boards require objective and success_metrics";
    assert_eq!(answer.field_error("body", "value_error")["ctx"]["error"], text);
    let board = world.user.post(&path(&world, "/confirm"), json!({"board_type": "general"})).expect(200);
    assert_eq!(board["require_approval_for_done"], true);
    assert_eq!(world.user.get(&format!("/api/v1/agents/{}", world.lead.id)).expect(200)["name"], "Lead");
}

#[test]
fn only_the_main_agent_of_the_boards_gateway_drafts() {
    let app = App::start();
    let world = World::new(&app);
    start(&world);
    world.user.post(&path(&world, "/agent"), question()).refused(401);
    for agent in [&world.worker.client, &world.lead.client] {
        agent.post(&path(&world, "/agent"), question()).refused(403);
        agent.post(&world.agent_path("/onboarding"), question()).refused(403);
    }
    let gateway = json!({"name": "Second", "url": "mailbox:", "workspace_root": "/srv"});
    let second = world.user.post("/api/v1/gateways", gateway).expect(200);
    let stranger = app.agent(second["main_agent_token"].as_str().expect("a token"));
    let text = "Only the dedicated gateway agent may call this endpoint.";
    stranger.post(&world.agent_path("/onboarding"), question()).refuses(403, text);
}

#[test]
fn what_is_neither_question_nor_draft_is_judged_as_both() {
    let app = App::start();
    let world = World::new(&app);
    start(&world);
    let answer = world.main.post(&world.agent_path("/onboarding"), json!({"question": "Q?", "options": []}));
    let faults = answer.check(422).detail().as_array().expect("a list").clone();
    let complete = "function-after[validate_goal_fields(), BoardOnboardingAgentComplete]";
    let places: Vec<&Value> = faults.iter().map(|fault| &fault["loc"]).collect();
    assert_eq!(
        places,
        [
            &json!(["body", complete, "board_type"]),
            &json!(["body", complete, "status"]),
            &json!(["body", "BoardOnboardingAgentQuestion", "options"]),
        ]
    );
    assert_eq!(faults[2]["type"], "too_short");
}
