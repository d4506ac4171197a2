//! Boards: making, listing, reading, changing and deleting them.

use mission_control_tests::{Answer, App, World};
use serde_json::{Value, json};

const BOARDS: &str = "/api/v1/boards";
const UNKNOWN: &str = "11111111-1111-4111-8111-111111111111";
const MOMENT: &str = "2026-01-01T00:00:00.000000";

/// A complete body for a board at this gateway, with other members.
fn body(world: &World<'_>, members: Value) -> Value {
    let mut body = json!({"name": "B", "slug": "b", "description": "d", "gateway_id": world.gateway_id()});
    if let (Some(body), Value::Object(members)) = (body.as_object_mut(), members) {
        body.extend(members);
    }
    body
}

#[track_caller]
fn patch(world: &World<'_>, members: Value) -> Answer {
    world.user.patch(&world.path(""), members)
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().into_iter().flatten().filter_map(|item| item["name"].as_str()).collect()
}

#[test]
fn a_new_board_has_every_member_in_order() {
    let app = App::start();
    let world = World::new(&app);
    let answer = world.user.post(BOARDS, body(&world, json!({"description": "  what for ", "zzz": 1})));
    let made = answer.json.clone();
    let expected = json!({
        "name": "B",
        "slug": "b",
        "description": "what for",
        "gateway_id": world.gateway_id(),
        "board_group_id": null,
        "board_type": "goal",
        "objective": null,
        "success_metrics": null,
        "target_date": null,
        "goal_confirmed": false,
        "goal_source": null,
        "require_approval_for_done": true,
        "require_review_before_done": false,
        "comment_required_for_review": false,
        "block_status_changes_with_pending_approval": false,
        "only_lead_can_change_status": false,
        "max_agents": 1,
        "id": made["id"],
        "organization_id": world.organization_id(),
        "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    let id = made["id"].as_str().expect("an id");
    assert_eq!(world.user.get(&format!("{BOARDS}/{id}")).expect(200), expected);
}

#[test]
fn values_are_stored_as_they_are_meant() {
    let app = App::start();
    let world = World::new(&app);
    let members = json!({
        "name": "", "slug": " ", "max_agents": "3", "target_date": "2027-01-02T03:04:05+02:00",
        "success_metrics": {"b": [1, 2.5], "a": {"ü": null}}, "board_type": "other", "goal_confirmed": "yes",
    });
    let made = world.make_board(members);
    assert_eq!((&made["name"], &made["slug"]), (&json!(""), &json!(" ")));
    assert_eq!(made["max_agents"], 3);
    assert_eq!(made["target_date"], "2027-01-02T01:04:05");
    assert_eq!(made["success_metrics"], json!({"b": [1, 2.5], "a": {"ü": null}}));
    assert_eq!(made["goal_confirmed"], true);
}

#[test]
fn every_fault_of_a_new_board_is_told_once() {
    let app = App::start();
    let user = app.user();
    let answer = user.post(BOARDS, json!({}));
    for member in ["name", "slug", "description"] {
        answer.field_error(&format!("body.{member}"), "missing");
    }
    assert_eq!(answer.detail().as_array().map(Vec::len), Some(3), "{}", answer.text);
    let answer = user.post(BOARDS, json!({"name": 1, "slug": "x\u{0}", "description": "d", "max_agents": -1}));
    answer.field_error("body.name", "string_type");
    answer.field_error("body.slug", "value_error");
    answer.field_error("body.max_agents", "greater_than_equal");
    let answer = user.post(BOARDS, json!({"name": "n".repeat(501), "slug": "", "description": "d"}));
    answer.field_error("body.name", "string_too_long");
}

#[test]
fn rules_of_a_new_board_are_told_one_after_the_other() {
    let app = App::start();
    let world = World::new(&app);
    let told = |members: Value| {
        let answer = world.user.post(BOARDS, body(&world, members));
        answer.field_error("body", "value_error")["ctx"]["error"].clone()
    };
    assert_eq!(told(json!({"description": " \t", "gateway_id": null})), "description is required");
    assert_eq!(told(json!({"gateway_id": null})), "gateway_id is required");
    let goal = "Confirmed goal boards require objective and success_metrics";
    assert_eq!(told(json!({"goal_confirmed": true})), goal);
    assert_eq!(told(json!({"goal_confirmed": true, "objective": "win", "success_metrics": {}})), goal);
    assert_eq!(told(json!({"goal_confirmed": true, "objective": "", "success_metrics": {"a": 1}})), goal);
    world.make_board(json!({"goal_confirmed": true, "objective": "win", "success_metrics": {"a": 1}}));
    world.make_board(json!({"goal_confirmed": true, "board_type": "general"}));
}

#[test]
fn a_gateway_or_group_of_another_organization_is_as_good_as_none() {
    let app = App::start();
    let world = World::new(&app);
    let foreign = world.other().gateway_id();
    for id in [UNKNOWN, foreign] {
        world.user.post(BOARDS, body(&world, json!({"gateway_id": id}))).refuses(422, "gateway_id is invalid");
        patch(&world, json!({"gateway_id": id})).refuses(422, "gateway_id is invalid");
    }
    let group = json!({"board_group_id": UNKNOWN});
    world.user.post(BOARDS, body(&world, group.clone())).refuses(422, "board_group_id is invalid");
    patch(&world, group).refuses(422, "board_group_id is invalid");
}

#[test]
fn a_gateway_without_main_agent_takes_no_board_but_blocks_no_other_change() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    app.execute("DELETE FROM agents WHERE board_id IS NULL");
    let refusal = "gateway must have a gateway main agent before boards can be created or updated";
    world.user.post(BOARDS, body(&world, json!({}))).refuses(422, refusal);
    patch(&world, json!({"name": "Renamed"})).expect(200);
    patch(&world, json!({"gateway_id": world.gateway_id()})).expect(200);
}

#[test]
fn boards_are_listed_by_name_and_page() {
    let app = App::start();
    let world = World::new(&app);
    patch(&world, json!({"name": "beta"})).expect(200);
    for name in ["Gamma", "Alpha"] {
        world.make_board(json!({"name": name}));
    }
    let list = world.user.get(BOARDS).expect(200);
    assert_eq!(names(&list), ["Alpha", "beta", "Gamma"]);
    assert_eq!((&list["total"], &list["limit"], &list["offset"]), (&json!(3), &json!(200), &json!(0)));
    let page = world.user.get("/api/v1/boards?limit=1&offset=1").expect(200);
    assert_eq!((names(&page), &page["total"]), (vec!["beta"], &json!(3)));
    let beyond = world.user.get("/api/v1/boards?offset=99").expect(200);
    assert_eq!(beyond, json!({"items": [], "total": 3, "limit": 200, "offset": 99}));
}

#[test]
fn boards_are_listed_by_gateway_and_group() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let (group, grouped) = group_with_a_board(&app, &world);
    let list = |query: String| world.user.get(&format!("{BOARDS}?{query}"));
    assert_eq!(list(format!("gateway_id={}", world.gateway_id())).expect(200)["total"], 2);
    assert_eq!(list(format!("gateway_id={UNKNOWN}")).expect(200)["total"], 0);
    let found = list(format!("board_group_id={group}")).expect(200);
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &grouped["id"]));
    list("gateway_id=abc".to_owned()).field_error("query.gateway_id", "uuid_parsing");
    list("board_group_id=".to_owned()).field_error("query.board_group_id", "uuid_parsing");
}

