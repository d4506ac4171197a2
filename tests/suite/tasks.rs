//! Tasks of a board: making, listing, reading, changing and deleting them, for people and agents.

use mission_control_tests::{App, World, unique};
use serde_json::{Value, json};

use crate::task_support::{
    NOBODY, agent_task_path, change, event_types, events, headings, id, make_read_only, messages, neighbour, put_tag,
    read, task_path, titles,
};

#[test]
fn a_new_task_has_everything_that_clients_rely_on() {
    let app = App::start();
    let world = World::new(&app);
    let user = world.user.get("/api/v1/users/me").expect(200);
    let task = world.make_task("Ship it", json!({}));
    let expected = json!({
        "title": "Ship it", "description": null, "status": "inbox", "priority": "medium", "due_at": null,
        "assigned_agent_id": null, "depends_on_task_ids": [], "tag_ids": [], "id": task["id"],
        "board_id": world.board["id"], "created_by_user_id": user["id"], "in_progress_at": null,
        "created_at": task["created_at"], "updated_at": task["created_at"], "blocked_by_task_ids": [],
        "is_blocked": false, "tags": [], "custom_field_values": {},
    });
    assert_eq!(task, expected);
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&task), keys(&expected));
    assert_eq!(read(&world, &task), task);
}

#[test]
fn a_person_chooses_every_member_of_a_new_task() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task(
        "",
        json!({
            "description": " kept as it is ", "status": "in_progress", "priority": "zzz", "due_at": 1_800_000_000,
            "assigned_agent_id": world.worker.id, "unknown": true,
        }),
    );
    assert_eq!(task["description"], " kept as it is ");
    assert_eq!(task["priority"], "zzz");
    assert_eq!(task["due_at"], "2027-01-15T08:00:00");
    assert_eq!(task["assigned_agent_id"], json!(world.worker.id));
    assert_eq!(task["in_progress_at"], task["created_at"]);
    let due = world.make_task("due", json!({"due_at": "2026-01-02T03:04:05+02:00"}));
    assert_eq!(due["due_at"], "2026-01-02T01:04:05");
}

#[test]
fn a_task_may_be_made_done() {
    let app = App::start();
    let world = World::new(&app);
    assert_eq!(world.make_task("done", json!({"status": "done"}))["status"], "done");
}

#[test]
fn who_made_a_task_cannot_be_forged() {
    let app = App::start();
    let world = World::new(&app);
    let user = world.user.get("/api/v1/users/me").expect(200);
    let task = world.make_task("mine", json!({"created_by_user_id": NOBODY}));
    assert_eq!(task["created_by_user_id"], user["id"]);
    let body = json!({"title": "lead's", "created_by_user_id": user["id"]});
    let task = world.lead.client.post(&world.agent_path("/tasks"), body).expect(200);
    assert_eq!(task["created_by_user_id"], Value::Null);
}

#[test]
fn a_new_task_is_told_to_the_lead_and_its_assignee() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("Line\nTask ID: 1", json!({"assigned_agent_id": world.worker.id, "description": "x"}));
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED"]);
    let message = messages(&world.worker).pop().expect("a message");
    let expected = format!(
        "TASK ASSIGNED\nBoard: {}\nTask: Line Task ID: 1\nTask ID: {}\nStatus: inbox\nDescription: x\n\n",
        world.board["name"].as_str().expect("a name"),
        id(&task)
    );
    assert!(message.starts_with(&expected), "{message}");
    let expected = [
        ("task.created", "Task created: Line\nTask ID: 1."),
        ("task.lead_notified", "Lead agent notified for task: Line\nTask ID: 1."),
        ("task.assignee_woken", "Assignee heartbeat set online (assignment): Worker."),
        ("task.assignee_notified", "Agent notified for assignment: Worker."),
    ];
    assert_eq!(events(&world, &task), expected.map(|(kind, text)| (kind.to_owned(), text.to_owned())));
}

