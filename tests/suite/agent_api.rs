//! The agents' own API: who they are, their boards, colleagues and messages.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};

const HEALTHZ: &str = "/api/v1/agent/healthz";
const HEARTBEAT: &str = "/api/v1/agent/heartbeat";
const BOARDS: &str = "/api/v1/agent/boards";
const AGENTS: &str = "/api/v1/agent/agents";
const INBOX: &str = "/api/v1/agent/inbox";
const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

fn ids(page: &Value) -> Vec<&str> {
    page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str()).collect()
}

fn acknowledge(client: &Client, message: &str) -> mission_control_tests::Answer {
    client.post(&format!("{INBOX}/{message}/ack"), json!({}))
}

#[test]
fn a_token_tells_who_its_agent_is() {
    let app = App::start();
    let world = World::new(&app);
    let expected = json!({
        "ok": true,
        "agent_id": world.worker.id,
        "board_id": world.board_id(),
        "gateway_id": world.gateway_id(),
        "status": "online",
        "is_board_lead": false,
    });
    assert_eq!(world.worker.client.get(HEALTHZ).expect(200), expected);
    assert_eq!(world.lead.client.get(HEALTHZ).expect(200)["is_board_lead"], json!(true));
    assert_eq!(world.main.get(HEALTHZ).expect(200)["board_id"], json!(null));
}

#[test]
fn either_header_carries_the_token_and_the_agents_own_one_counts_first() {
    let app = App::start();
    let world = World::new(&app);
    let bearer = app.anonymous().with_bearer(&world.worker.token);
    bearer.get(HEALTHZ).expect(200);
    bearer.with_header("x-agent-token", "").get(HEALTHZ).expect(200);
    bearer.with_header("x-agent-token", "wrong").get(HEALTHZ).refused(401);
    app.anonymous().with_header("authorization", &format!("bEARER  {} ", world.worker.token)).get(HEALTHZ).expect(200);
}

#[test]
fn only_agents_pass() {
    let app = App::start();
    let world = World::new(&app);
    let ack = format!("{INBOX}/{NOBODY}/ack");
    for client in [app.anonymous(), app.user()] {
        for path in [HEALTHZ, BOARDS, AGENTS, INBOX, &world.agent_path("")] {
            client.get(path).refused(401);
        }
        for path in [HEARTBEAT, &ack] {
            client.post(path, json!({})).refused(401);
        }
        client.post(AGENTS, json!({"name": "Ada"})).refused(401);
    }
}

#[test]
fn failures_count_against_the_address_and_never_block_a_valid_token() {
    let Some(app) = App::with(&[("agent_auth_limit", "3")]) else { return };
    let world = World::new(&app);
    for _ in 0..3 {
        app.agent("wrong").get(HEALTHZ).refused(401);
    }
    let refused = app.agent("wrong").get(HEALTHZ);
    refused.refused(429);
    assert!(refused.header("retry-after").is_some());
    for _ in 0..5 {
        world.worker.client.get(HEALTHZ).expect(200);
    }
}

#[test]
fn an_agent_may_have_a_limit_of_its_own() {
    let Some(app) = App::with(&[("agent_request_limit", "2")]) else { return };
    let world = World::new(&app);
    world.worker.client.get(HEALTHZ).expect(200);
    world.worker.client.post(HEARTBEAT, json!({})).expect(200);
    world.worker.client.get(HEALTHZ).refused(429);
    world.lead.client.get(HEALTHZ).expect(200);
}

#[test]
fn an_agent_being_deleted_is_nobody() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    app.execute(&format!("UPDATE agents SET status = 'deleting' WHERE id = '{}'", world.worker.id));
    world.worker.client.get(HEALTHZ).refused(401);
    world.worker.client.post(HEARTBEAT, json!({})).refused(401);
    world.lead.client.get(HEALTHZ).expect(200);
}

#[test]
fn an_imported_token_works_and_is_found_at_once_from_then_on() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    // PBKDF2-HMAC-SHA256 of `imported` with the salt `salt`, 1000 rounds.
    let hash = "pbkdf2_sha256$1000$c2FsdA$6Rv9vH4G8JeeOZIOGT5GbcSFvm9E5TZTWUD5bUAFBZA";
    let import =
        format!("UPDATE agents SET token_lookup = NULL, agent_token_hash = '{hash}' WHERE id = '{}'", world.worker.id);
    app.execute(&import);
    world.worker.client.get(HEALTHZ).refused(401);
    let imported = app.agent("imported");
    assert_eq!(imported.get(HEALTHZ).expect(200)["agent_id"], json!(world.worker.id));
    app.execute(&format!("UPDATE agents SET agent_token_hash = NULL WHERE id = '{}'", world.worker.id));
    imported.get(HEALTHZ).expect(200);
}

#[test]
fn a_heartbeat_answers_the_agent_and_what_waits_for_it() {
    let app = App::start();
    let world = World::new(&app);
    let alive = world.worker.client.raw("POST", HEARTBEAT, &[], b"").expect(200);
    assert_eq!((&alive["id"], &alive["status"]), (&json!(world.worker.id), &json!("online")));
    assert_eq!((&alive["pending_messages"], &alive["last_seen_at"]), (&json!(1), &alive["updated_at"]));
    let again = world.worker.client.raw("POST", HEARTBEAT, &[("content-type", "application/json")], b"{broken");
    assert_eq!(again.expect(200)["status"], json!("online"), "no body is read");
    let seen = world.user.get(&format!("/api/v1/agents/{}", world.worker.id)).expect(200);
    assert_eq!(seen["status"], json!("online"));
    assert!(seen.get("pending_messages").is_none(), "{seen}");
}

