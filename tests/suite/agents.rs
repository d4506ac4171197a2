//! Agents, as people manage them.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};

const AGENTS: &str = "/api/v1/agents";
const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

fn path(id: &str) -> String {
    format!("{AGENTS}/{id}")
}

fn heartbeat(id: &str) -> String {
    format!("{AGENTS}/{id}/heartbeat")
}

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str()).collect()
}

/// Makes the person an ordinary member who may read and change all boards.
fn demote(app: &App) {
    app.execute("UPDATE organization_members SET role = 'member'");
}

#[test]
fn a_new_agent_is_a_worker_that_has_not_been_seen() {
    let app = App::start();
    let world = World::new(&app);
    let made = world.user.post(
        AGENTS,
        json!({
            "name": "  Ada ",
            "board_id": world.board_id(),
            "status": "online",
            "identity_profile": {" role ": " Tester ", "skills": ["a", " ", "b"], "none": null, "n": 3},
            "identity_template": "  hi ",
            "soul_template": " ",
        }),
    );
    let made = made.expect(200);
    let id = made["id"].as_str().expect("an id");
    let mut expected = json!({
        "board_id": world.board_id(),
        "name": "Ada",
        "status": "provisioning",
        "heartbeat_config": {"every": "10m", "target": "last", "includeReasoning": false},
        "identity_profile": {"role": "Tester", "skills": "a, b", "n": "3"},
        "identity_template": "hi",
        "soul_template": null,
        "id": id,
        "gateway_id": world.gateway_id(),
        "is_board_lead": false,
        "is_gateway_main": false,
        "openclaw_session_id": format!("agent:mc-{id}:main"),
        "last_seen_at": null,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    });
    assert_eq!(world.user.get(&path(id)).expect(200), expected);
    expected["agent_token"] = made["agent_token"].clone();
    assert_eq!(made, expected);
    assert_eq!(made["agent_token"].as_str().map(str::len), Some(43));
}

#[test]
fn a_new_agent_is_woken_by_a_message() {
    let app = App::start();
    let world = World::new(&app);
    let inbox = world.worker.client.get("/api/v1/agent/inbox").expect(200);
    let message = &inbox["items"][0];
    let text = message["message"].as_str().expect("a text");
    assert!(text.starts_with("Hello Worker. Your workspace has been provisioned."), "{text}");
    assert_eq!((&message["board_id"], &message["deliver"]), (&json!(world.board_id()), &json!(true)));
}

#[test]
fn a_board_has_one_lead() {
    let app = App::start();
    let world = World::new(&app);
    let lead = &world.lead.json;
    assert_eq!((&lead["is_board_lead"], &lead["name"]), (&json!(true), &json!("Lead")));
    assert_eq!(lead["openclaw_session_id"], json!(format!("agent:lead-{}:main", world.board_id())));
    assert_eq!(lead["identity_profile"]["role"], json!("Board Lead"));
    let second = json!({"name": "Second", "board_id": world.board_id(), "is_board_lead": true});
    world.user.post(AGENTS, &second).refuses(409, "This board already has a lead agent.");
    let elsewhere = world.make_board(json!({}));
    let body = json!({"name": "Second", "board_id": elsewhere["id"], "is_board_lead": true});
    world.user.post(AGENTS, body).expect(200);
}

#[test]
fn an_agent_needs_a_board_of_the_organization() {
    let app = App::start();
    let world = World::new(&app);
    world.user.post(AGENTS, json!({"name": "Ada"})).refuses(422, "board_id is required");
    for board in [NOBODY, world.other().board_id()] {
        world.user.post(AGENTS, json!({"name": "Ada", "board_id": board})).refuses(404, "Board not found");
    }
    let answer = world.user.post(AGENTS, json!({"name": " ", "board_id": "x", "heartbeat_config": 1}));
    answer.field_error("body.name", "string_too_short");
    answer.field_error("body.board_id", "uuid_parsing");
    answer.field_error("body.heartbeat_config", "dict_type");
    world.user.post(AGENTS, json!({"board_id": null})).field_error("body.name", "missing");
}