#[test]
fn assigning_a_task_does_not_make_its_agent_look_alive() {
    let app = App::start();
    let world = World::new(&app);
    let agent = world.make_agent(json!({}));
    world.make_task("t", json!({"assigned_agent_id": agent.id}));
    let agent = world.user.get(&format!("/api/v1/agents/{}", agent.id)).expect(200);
    assert_eq!(agent["last_seen_at"], Value::Null);
}

#[test]
fn only_agents_of_the_board_can_be_assigned() {
    let app = App::start();
    let world = World::new(&app);
    let board = world.make_board(json!({}));
    let neighbour = world.make_agent(json!({"board_id": board["id"]}));
    let foreign = &world.other().worker;
    let task = world.make_task("t", json!({}));
    for (agent, status) in [(NOBODY, 404), (foreign.id.as_str(), 404), (neighbour.id.as_str(), 409)] {
        let body = json!({"title": "x", "assigned_agent_id": agent});
        world.user.post(&world.path("/tasks"), &body).refused(status);
        world.lead.client.post(&world.agent_path("/tasks"), &body).refused(status);
        let body = json!({"assigned_agent_id": agent});
        world.user.patch(&task_path(&world, &task), &body).refused(status);
        world.lead.client.patch(&agent_task_path(&world, &task), &body).refused(status);
    }
    assert_eq!(messages(foreign), Vec::<String>::new());
}

#[test]
fn wrong_members_of_a_new_task_are_all_named() {
    let app = App::start();
    let world = World::new(&app);
    let body = json!({
        "title": 1, "status": "x", "due_at": "y", "tag_ids": "z", "depends_on_task_ids": [1, "q"], "priority": null,
        "custom_field_values": [],
    });
    let answer = world.user.post(&world.path("/tasks"), body);
    answer.field_error("body.title", "string_type");
    answer.field_error("body.status", "literal_error");
    answer.field_error("body.due_at", "datetime_from_date_parsing");
    answer.field_error("body.tag_ids", "list_type");
    answer.field_error("body.depends_on_task_ids.0", "uuid_type");
    answer.field_error("body.depends_on_task_ids.1", "uuid_parsing");
    answer.field_error("body.priority", "string_type");
    answer.field_error("body.custom_field_values", "dict_type");
    world.user.post(&world.path("/tasks"), json!({})).field_error("body.title", "missing");
    let long = json!({"title": "x".repeat(10_001)});
    world.user.post(&world.path("/tasks"), long).field_error("body.title", "string_too_long");
}

#[test]
fn people_read_only_neither_make_change_nor_delete_tasks() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    make_read_only(&app, &world);
    let denied = "Board access denied";
    world.user.post(&world.path("/tasks"), json!({"title": "x"})).refuses(403, denied);
    world.user.patch(&task_path(&world, &task), json!({"title": "x"})).refuses(403, denied);
    world.user.delete(&task_path(&world, &task)).refuses(403, denied);
    assert_eq!(read(&world, &task)["title"], "t");
    assert_eq!(world.user.get(&world.path("/tasks")).expect(200)["total"], 1);
}

#[test]
fn another_tenants_tasks_do_not_exist() {
    let app = App::start();
    let world = World::new(&app);
    let other = world.other();
    let task = other.user.post(&other.path("/tasks"), json!({"title": "theirs"})).expect(200);
    for rest in ["/tasks".to_owned(), format!("/tasks/{}", id(&task)), format!("/tasks/{}/comments", id(&task))] {
        world.lead.client.get(&other.path(&rest)).refused(403);
        world.main.get(&other.path(&rest)).refused(404);
        // Under a board of one's own, the foreign task is as unknown as any other.
        let own = world.path(&rest);
        if rest != "/tasks" {
            world.user.get(&own).refused(404);
            world.worker.client.get(&own).refused(404);
        }
    }
    let path = format!("/tasks/{}", id(&task));
    world.user.patch(&world.path(&path), json!({"title": "x"})).refused(404);
    world.user.delete(&world.path(&path)).refused(404);
    world.main.patch(&other.agent_path(&path), json!({"status": "done"})).refused(404);
    let body = json!({"title": "x", "depends_on_task_ids": [task["id"]]});
    let missing = world.user.post(&world.path("/tasks"), body);
    assert_eq!(missing.check(404).detail()["missing_task_ids"], json!([task["id"]]));
}