#[test]
fn only_boards_of_the_active_organization_are_listed() {
    let app = App::start();
    let world = World::new(&app);
    let other = world.other();
    assert_eq!(names(&world.user.get(BOARDS).expect(200)), [world.board["name"].as_str().expect("a name")]);
    // Single boards are a matter of the board's own organization, which this person belongs to as well.
    world.user.get(&other.path("")).expect(200);
}

#[test]
fn a_member_sees_and_changes_what_was_granted() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let hidden = world.make_board(json!({}));
    app.execute("UPDATE organization_members SET all_boards_read = FALSE, all_boards_write = FALSE");
    patch(&world, json!({})).refuses(403, "Board access denied");
    assert_eq!(world.user.get(BOARDS).expect(200)["total"], 0);
    app.execute(&format!(
        "INSERT INTO organization_board_access
         (id, organization_member_id, board_id, can_read, can_write, created_at, updated_at)
         SELECT '{UNKNOWN}', id, '{}', TRUE, FALSE, '{MOMENT}', '{MOMENT}' FROM organization_members
         WHERE organization_id = '{}'",
        world.board_id(),
        world.organization_id()
    ));
    assert_eq!(world.user.get(BOARDS).expect(200)["items"][0]["id"], world.board_id());
    world.user.get(&world.path("")).expect(200);
    patch(&world, json!({})).refuses(403, "Board access denied");
    world.user.delete(&world.path("")).refuses(403, "Board access denied");
    let hidden = format!("{BOARDS}/{}", hidden["id"].as_str().expect("an id"));
    world.user.get(&hidden).refuses(403, "Board access denied");

    app.execute("UPDATE organization_board_access SET can_read = FALSE, can_write = TRUE");
    world.user.get(&world.path("")).expect(200);
    patch(&world, json!({})).expect(200);
    app.execute("UPDATE organization_members SET role = 'member'");
    world.user.post(BOARDS, body(&world, json!({}))).refused(403);
    app.execute("DELETE FROM organization_members");
    world.user.get(&world.path("")).refused(404);
}

