//! Approvals: asked for by agents and people, decided by people.

use mission_control_tests::{App, Client, World};
use serde_json::{Value, json};
use uuid::Uuid;

fn merged(mut body: Value, members: Value) -> Value {
    if let (Some(body), Value::Object(members)) = (body.as_object_mut(), members) {
        body.extend(members);
    }
    body
}

fn body(members: Value) -> Value {
    merged(json!({"action_type": "deploy", "confidence": 50, "lead_reasoning": "r"}), members)
}

#[track_caller]
fn ask(world: &World<'_>, members: Value) -> Value {
    world.user.post(&world.path("/approvals"), body(members)).expect(200)
}

fn path(world: &World<'_>, approval: &Value) -> String {
    world.path(&format!("/approvals/{}", approval["id"].as_str().expect("an id")))
}

#[track_caller]
fn decide(world: &World<'_>, approval: &Value, status: &str) -> Value {
    world.user.patch(&path(world, approval), json!({"status": status})).expect(200)
}

#[test]
fn an_approval_is_stored_as_it_was_asked_for() {
    let app = App::start();
    let world = World::new(&app);
    let [one, two, three] = ["One", "Two", "Three"].map(|title| world.make_task(title, json!({})));
    let answer = world.user.post(
        &world.path("/approvals"),
        json!({
            "action_type": "merge", "confidence": "72.5", "task_id": one["id"], "rubric_scores": {"a": 1, "b": "2"},
            "task_ids": [two["id"], two["id"], one["id"]], "payload": {"reason": "why", "task_ids": [three["id"], "x"]},
        }),
    );
    let made = answer.json.clone();
    let expected = json!({
        "action_type": "merge", "task_id": one["id"], "task_ids": [one["id"], two["id"], three["id"]],
        "payload": {"reason": "why", "task_ids": [three["id"], "x"]}, "confidence": 72.5,
        "rubric_scores": {"a": 1, "b": 2}, "status": "pending", "id": made["id"], "board_id": world.board_id(),
        "task_titles": ["One", "Two", "Three"], "agent_id": null, "created_at": made["created_at"], "resolved_at": null,
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    let listed = world.user.get(&world.path("/approvals")).expect(200);
    assert_eq!(listed, json!({"items": [expected], "total": 1, "limit": 200, "offset": 0}));
    let plain = ask(&world, json!({"action_type": "", "confidence": 5}));
    assert_eq!((&plain["payload"], &plain["task_id"]), (&json!({"reason": "r"}), &Value::Null));
    assert_eq!(plain["confidence"].to_string(), "5.0");
}

#[test]
fn faults_of_an_approval_are_told() {
    let app = App::start();
    let world = World::new(&app);
    let post = |members: Value| world.user.post(&world.path("/approvals"), body(members));
    let answer = world.user.post(&world.path("/approvals"), json!({}));
    answer.field_error("body.action_type", "missing");
    answer.field_error("body.confidence", "missing");
    post(json!({"confidence": 101})).field_error("body.confidence", "less_than_equal");
    post(json!({"confidence": -1})).field_error("body.confidence", "greater_than_equal");
    post(json!({"rubric_scores": {"a": 1.5}})).field_error("body.rubric_scores.a", "int_from_float");
    post(json!({"status": "maybe"})).field_error("body.status", "literal_error");
    let fault = post(json!({"lead_reasoning": "  "})).field_error("body", "value_error").clone();
    assert_eq!(fault["msg"], "Value error, lead reasoning is required");
    world.user.get(&world.path("/approvals?status=maybe")).field_error("query.status", "literal_error");
}

#[test]
fn an_approval_is_about_tasks_of_its_own_board() {
    let app = App::start();
    let world = World::new(&app);
    let strange = world.other().make_task("secret", json!({}));
    world.activate();
    let task = world.make_task("t", json!({}));
    let nobodys = Uuid::new_v4().to_string();
    let detail = json!({
        "message": "One or more tasks were not found on this board.", "missing_task_ids": [strange["id"], nobodys],
    });
    let tasks = json!({"task_ids": [task["id"], strange["id"], nobodys]});
    assert_eq!(world.user.post(&world.path("/approvals"), body(tasks)).check(404).detail(), &detail);
    let hidden = json!({"payload": {"reason": "r", "taskId": strange["id"]}});
    world.worker.client.post(&world.agent_path("/approvals"), body(hidden)).check(404);
    for agent in [world.other().worker.id.as_str(), &nobodys] {
        world.user.post(&world.path("/approvals"), body(json!({"agent_id": agent}))).refused(404);
    }
}

#[test]
fn agents_ask_in_their_own_name_and_never_decide() {
    let app = App::start();
    let world = World::new(&app);
    let asked = body(json!({"status": "approved", "agent_id": world.lead.id}));
    for made in [
        world.worker.client.post(&world.path("/approvals"), asked.clone()).expect(200),
        world.worker.client.post(&world.agent_path("/approvals"), asked).expect(200),
    ] {
        assert_eq!((&made["status"], &made["agent_id"]), (&json!("pending"), &json!(world.worker.id)));
        world.lead.client.patch(&path(&world, &made), json!({"status": "approved"})).refused(401);
    }
    let decided = ask(&world, json!({"status": "approved", "agent_id": world.worker.id}));
    assert_eq!((&decided["status"], &decided["agent_id"]), (&json!("approved"), &json!(world.worker.id)));
    assert!(decided["resolved_at"].is_string() && decided["resolved_by_user_id"].is_string(), "{decided}");
    let listed = world.lead.client.get(&world.agent_path("/approvals?status=pending")).expect(200);
    assert_eq!(listed["total"], 2);
}

#[test]
fn a_task_has_one_pending_approval_at_a_time() {
    let app = App::start();
    let world = World::new(&app);
    let [one, two] = ["One", "Two"].map(|title| world.make_task(title, json!({})));
    let first = ask(&world, json!({"task_ids": [one["id"]]}));
    let second = ask(&world, json!({"task_ids": [two["id"]]}));
    let mut conflicts = [(&one["id"], &first["id"]), (&two["id"], &second["id"])];
    conflicts.sort_by_key(|(task, _)| task.as_str());
    let conflicts = conflicts.map(|(task, approval)| json!({"task_id": task, "approval_id": approval}));
    let answer = world.user.post(&world.path("/approvals"), body(json!({"task_ids": [two["id"], one["id"]]})));
    let detail = json!({"message": "Each task can have only one pending approval.", "conflicts": conflicts});
    assert_eq!(answer.check(409).detail(), &detail);
    ask(&world, json!({"task_ids": [one["id"]], "status": "rejected"}));
    decide(&world, &first, "approved");
    let third = ask(&world, json!({"task_ids": [one["id"]]}));
    let answer = world.user.patch(&path(&world, &first), json!({"status": "pending"}));
    assert_eq!(answer.check(409).detail()["conflicts"][0]["approval_id"], third["id"]);
    decide(&world, &third, "rejected");
    let reopened = decide(&world, &first, "pending");
    assert_eq!((&reopened["resolved_at"], &reopened["resolved_by_user_id"]), (&Value::Null, &Value::Null));
}

#[test]
fn who_asks_at_the_same_time_gets_one_pending_approval() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let asked = body(json!({"task_id": task["id"]}));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let calls: Vec<_> =
            (0..8).map(|_| scope.spawn(|| world.user.post(&world.path("/approvals"), asked.clone()).status)).collect();
        calls.into_iter().map(|call| call.join().expect("an answer")).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
}

#[test]
fn a_decision_is_recorded_and_told_to_the_lead() {
    let app = App::start();
    let world = World::new(&app);
    let [one, two] = ["One", "Two"].map(|title| world.make_task(title, json!({})));
    let approval = ask(&world, json!({"task_ids": [one["id"], two["id"]], "confidence": 61}));
    let decided = decide(&world, &approval, "approved");
    assert!(decided["resolved_at"].is_string(), "{decided}");
    assert_eq!(decided["resolved_by_user_id"], world.user.get("/api/v1/users/me").expect(200)["id"]);
    assert_eq!(decide(&world, &approval, "approved"), decided, "a decision that is repeated is none");
    assert_eq!(world.user.patch(&path(&world, &approval), json!({})).expect(200), decided);
    let told = messages(&world.lead.client);
    let id = |value: &Value| value["id"].as_str().expect("an id").to_owned();
    let expected = format!(
        "APPROVAL RESOLVED\nBoard: {}\nApproval ID: {}\nAction: deploy\nDecision: approved\nConfidence: 61.0\n\
         Task IDs: {}, {}\n\n",
        world.board["name"].as_str().expect("a name"),
        id(&approval),
        id(&one),
        id(&two)
    );
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with(&expected), "{}\n{expected}", told[0]);
    let events = world.user.get("/api/v1/activity").expect(200);
    let event =
        events["items"].as_array().expect("items").iter().find(|event| event["event_type"] == "approval.lead_notified");
    let event = event.expect("an event");
    assert_eq!(event["message"], format!("Lead agent notified for approved approval {}.", id(&approval)));
    assert_eq!((&event["agent_id"], &event["task_id"]), (&json!(world.lead.id), &one["id"]));
    let fault = world.user.patch(&path(&world, &approval), json!({"status": null}));
    assert_eq!(fault.field_error("body", "value_error")["ctx"]["error"], "status is required");
    world.user.patch(&world.path(&format!("/approvals/{}", Uuid::new_v4())), json!({})).refused(404);
    let elsewhere = world.make_board(json!({}));
    let elsewhere = format!("/api/v1/boards/{}/approvals/{}", id(&elsewhere), id(&approval));
    world.user.patch(&elsewhere, json!({"status": "approved"})).refused(404);
}