#[test]
fn agents_of_another_board_are_refused() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let stranger = neighbour(&world);
    for path in [world.path("/tasks"), world.agent_path("/tasks")] {
        stranger.get(&path).refused(403);
    }
    stranger.patch(&agent_task_path(&world, &task), json!({"status": "done"})).refused(403);
    stranger.patch(&task_path(&world, &task), json!({"status": "done"})).refused(403);
    stranger.delete(&agent_task_path(&world, &task)).refused(403);
    assert_eq!(read(&world, &task), task);
}

#[test]
fn strangers_are_asked_to_sign_in() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let nobody = app.anonymous();
    for path in [world.path("/tasks"), world.agent_path("/tasks"), task_path(&world, &task)] {
        nobody.get(&path).refused(401);
    }
    for path in [task_path(&world, &task), agent_task_path(&world, &task)] {
        nobody.patch(&path, json!({})).refused(401);
        nobody.delete(&path).refused(401);
    }
    // Making and deleting at these paths is for people; the others are for agents.
    world.lead.client.post(&world.path("/tasks"), json!({"title": "x"})).refused(401);
    world.lead.client.delete(&task_path(&world, &task)).refused(401);
    world.user.get(&world.agent_path("/tasks")).refused(401);
    world.user.delete(&agent_task_path(&world, &task)).refused(401);
}

#[test]
fn unknown_boards_and_tasks_are_not_found_before_the_body_is_read() {
    let app = App::start();
    let world = World::new(&app);
    let unknown = format!("/api/v1/boards/{NOBODY}/tasks");
    world.user.get(&unknown).refused(404);
    world.user.post(&unknown, json!({})).refused(404);
    let unknown = world.path(&format!("/tasks/{NOBODY}"));
    world.user.get(&unknown).refused(404);
    world.user.patch(&unknown, json!({"status": "nope"})).refused(404);
    world.user.delete(&unknown).refused(404);
    world.worker.client.patch(&world.agent_path(&format!("/tasks/{NOBODY}")), json!({"status": 1})).refused(404);
}

#[test]
fn ids_that_are_none_are_named() {
    let app = App::start();
    let world = World::new(&app);
    world.user.get("/api/v1/boards/x/tasks").field_error("path.board_id", "uuid_parsing");
    world.user.get(&world.path("/tasks/x")).field_error("path.task_id", "uuid_parsing");
    world.user.patch(&world.path("/tasks/x"), json!({})).field_error("path.task_id", "uuid_parsing");
    world.lead.client.delete(&world.agent_path("/tasks/x")).field_error("path.task_id", "uuid_parsing");
}

#[test]
fn lists_are_newest_first_and_paged() {
    let app = App::start();
    let world = World::new(&app);
    for title in ["a", "b", "c"] {
        world.make_task(title, json!({}));
    }
    for (client, path) in [
        (&world.user, world.path("/tasks")),
        (&world.worker.client, world.agent_path("/tasks")),
        (&world.worker.client, world.path("/tasks")),
    ] {
        let all = client.get(&path).expect(200);
        assert_eq!(titles(&all), ["c", "b", "a"]);
        assert_eq!((&all["total"], &all["limit"], &all["offset"]), (&json!(3), &json!(200), &json!(0)));
        let page = client.get(&format!("{path}?limit=1&offset=1")).expect(200);
        assert_eq!(titles(&page), ["b"]);
        assert_eq!((&page["total"], &page["limit"], &page["offset"]), (&json!(3), &json!(1), &json!(1)));
        let beyond = client.get(&format!("{path}?offset=9")).expect(200);
        assert_eq!((titles(&beyond).len(), &beyond["total"]), (0, &json!(3)));
    }
    world.user.get(&world.path("/tasks?limit=0")).field_error("query.limit", "greater_than_equal");
    world.user.get(&world.path("/tasks?limit=201")).field_error("query.limit", "less_than_equal");
    world.user.get(&world.path("/tasks?offset=-1")).field_error("query.offset", "greater_than_equal");
}