#[test]
fn a_name_is_new_on_its_board_and_on_its_gateway() {
    let app = App::start();
    let world = World::new(&app);
    let make = |name: &str, board: &Value| world.user.post(AGENTS, json!({"name": name, "board_id": board}));
    make("WORKER", &world.board["id"]).refuses(409, "An agent with this name already exists on this board.");
    let elsewhere = world.make_board(json!({}));
    let taken = "An agent with this name already exists in this gateway workspace.";
    make("worker", &elsewhere["id"]).refuses(409, taken);
    make("Work%", &world.board["id"]).expect(200);
    make("Worke_", &world.board["id"]).expect(200);
    make("Mailbox Gateway Agent", &world.board["id"]).expect(200);
    make("Worker", &world.other().board["id"]).refuses(404, "Board not found");
}

#[test]
fn a_lead_makes_workers_up_to_its_boards_limit() {
    let app = App::start();
    let world = World::new(&app);
    let board = world.make_board(json!({"max_agents": 1}));
    let body = json!({"name": "Other lead", "board_id": board["id"], "is_board_lead": true});
    let lead = app.agent(world.user.post(AGENTS, body).expect(200)["agent_token"].as_str().expect("a token"));
    let made = lead.post(AGENTS, json!({"name": "One"})).expect(200);
    assert_eq!((&made["board_id"], &made["is_board_lead"]), (&board["id"], &json!(false)));
    let full = "Board worker-agent limit reached: max_agents=1 (excluding the lead); cannot create more than 1 agent.";
    lead.post(AGENTS, json!({"name": "Two"})).refuses(409, full);
    world.user.post(AGENTS, json!({"name": "Two", "board_id": board["id"]})).expect(200);
    let full = full.replace("=1 ", "=0 ").replace("than 1 agent.", "than 0 agents.");
    world
        .user
        .patch(&format!("/api/v1/boards/{}", board["id"].as_str().expect("an id")), json!({"max_agents": 0}))
        .expect(200);
    lead.post(AGENTS, json!({"name": "Three"})).refuses(409, &full);
}

#[test]
fn requests_at_the_same_time_do_not_get_past_a_limit() {
    let app = App::start();
    let world = World::new(&app);
    let board = world.make_board(json!({"max_agents": 2}));
    let lead = world.make_agent(json!({"board_id": board["id"], "is_board_lead": true}));
    let statuses = |name: fn(usize) -> String| {
        std::thread::scope(|scope| {
            let calls: Vec<_> = (0..6)
                .map(|number| {
                    let client = lead.client.clone();
                    scope.spawn(move || client.post(AGENTS, json!({"name": name(number)})).status)
                })
                .collect();
            let mut statuses: Vec<u16> = calls.into_iter().map(|call| call.join().expect("an answer")).collect();
            statuses.sort_unstable();
            statuses
        })
    };
    assert_eq!(statuses(|_| "Same".to_owned()), [200, 409, 409, 409, 409, 409]);
    assert_eq!(statuses(|number| format!("Worker {number}")), [200, 409, 409, 409, 409, 409]);
}

#[test]
fn only_admins_and_leads_make_agents() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let body = json!({"name": "Ada", "board_id": world.board_id()});
    app.anonymous().post(AGENTS, &body).refused(401);
    app.agent("wrong").post(AGENTS, &body).refused(401);
    for agent in [&world.worker.client, &world.main] {
        agent.post(AGENTS, &body).refuses(403, "Only board leads can create agents");
    }
    let elsewhere = world.make_board(json!({}));
    let body = json!({"name": "Ada", "board_id": elsewhere["id"]});
    let own = "Board leads can only create agents in their own board";
    world.lead.client.post(AGENTS, &body).refuses(403, own);
    app.execute("UPDATE organization_members SET all_boards_write = FALSE");
    world.user.post(AGENTS, &body).refuses(403, "Board access denied");
    demote(&app);
    world.user.post(AGENTS, &body).refused(403);
}

#[test]
fn agents_are_listed_newest_first_and_by_board_and_gateway() {
    let app = App::start();
    let world = World::new(&app);
    let all = world.user.get(AGENTS).expect(200);
    assert_eq!(ids(&all)[..2], [world.worker.id.as_str(), world.lead.id.as_str()]);
    assert_eq!((all["total"].as_u64(), &all["items"][2]["is_gateway_main"]), (Some(3), &json!(true)));
    let on_board = world.user.get(&format!("{AGENTS}?board_id={}", world.board_id())).expect(200);
    assert_eq!(ids(&on_board), [world.worker.id.as_str(), world.lead.id.as_str()]);
    let on_gateway = world.user.get(&format!("{AGENTS}?gateway_id={}&limit=1", world.gateway_id())).expect(200);
    assert_eq!((ids(&on_gateway), on_gateway["total"].as_u64()), (vec![world.worker.id.as_str()], Some(3)));
    world.user.get(&format!("{AGENTS}?board_id=x")).field_error("query.board_id", "uuid_parsing");
}