#[test]
fn boards_are_for_people_only() {
    let app = App::start();
    let world = World::new(&app);
    for client in [&app.anonymous(), &world.lead.client, &world.main] {
        client.get(BOARDS).refused(401);
        client.post(BOARDS, json!({})).refused(401);
        client.get(&world.path("")).refused(401);
        client.patch(&world.path(""), json!({"name": null})).refused(401);
        client.delete(&world.path("")).refused(401);
        client.get("/api/v1/boards/abc").refused(401);
    }
}

#[test]
fn a_board_is_named_by_any_form_of_its_id() {
    let app = App::start();
    let world = World::new(&app);
    let id = world.board_id();
    for form in [id.to_uppercase(), id.replace('-', ""), format!("%7B{id}%7D"), format!("urn:uuid:{id}")] {
        assert_eq!(world.user.get(&format!("{BOARDS}/{form}")).expect(200)["id"], id, "{form}");
    }
    for path in ["/api/v1/boards/abc", "/api/v1/boards/%20"] {
        world.user.get(path).field_error("path.board_id", "uuid_parsing");
        world.user.delete(path).field_error("path.board_id", "uuid_parsing");
    }
    world.user.get(&format!("{BOARDS}/{UNKNOWN}")).refused(404);
    world.user.patch(&format!("{BOARDS}/{UNKNOWN}"), json!({"name": 1})).refused(404);
}

#[test]
fn a_change_touches_what_the_request_carries() {
    let app = App::start();
    let world = World::new(&app);
    let before = patch(&world, json!({"objective": "o", "success_metrics": {"a": 1}, "target_date": "2027-01-01"}));
    let before = before.expect(200);
    assert_eq!(before["target_date"], "2027-01-01T00:00:00");
    let after = patch(&world, json!({"objective": null, "description": " new "})).expect(200);
    assert_eq!((&after["objective"], &after["description"]), (&json!(null), &json!("new")));
    assert_eq!((&after["success_metrics"], &after["name"]), (&json!({"a": 1}), &before["name"]));

    let empty = patch(&world, json!({})).expect(200);
    assert!(empty["updated_at"].as_str() > after["updated_at"].as_str());
    assert_eq!(empty["created_at"], world.board["created_at"]);
}