#[test]
fn lists_are_filtered_by_status_and_assignee() {
    let app = App::start();
    let world = World::new(&app);
    world.make_task("free", json!({}));
    world.make_task("started", json!({"status": "in_progress", "assigned_agent_id": world.worker.id}));
    world.make_task("done", json!({"status": "done"}));
    let worker = &world.worker.id;
    for (query, expected) in [
        ("status=inbox".to_owned(), vec!["free"]),
        ("status=%20inbox,,done%20".to_owned(), vec!["done", "free"]),
        ("status=,".to_owned(), vec!["done", "started", "free"]),
        (format!("assigned_agent_id={worker}"), vec!["started"]),
        (format!("assigned_agent_id={NOBODY}"), vec![]),
        ("unassigned=true".to_owned(), vec!["done", "free"]),
        ("unassigned=false".to_owned(), vec!["done", "started", "free"]),
        (format!("unassigned=true&assigned_agent_id={worker}"), vec![]),
        (format!("status=in_progress&assigned_agent_id={worker}"), vec!["started"]),
    ] {
        let page = world.user.get(&world.path(&format!("/tasks?{query}"))).expect(200);
        assert_eq!(titles(&page), expected, "{query}");
        assert_eq!(page["total"], json!(expected.len()), "{query}");
    }
    world.user.get(&world.path("/tasks?status=inbox,foo")).refuses(422, "Unsupported task status filter.");
    world.user.get(&world.path("/tasks?assigned_agent_id=x")).field_error("query.assigned_agent_id", "uuid_parsing");
    world.user.get(&world.path("/tasks?unassigned=maybe")).field_error("query.unassigned", "bool_parsing");
}

#[test]
fn a_person_changes_what_the_request_names_and_nothing_else() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"description": "d", "due_at": "2028-01-01"}));
    let changed = change(&world, &task, json!({"title": "T", "priority": "high", "description": null, "due_at": null}));
    let mut expected = task.clone();
    for (name, value) in
        [("title", json!("T")), ("priority", json!("high")), ("description", json!(null)), ("due_at", json!(null))]
    {
        expected[name] = value;
    }
    expected["updated_at"] = changed["updated_at"].clone();
    assert_eq!(changed, expected);
    assert_ne!(changed["updated_at"], task["updated_at"]);
    assert!(events(&world, &task).contains(&("task.updated".to_owned(), "Task updated: T.".to_owned())));
}

#[test]
fn an_empty_change_leaves_no_trace() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let before = event_types(&world, &task);
    for body in
        [json!({}), json!({"unknown": 1}), json!({"comment": "  ", "tag_ids": null, "depends_on_task_ids": null})]
    {
        assert_eq!(change(&world, &task, body), task);
    }
    assert_eq!(world.worker.client.patch(&agent_task_path(&world, &task), json!({})).expect(200), task);
    assert_eq!(event_types(&world, &task), before);
}

#[test]
fn null_where_there_must_be_a_value_is_refused() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = task_path(&world, &task);
    world.user.patch(&path, json!({"title": null})).field_error("body.title", "string_type");
    world.user.patch(&path, json!({"priority": null})).field_error("body.priority", "string_type");
    let answer = world.user.patch(&path, json!({"status": null}));
    assert_eq!(answer.field_error("body", "value_error")["msg"], "Value error, status is required");
    world.user.patch(&path, json!({"status": "nope"})).field_error("body.status", "literal_error");
    world.user.patch(&path, json!([])).field_error("body", "model_attributes_type");
}