#[test]
fn the_inbox_is_read_oldest_first_and_acknowledged_one_by_one() {
    let app = App::start();
    let world = World::new(&app);
    let chat = json!({"content": "@worker hello", "tags": ["chat"]});
    world.user.post(&world.path("/memory"), chat).expect(200);
    let inbox = world.worker.client.get(INBOX).expect(200);
    let messages = ids(&inbox);
    assert_eq!((messages.len(), inbox["total"].as_u64()), (2, Some(2)));
    let page = world.worker.client.get(&format!("{INBOX}?limit=1&offset=1")).expect(200);
    assert_eq!((ids(&page), page["total"].as_u64()), (vec![messages[1]], Some(2)));
    assert!(inbox["items"][0]["created_at"].as_str() <= inbox["items"][1]["created_at"].as_str());

    assert_eq!(acknowledge(&world.worker.client, messages[0]).expect(200), json!({"ok": true}));
    acknowledge(&world.worker.client, messages[0]).expect(200);
    assert_eq!(ids(&world.worker.client.get(INBOX).expect(200)), [messages[1]]);
    assert_eq!(world.worker.client.post(HEARTBEAT, json!({})).expect(200)["pending_messages"], json!(1));
}

#[test]
fn messages_of_other_agents_do_not_exist() {
    let app = App::start();
    let world = World::new(&app);
    let inbox = world.worker.client.get(INBOX).expect(200);
    let message = ids(&inbox)[0];
    for other in [&world.lead.client, &world.main, &world.other().main] {
        acknowledge(other, message).refused(404);
    }
    acknowledge(&world.worker.client, NOBODY).refused(404);
    acknowledge(&world.worker.client, "x").field_error("path.message_id", "uuid_parsing");
    assert_eq!(ids(&world.worker.client.get(INBOX).expect(200)), [message]);
}

#[test]
fn a_boards_agent_has_that_board_only() {
    let app = App::start();
    let world = World::new(&app);
    let elsewhere = world.make_board(json!({}));
    let boards = world.worker.client.get(BOARDS).expect(200);
    assert_eq!((ids(&boards), boards["total"].as_u64()), (vec![world.board_id()], Some(1)));
    let board = world.worker.client.get(&world.agent_path("")).expect(200);
    assert_eq!(board["id"], world.board["id"]);
    for id in [elsewhere["id"].as_str().expect("an id"), world.other().board_id(), NOBODY] {
        world.worker.client.get(&format!("{BOARDS}/{id}")).refused(403);
    }
    world.worker.client.get(&format!("{BOARDS}/x")).field_error("path.board_id", "uuid_parsing");
}

#[test]
fn a_main_agent_has_the_boards_of_its_organization() {
    let app = App::start();
    let world = World::new(&app);
    let newer = world.make_board(json!({}));
    let newer = newer["id"].as_str().expect("an id");
    let others = world.other();
    assert_eq!(ids(&world.main.get(BOARDS).expect(200)), [newer, world.board_id()]);
    let page = world.main.get(&format!("{BOARDS}?limit=1&offset=1")).expect(200);
    assert_eq!((ids(&page), page["total"].as_u64()), (vec![world.board_id()], Some(2)));
    world.main.get(&format!("{BOARDS}/{newer}")).expect(200);
    for id in [others.board_id(), NOBODY] {
        world.main.get(&format!("{BOARDS}/{id}")).refused(404);
    }
}

#[test]
fn a_boards_agent_sees_its_colleagues_only() {
    let app = App::start();
    let world = World::new(&app);
    let elsewhere = world.make_board(json!({}));
    let elsewhere = elsewhere["id"].as_str().expect("an id");
    world.make_agent(json!({"board_id": elsewhere}));
    let colleagues = [world.worker.id.as_str(), world.lead.id.as_str()];
    assert_eq!(ids(&world.worker.client.get(AGENTS).expect(200)), colleagues);
    let asked = format!("{AGENTS}?board_id={}", world.board_id());
    assert_eq!(ids(&world.worker.client.get(&asked).expect(200)), colleagues);
    for board in [elsewhere, world.other().board_id(), NOBODY] {
        world.worker.client.get(&format!("{AGENTS}?board_id={board}")).refused(403);
    }
}

#[test]
fn a_main_agent_sees_the_agents_of_its_organization_only() {
    let app = App::start();
    let world = World::new(&app);
    let others = world.other();
    let all = world.main.get(AGENTS).expect(200);
    assert_eq!(all["total"], json!(3), "lead, worker and itself");
    assert!(!ids(&all).contains(&others.worker.id.as_str()));
    let one = world.main.get(&format!("{AGENTS}?board_id={}&limit=1", world.board_id())).expect(200);
    assert_eq!((ids(&one), one["total"].as_u64()), (vec![world.worker.id.as_str()], Some(2)));
    for board in [others.board_id(), NOBODY] {
        assert_eq!(world.main.get(&format!("{AGENTS}?board_id={board}")).expect(200)["total"], json!(0));
    }
}

#[test]
fn a_lead_makes_workers_on_its_own_board() {
    let app = App::start();
    let world = World::new(&app);
    let elsewhere = world.make_board(json!({}));
    let made = world.lead.client.post(AGENTS, json!({"name": "Ada", "board_id": elsewhere["id"]})).expect(200);
    assert_eq!((&made["board_id"], &made["is_board_lead"]), (&world.board["id"], &json!(false)));
    app.agent(made["agent_token"].as_str().expect("a token")).get(HEALTHZ).expect(200);
    for agent in [&world.worker.client, &world.main] {
        agent.post(AGENTS, json!({"name": "Bob"})).refuses(403, "Only board leads can perform this action");
    }
    world.lead.client.post(AGENTS, json!({})).field_error("body.name", "missing");
}