fn messages(client: &Client) -> Vec<String> {
    let inbox = client.get("/api/v1/agent/inbox").expect(200);
    let messages = inbox["items"].as_array().expect("items").iter().map(|item| item["message"].as_str());
    messages.map(|text| text.expect("a text").to_owned()).filter(|text| text.starts_with("APPROVAL")).collect()
}

#[test]
fn a_decision_opens_the_way_to_done() {
    let app = App::start();
    let world = World::new(&app);
    world.user.patch(&world.path(""), json!({"require_approval_for_done": true})).expect(200);
    let task = world.make_task("t", json!({}));
    let finish = || {
        let path = world.path(&format!("/tasks/{}", task["id"].as_str().expect("an id")));
        world.user.patch(&path, json!({"status": "done"})).status
    };
    assert_eq!(finish(), 409);
    let approval = ask(&world, json!({"task_id": task["id"]}));
    assert_eq!(finish(), 409);
    decide(&world, &approval, "approved");
    assert_eq!(finish(), 200);
}

#[test]
fn approvals_come_over_the_stream_when_made_and_when_decided() {
    let app = App::start();
    let world = World::new(&app);
    let mut events = world.worker.client.events(&world.path("/approvals/stream"));
    let [one, two] = ["One", "Two"].map(|title| world.make_task(title, json!({})));
    let plain = ask(&world, json!({}));
    let event = events.next().expect("an event");
    assert_eq!(event.event, "approval");
    assert_eq!(event.json(), json!({"approval": plain, "pending_approvals_count": 1}));
    let single = ask(&world, json!({"task_id": one["id"]}));
    let counts = |task: &Value, all: i64, pending: i64| json!({"task_id": task["id"], "approvals_count": all, "approvals_pending_count": pending});
    let data = events.next().expect("an event").json();
    assert_eq!((&data["task_counts"], &data["pending_approvals_count"]), (&counts(&one, 1, 1), &json!(2)));
    decide(&world, &single, "rejected");
    let data = events.next().expect("an event").json();
    assert_eq!((&data["approval"]["status"], &data["task_counts"]), (&json!("rejected"), &counts(&one, 1, 0)));
    ask(&world, json!({"task_ids": [one["id"], two["id"]]}));
    let data = events.next().expect("an event").json();
    assert_eq!(data["task_counts"], json!([counts(&one, 2, 1), counts(&two, 1, 1)]));
}