#[test]
fn what_cannot_be_null_is_refused_as_null() {
    let app = App::start();
    let world = World::new(&app);
    for (member, kind) in [
        ("name", "string_type"),
        ("slug", "string_type"),
        ("board_type", "string_type"),
        ("goal_confirmed", "bool_type"),
        ("require_approval_for_done", "bool_type"),
        ("only_lead_can_change_status", "bool_type"),
        ("max_agents", "int_type"),
    ] {
        patch(&world, json!({member: null})).field_error(&format!("body.{member}"), kind);
    }
    for description in [json!(null), json!(" ")] {
        let answer = patch(&world, json!({"description": description}));
        assert_eq!(answer.field_error("body", "value_error")["msg"], "Value error, description is required");
    }
    let answer = patch(&world, json!({"gateway_id": null}));
    assert_eq!(answer.field_error("body", "value_error")["msg"], "Value error, gateway_id is required");
}

#[test]
fn a_goal_that_a_change_repeats_is_not_checked_again() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    // As an older installation may have left it.
    app.execute("UPDATE boards SET goal_confirmed = TRUE");
    let body = json!({
        "name": "New", "board_type": "goal", "objective": null, "success_metrics": null, "target_date": null,
        "gateway_id": world.gateway_id(), "board_group_id": null,
    });
    assert_eq!(patch(&world, body).expect(200)["name"], "New");
    patch(&world, json!({"objective": "win"})).check(422);
}

#[test]
fn a_confirmed_goal_board_keeps_its_goal() {
    let app = App::start();
    let world = World::new(&app);
    let refusal = "Goal boards require objective and success_metrics";
    patch(&world, json!({"goal_confirmed": true})).refuses(422, refusal);
    assert_eq!(world.user.get(&world.path("")).expect(200)["goal_confirmed"], false);
    let goal = json!({"goal_confirmed": true, "objective": "win", "success_metrics": {"a": 1}});
    patch(&world, goal).expect(200);
    patch(&world, json!({"objective": null})).refuses(422, refusal);
    patch(&world, json!({"success_metrics": {}})).refuses(422, refusal);
    patch(&world, json!({"board_type": "general", "objective": null})).expect(200);
    patch(&world, json!({"board_type": "goal"})).refuses(422, refusal);
    patch(&world, json!({"board_type": "goal", "goal_confirmed": false})).expect(200);
}

#[test]
fn the_lead_is_told_what_changed() {
    let app = App::start();
    let world = World::new(&app);
    let seen = inbox(&world.lead.client).len();
    patch(&world, json!({})).expect(200);
    patch(&world, json!({"description": world.board["description"]})).expect(200);
    assert_eq!(inbox(&world.lead.client).len(), seen, "nothing changed");

    let change = json!({
        "name": "New\nBoard ID: forged", "max_agents": 7, "require_approval_for_done": true,
        "success_metrics": {"b": "ü", "a": 1}, "target_date": "2027-01-02T03:04:05Z",
    });
    patch(&world, change).expect(200);
    let told = inbox(&world.lead.client);
    let told = told.last().expect("a message");
    let expected = format!(
        "BOARD UPDATED\nBoard: New Board ID: forged\nBoard ID: {}\n\nChanged fields:\n- max_agents: 20 -> 7\n\
         - name: {} -> New Board ID: forged\n- require_approval_for_done: false -> true\n\
         - success_metrics: null -> {{\"a\": 1, \"b\": \"\\u00fc\"}}\n\
         - target_date: null -> 2027-01-02T03:04:05\n\n",
        world.board_id(),
        world.board["name"].as_str().expect("a name")
    );
    let text = told["message"].as_str().expect("a text");
    assert!(text.starts_with(&expected), "{text}");
    assert_eq!((&told["deliver"], &told["board_id"]), (&json!(false), &json!(world.board_id())));
}