#[test]
fn agents_of_others_do_not_exist() {
    let app = App::start();
    let world = World::new(&app);
    let others = world.other();
    for board in [NOBODY, others.board_id()] {
        world.user.get(&format!("{AGENTS}?board_id={board}")).refused(403);
    }
    for gateway in [NOBODY, others.gateway_id()] {
        world.user.get(&format!("{AGENTS}?gateway_id={gateway}")).refused(404);
    }
    assert_eq!(world.user.get(AGENTS).expect(200)["total"], json!(3));
    for id in [NOBODY, &others.worker.id] {
        world.user.get(&path(id)).refused(404);
        world.user.post(&heartbeat(id), json!({})).refused(404);
        world.user.post(&format!("{}/token", path(id)), json!({})).refused(404);
        world.worker.client.post(&heartbeat(id), json!({})).refused(404);
    }
}

#[test]
fn agents_are_seen_by_admins_with_a_right_on_their_board() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let token = format!("{}/token", path(&world.worker.id));
    for client in [app.anonymous(), world.lead.client.clone()] {
        client.get(AGENTS).refused(401);
        client.get(&path(&world.worker.id)).refused(401);
        client.post(&token, json!({})).refused(401);
    }
    app.execute("UPDATE organization_members SET all_boards_write = FALSE");
    world.user.get(&path(&world.worker.id)).expect(200);
    world.user.post(&token, json!({})).refuses(403, "Board access denied");
    world.user.post(&heartbeat(&world.worker.id), json!({})).refuses(403, "Board access denied");
    app.execute("UPDATE organization_members SET all_boards_read = FALSE");
    world.user.get(&path(&world.worker.id)).refuses(403, "Board access denied");
    world.user.get(&format!("{AGENTS}?board_id={}", world.board_id())).refused(403);
    let visible = world.user.get(AGENTS).expect(200);
    assert_eq!((visible["total"].as_u64(), &visible["items"][0]["is_gateway_main"]), (Some(1), &json!(true)));
    demote(&app);
    world.user.get(AGENTS).refused(403);
    world.user.get(&path(&world.worker.id)).refused(403);
    world.user.post(&token, json!({})).refused(403);
}

/// Whether the token signs in.
fn signs_in(client: &Client) -> bool {
    client.get("/api/v1/agent/healthz").status == 200
}

#[test]
fn a_replaced_token_stays_valid_for_a_while_whatever_follows() {
    let app = App::start();
    let world = World::new(&app);
    let rotate = || {
        let made = world.user.post(&format!("{}/token", path(&world.worker.id)), json!({})).expect(200);
        let token = made["agent_token"].as_str().expect("a token").to_owned();
        assert_eq!(made, json!({"agent_id": world.worker.id, "agent_token": token}));
        app.agent(&token)
    };
    assert!(signs_in(&world.worker.client));
    let (second, third) = (rotate(), rotate());
    for valid in [&world.worker.client, &second, &third] {
        assert!(signs_in(valid));
    }
    let later: Vec<Client> = (0..12).map(|_| rotate()).collect();
    for valid in [&world.worker.client, &second, &third].into_iter().chain(&later[4..]) {
        assert!(signs_in(valid));
    }
    // Of those that nobody ever used only the newest are kept.
    assert!(!signs_in(&later[0]));
}

#[test]
fn without_a_grace_period_a_replaced_token_ends_at_once() {
    let Some(app) = App::with(&[("agent_token_grace_seconds", "0")]) else { return };
    let world = World::new(&app);
    world.user.post(&format!("{}/token", path(&world.worker.id)), json!({})).expect(200);
    assert!(!signs_in(&world.worker.client));
}