#[test]
fn assigning_tells_the_new_assignee_once() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    change(&world, &task, json!({"assigned_agent_id": world.worker.id}));
    change(&world, &task, json!({"assigned_agent_id": world.worker.id}));
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED"]);
    let unassigned = change(&world, &task, json!({"assigned_agent_id": null}));
    assert_eq!(unassigned["assigned_agent_id"], Value::Null);
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED", "TASK BACK IN INBOX"]);
    let told = ("task.lead_unassigned_notified".to_owned(), "Lead notified task returned to inbox: t.".to_owned());
    assert!(events(&world, &task).contains(&told));
}

#[test]
fn dependencies_keep_their_order_and_block_until_they_are_done() {
    let app = App::start();
    let world = World::new(&app);
    let (a, b) = (world.make_task("a", json!({})), world.make_task("b", json!({})));
    let waiting = world.make_task("c", json!({"depends_on_task_ids": [b["id"], a["id"], b["id"]]}));
    assert_eq!(waiting["depends_on_task_ids"], json!([b["id"], a["id"]]));
    assert_eq!(waiting["blocked_by_task_ids"], json!([b["id"], a["id"]]));
    assert_eq!(waiting["is_blocked"], true);
    change(&world, &b, json!({"status": "done"}));
    assert_eq!(read(&world, &waiting)["blocked_by_task_ids"], json!([a["id"]]));
    let told = ("task.updated".to_owned(), "Dependency completion changed: b.".to_owned());
    assert!(events(&world, &waiting).contains(&told));
    change(&world, &a, json!({"status": "done"}));
    assert_eq!(change(&world, &waiting, json!({"status": "done"}))["blocked_by_task_ids"], json!([]));
    world
        .user
        .patch(&task_path(&world, &waiting), json!({"depends_on_task_ids": []}))
        .refuses(409, "Cannot change task dependencies after a task is done.");
}

#[test]
fn dependencies_are_replaced_as_a_whole() {
    let app = App::start();
    let world = World::new(&app);
    let (a, b) = (world.make_task("a", json!({})), world.make_task("b", json!({})));
    let waiting = world.make_task("c", json!({"depends_on_task_ids": [a["id"]]}));
    let changed = change(&world, &waiting, json!({"depends_on_task_ids": [b["id"]]}));
    assert_eq!(changed["depends_on_task_ids"], json!([b["id"]]));
    assert_eq!(change(&world, &waiting, json!({"depends_on_task_ids": null}))["depends_on_task_ids"], json!([b["id"]]));
    assert_eq!(change(&world, &waiting, json!({"depends_on_task_ids": []}))["is_blocked"], false);
    let by_lead =
        world.lead.client.patch(&agent_task_path(&world, &waiting), json!({"depends_on_task_ids": [a["id"]]}));
    assert_eq!(by_lead.expect(200)["depends_on_task_ids"], json!([a["id"]]));
}

#[test]
fn dependencies_never_form_a_circle() {
    let app = App::start();
    let world = World::new(&app);
    let a = world.make_task("a", json!({}));
    let b = world.make_task("b", json!({"depends_on_task_ids": [a["id"]]}));
    let c = world.make_task("c", json!({"depends_on_task_ids": [b["id"]]}));
    let cycle = "Dependency cycle detected. Remove the cycle before saving.";
    for last in [&b, &c] {
        world.user.patch(&task_path(&world, &a), json!({"depends_on_task_ids": [last["id"]]})).refuses(409, cycle);
    }
    let own = world.user.patch(&task_path(&world, &a), json!({"depends_on_task_ids": [a["id"]]}));
    own.refuses(422, "Task cannot depend on itself.");
    assert_eq!(read(&world, &a)["depends_on_task_ids"], json!([]));
}