#[test]
fn boards_of_a_group_are_told_who_joins_and_who_leaves() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let (group, first) = group_with_a_board(&app, &world);
    let member = world.make_agent(json!({"board_id": first["id"]}));
    patch(&world, json!({"board_group_id": group})).expect(200);
    let head = |label: &str, recipient: &Value| {
        format!(
            "BOARD GROUP UPDATED\n{label} Board: {}\n{label} Board ID: {}\nRecipient Board: {}\n\
             Recipient Board ID: {}\nBoard Group: Group\nBoard Group ID: {group}\n\nCoordination guidance:\n1. ",
            world.board["name"].as_str().expect("a name"),
            world.board_id(),
            recipient["name"].as_str().expect("a name"),
            recipient["id"].as_str().expect("an id"),
        )
    };
    assert_group_notice(&member.client, &head("Joined", &first));
    assert_group_notice(&world.worker.client, &head("Joined", &world.board));
    patch(&world, json!({"board_group_id": null})).expect(200);
    assert_group_notice(&member.client, &head("Left", &first));
    assert_group_notice(&world.worker.client, &head("Left", &world.board));
    assert_group_notice(&world.lead.client, &head("Left", &world.board));
}

#[track_caller]
fn assert_group_notice(agent: &mission_control_tests::Client, head: &str) {
    let messages = inbox(agent);
    let notice = |message: &&Value| message["message"].as_str().is_some_and(|text| text.starts_with("BOARD GROUP"));
    let latest = messages.iter().rfind(notice).expect("a notice of the group");
    let text = latest["message"].as_str().expect("a text");
    assert!(text.starts_with(head) && text.ends_with(".\n"), "{text}\n instead of\n{head}");
    assert_eq!(latest["deliver"], false);
}

#[test]
fn a_deleted_board_takes_everything_with_it() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let other = world.make_board(json!({}));
    let task = format!("{BOARDS}/{}/tasks", other["id"].as_str().expect("an id"));
    let task_made = world.user.post(&task, json!({"title": "t"})).expect(200);
    app.execute(&format!(
        "UPDATE tasks SET assigned_agent_id = '{}' WHERE id = '{}'",
        world.worker.id,
        task_made["id"].as_str().expect("an id")
    ));
    world.make_task("on the board", json!({}));
    world.user.post(&world.path("/memory"), json!({"content": "c", "tags": ["chat"]})).expect(200);
    assert_eq!(world.user.delete(&world.path("")).expect(200), json!({"ok": true}));
    world.user.get(&world.path("")).refused(404);
    world.user.delete(&world.path("")).refused(404);
    world.lead.client.get("/api/v1/agent/healthz").refused(401);
    let left = world.user.get(&task).expect(200);
    assert_eq!((&left["total"], &left["items"][0]["assigned_agent_id"]), (&json!(1), &json!(null)));
}

#[test]
fn a_board_is_kept_while_its_agents_cannot_be_removed() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let path = world.path("");
    app.execute("UPDATE gateways SET url = 'ws://127.0.0.1:9', workspace_root = ' '");
    world.user.delete(&path).refuses(422, "Gateway workspace_root is required");
    app.execute("UPDATE gateways SET url = ' ', workspace_root = '/srv'");
    world.user.delete(&path).refuses(422, "Gateway url is required");
    app.execute("UPDATE gateways SET url = 'ws://127.0.0.1:9'");
    let answer = world.user.delete(&path);
    let detail = answer.check(502).detail().as_str().expect("a text");
    assert!(detail.starts_with("Gateway cleanup failed: "), "{detail}");
    world.user.get(&path).expect(200);

    app.execute("DELETE FROM agents WHERE board_id IS NOT NULL");
    world.user.delete(&path).expect(200);
}

/// A group with a board in it: the group's id, and the board.
fn group_with_a_board(app: &App, world: &World<'_>) -> (&'static str, Value) {
    const GROUP: &str = "22222222-2222-4222-8222-222222222222";
    app.execute(&format!(
        "INSERT INTO board_groups (id, organization_id, name, slug, created_at, updated_at)
         VALUES ('{GROUP}', '{}', 'Group', 'group', '{MOMENT}', '{MOMENT}')",
        world.organization_id()
    ));
    (GROUP, world.make_board(json!({"name": "A", "board_group_id": GROUP})))
}

#[track_caller]
fn inbox(agent: &mission_control_tests::Client) -> Vec<Value> {
    let page = agent.get("/api/v1/agent/inbox").expect(200);
    page["items"].as_array().expect("items").clone()
}