#[test]
fn a_heartbeat_says_what_the_agent_does() {
    let app = App::start();
    let world = World::new(&app);
    let own = heartbeat(&world.worker.id);
    let alive = world.worker.client.post(&own, json!({"status": "healthy"})).expect(200);
    assert_eq!((&alive["status"], &alive["id"]), (&json!("healthy"), &json!(world.worker.id)));
    assert!(alive["last_seen_at"].is_string() && alive.get("pending_messages").is_none(), "{alive}");
    assert_eq!(world.user.post(&own, json!({"status": null})).expect(200)["status"], json!("online"));
    assert_eq!(world.user.get(&path(&world.worker.id)).expect(200)["status"], json!("online"));
    for reserved in ["deleting", "updating"] {
        let text = format!("status {reserved} is set by the server only");
        world.worker.client.post(&own, json!({"status": reserved})).refuses(422, &text);
    }
    world.worker.client.raw("POST", &own, &[], b"").field_error("body", "missing");
    world.worker.client.post(&own, json!({"status": 1})).field_error("body.status", "string_type");
    world.worker.client.post(&heartbeat("x"), json!({})).field_error("path.agent_id", "uuid_parsing");
}

#[test]
fn an_agent_speaks_for_itself_only() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    world.lead.client.post(&heartbeat(&world.worker.id), json!({})).refused(403);
    app.anonymous().post(&heartbeat(&world.worker.id), json!({})).refused(401);
    demote(&app);
    world.user.post(&heartbeat(&world.worker.id), json!({})).refused(403);
}

#[test]
fn a_heartbeat_lifts_what_a_failure_left_behind() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    for stored in ["offline", "updating"] {
        app.execute(&format!("UPDATE agents SET status = '{stored}'"));
        assert_eq!(world.user.get(&path(&world.worker.id)).expect(200)["status"], json!(stored));
        let alive = world.user.post(&heartbeat(&world.worker.id), json!({})).expect(200);
        assert_eq!(alive["status"], json!("online"));
    }
}

#[test]
fn a_heartbeat_by_name_makes_the_agent_if_it_is_missing() {
    let app = App::start();
    let world = World::new(&app);
    let by_name = format!("{AGENTS}/heartbeat");
    let found = world.user.post(&by_name, json!({"name": "Worker", "status": "busy"})).expect(200);
    assert_eq!((&found["id"], &found["status"]), (&json!(world.worker.id), &json!("busy")));
    assert!(found.get("agent_token").is_none(), "{found}");

    world.user.post(&by_name, json!({"name": "Ada"})).refuses(422, "board_id is required");
    let made = world.user.post(&by_name, json!({"name": "Ada", "board_id": world.board_id()})).expect(200);
    assert_eq!((&made["name"], &made["status"]), (&json!("Ada"), &json!("online")));
    assert!(signs_in(&app.agent(made["agent_token"].as_str().expect("a token"))));
    let taken = "An agent with this name already exists on this board.";
    world.user.post(&by_name, json!({"name": "ADA", "board_id": world.board_id()})).refuses(409, taken);

    let own = world.worker.client.post(&by_name, json!({"name": "Ada"})).expect(200);
    assert_eq!(own["id"], json!(world.worker.id), "an agent speaks for itself whatever it names");
    world.user.post(&by_name, json!({"name": " "})).field_error("body.name", "string_too_short");
    app.anonymous().post(&by_name, json!({"name": "Ada"})).refused(401);
}

#[test]
fn a_heartbeat_by_name_knows_nothing_of_others() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let others = world.other();
    let by_name = format!("{AGENTS}/heartbeat");
    let only_there = others.user.clone();
    others.activate();
    only_there.post(AGENTS, json!({"name": "Elsewhere", "board_id": others.board_id()})).expect(200);
    world.activate();
    world.user.post(&by_name, json!({"name": "Elsewhere"})).refuses(422, "board_id is required");
    demote(&app);
    world.user.post(&by_name, json!({"name": "Worker"})).refused(403);
    world.user.post(&by_name, json!({"name": "Elsewhere"})).refused(403);
}

#[test]
fn what_happens_to_agents_is_recorded() {
    let app = App::start();
    let world = World::new(&app);
    world.worker.client.post("/api/v1/agent/heartbeat", json!({})).expect(200);
    let events = world.user.get("/api/v1/activity").expect(200);
    let messages: Vec<&str> =
        events["items"].as_array().into_iter().flatten().filter_map(|item| item["message"].as_str()).collect();
    for expected in
        ["Heartbeat received from Worker.", "Wakeup message sent to Worker.", "Provisiond directly for Worker."]
    {
        assert!(messages.contains(&expected), "{messages:?}");
    }
    assert!(!messages.iter().any(|message| message.contains("Mailbox Gateway Agent")), "{messages:?}");
}