#[test]
fn concurrent_edits_cannot_close_a_circle() {
    let app = App::start();
    let world = World::new(&app);
    for _ in 0..5 {
        let (a, b) = (world.make_task("a", json!({})), world.make_task("b", json!({})));
        let (path_a, path_b) = (task_path(&world, &a), task_path(&world, &b));
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let edits = [(path_a, &b), (path_b, &a)].map(|(path, on)| {
                let user = world.user.clone();
                scope.spawn(move || user.patch(&path, json!({"depends_on_task_ids": [on["id"]]})).status)
            });
            edits.into_iter().map(|edit| edit.join().expect("an answer")).collect()
        });
        assert!(statuses == [200, 409] || statuses == [409, 200], "{statuses:?}");
    }
}

#[test]
fn unknown_dependencies_are_named_in_the_order_of_the_request() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("a", json!({}));
    let elsewhere = world.make_board(json!({}));
    let elsewhere = format!("/api/v1/boards/{}/tasks", id(&elsewhere));
    let elsewhere = world.user.post(&elsewhere, json!({"title": "x"})).expect(200);
    let ids = json!([elsewhere["id"], task["id"], NOBODY]);
    let answer = world.user.post(&world.path("/tasks"), json!({"title": "x", "depends_on_task_ids": ids}));
    let expected = json!({
        "message": "One or more dependency tasks were not found on this board.",
        "missing_task_ids": [elsewhere["id"], NOBODY],
    });
    assert_eq!(answer.check(404).detail(), &expected);
}

#[test]
fn a_blocked_task_cannot_be_made_assigned_or_started() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    for more in [json!({"status": "in_progress"}), json!({"assigned_agent_id": world.worker.id})] {
        let mut body = json!({"title": "x", "depends_on_task_ids": [open["id"]]});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        for (client, path) in [(&world.user, world.path("/tasks")), (&world.lead.client, world.agent_path("/tasks"))] {
            let expected = json!({
                "message": "Task is blocked by incomplete dependencies.",
                "code": "task_blocked_cannot_transition",
                "blocked_by_task_ids": [open["id"]],
            });
            assert_eq!(client.post(&path, &body).check(409).detail(), &expected);
        }
    }
    assert_eq!(world.user.get(&world.path("/tasks")).expect(200)["total"], 1);
}

#[test]
fn tags_keep_their_order_and_must_be_of_the_organization() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let (red, blue) = (put_tag(&app, world.organization_id(), "red"), put_tag(&app, world.organization_id(), "blue"));
    let foreign = put_tag(&app, world.other().organization_id(), "foreign");
    let task = world.make_task("t", json!({"tag_ids": [red["id"], blue["id"], red["id"]]}));
    assert_eq!(task["tag_ids"], json!([red["id"], blue["id"]]));
    assert_eq!(task["tags"], json!([red, blue]));
    assert_eq!(read(&world, &task)["tags"], json!([red, blue]));
    assert_eq!(change(&world, &task, json!({"tag_ids": [blue["id"]]}))["tags"], json!([blue]));
    assert_eq!(change(&world, &task, json!({"tag_ids": null}))["tags"], json!([blue]));
    let by_lead = world.lead.client.patch(&agent_task_path(&world, &task), json!({"tag_ids": [red["id"]]}));
    assert_eq!(by_lead.expect(200)["tags"], json!([red]));
    assert_eq!(change(&world, &task, json!({"tag_ids": []}))["tags"], json!([]));

    let expected = json!({
        "message": "One or more tags do not exist in this organization.", "missing_tag_ids": [foreign["id"], NOBODY],
    });
    let ids = json!([foreign["id"], blue["id"], NOBODY]);
    let body = json!({"title": "x", "tag_ids": ids});
    assert_eq!(world.user.post(&world.path("/tasks"), body).check(404).detail(), &expected);
    let answer = world.user.patch(&task_path(&world, &task), json!({"tag_ids": ids}));
    assert_eq!(answer.check(404).detail(), &expected);
}

#[test]
fn a_lead_makes_tasks_for_others() {
    let app = App::start();
    let world = World::new(&app);
    let path = world.agent_path("/tasks");
    let body = json!({"title": "Delegated", "assigned_agent_id": world.worker.id});
    let task = world.lead.client.post(&path, body).expect(200);
    assert_eq!((&task["status"], &task["assigned_agent_id"]), (&json!("inbox"), &json!(world.worker.id)));
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED"]);
    assert_eq!(headings(&world.lead), Vec::<String>::new());
    assert_eq!(events(&world, &task)[0].1, "Task created by lead: Delegated.");
    let own = json!({"title": "x", "assigned_agent_id": world.lead.id});
    world.lead.client.post(&path, own).refuses(403, "Board leads cannot assign tasks to themselves.");
    let denied = "Only board leads can perform this action";
    world.worker.client.post(&path, json!({"title": "x"})).refuses(403, denied);
    world.main.post(&path, json!({"title": "x"})).refuses(403, denied);
}

#[test]
fn a_lead_cannot_pass_by_the_gates_with_a_new_task() {
    let app = App::start();
    let world = World::new(&app);
    let path = world.agent_path("/tasks");
    for status in ["done", "review", "in_progress"] {
        let task = world.lead.client.post(&path, json!({"title": "x", "status": status})).expect(200);
        assert_eq!(task["status"], "inbox", "{status}");
    }
    let body = json!({"title": "x", "status": "in_progress", "assigned_agent_id": world.worker.id});
    let started = world.lead.client.post(&path, body).expect(200);
    assert_eq!((&started["status"], &started["in_progress_at"]), (&json!("in_progress"), &started["created_at"]));
}

#[test]
fn deleting_a_task_takes_everything_of_it_along() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let tag = put_tag(&app, world.organization_id(), "red");
    let task = world.make_task("gone", json!({"tag_ids": [tag["id"]]}));
    let waiting = world.make_task("waiting", json!({"depends_on_task_ids": [task["id"]]}));
    world.user.post(&format!("{}/comments", task_path(&world, &task)), json!({"message": "x"})).expect(200);
    crate::task_support::put_approval(&app, &world, &task, "pending", 1);
    assert_eq!(world.user.delete(&task_path(&world, &task)).expect(200), json!({"ok": true}));
    world.user.delete(&task_path(&world, &task)).refused(404);
    world.user.get(&task_path(&world, &task)).refused(404);
    assert_eq!(events(&world, &task), []);
    let left = read(&world, &waiting);
    assert_eq!((&left["depends_on_task_ids"], &left["is_blocked"]), (&json!([]), &json!(false)));
    let told = ("task.updated".to_owned(), "Dependency completion changed: gone.".to_owned());
    assert!(events(&world, &waiting).contains(&told));
    let feed = world.user.get("/api/v1/activity?limit=1").expect(200);
    assert_eq!(feed["items"][0]["event_type"], "task.deleted");
    assert_eq!(feed["items"][0]["message"], "Task deleted: gone.");
}

#[test]
fn only_leads_delete_among_agents() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = agent_task_path(&world, &task);
    world.worker.client.delete(&path).refuses(403, "Only board leads can perform this action");
    world.main.delete(&path).refuses(403, "Only board leads can perform this action");
    assert_eq!(world.lead.client.delete(&path).expect(200), json!({"ok": true}));
    world.lead.client.delete(&path).refused(404);
}

#[test]
fn other_methods_are_not_allowed() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task(&unique("t"), json!({}));
    world.user.put(&task_path(&world, &task), json!({})).refused(405);
    world.worker.client.get(&agent_task_path(&world, &task)).refused(405);
}
