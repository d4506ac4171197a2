//! Where a task stands, who may change that, and what follows from it.

use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::task_support::{
    agent_task_path, change, change_as, event_types, events, handed_in, headings, messages, put_approval, read, rules,
    task_path,
};

const NEEDS_APPROVAL: &str = "Task can only be marked done when a linked approval has been approved.";

#[track_caller]
fn stands(task: &Value, status: &str, assignee: Option<&str>) {
    assert_eq!((&task["status"], &task["assigned_agent_id"]), (&json!(status), &json!(assignee)), "{task}");
}

#[track_caller]
fn conflicts(answer: &mission_control_tests::Answer, message: &str, code: &str) {
    let expected = json!({"message": message, "code": code, "blocked_by_task_ids": []});
    assert_eq!(answer.check(409).detail(), &expected);
}

#[test]
fn a_person_moves_a_task_through_every_status() {
    let app = App::start();
    let world = World::new(&app);
    let worker = Some(world.worker.id.as_str());
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    let started = change(&world, &task, json!({"status": "in_progress"}));
    stands(&started, "in_progress", worker);
    assert!(started["in_progress_at"].is_string());
    let repeated = change(&world, &task, json!({"status": "in_progress"}));
    assert_eq!(repeated["in_progress_at"], started["in_progress_at"]);
    let done = change(&world, &task, json!({"status": "done"}));
    stands(&done, "done", worker);
    assert_eq!(done["in_progress_at"], started["in_progress_at"]);
    let back = change(&world, &task, json!({"status": "inbox"}));
    stands(&back, "inbox", None);
    assert_eq!(back["in_progress_at"], Value::Null);
    stands(&change(&world, &task, json!({"status": "inbox", "assigned_agent_id": world.worker.id})), "inbox", worker);
    let moved = ("task.status_changed".to_owned(), "Task moved to done: t.".to_owned());
    assert!(events(&world, &task).contains(&moved));
}

#[test]
fn starting_an_assigned_task_wakes_its_assignee() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    change(&world, &task, json!({"status": "in_progress"}));
    let last = events(&world, &task).pop().expect("an event");
    assert_eq!(last.0, "task.assignee_woken");
    assert_eq!(last.1, "Assignee heartbeat set online (status_in_progress): Worker.");
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED"]);
}

#[test]
fn work_that_is_handed_in_goes_to_the_lead() {
    let app = App::start();
    let world = World::new(&app);
    let lead = Some(world.lead.id.as_str());
    let task = world.make_task("t", json!({"status": "in_progress", "assigned_agent_id": world.worker.id}));
    let other = world.make_agent(json!({}));
    stands(&change(&world, &task, json!({"status": "review", "assigned_agent_id": other.id})), "review", lead);
    stands(&change(&world, &task, json!({"status": "review"})), "review", lead);
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED", "TASK READY FOR LEAD REVIEW"]);
    assert_eq!(headings(&other), Vec::<String>::new());
}

#[test]
fn without_a_lead_work_that_is_handed_in_is_nobodys() {
    let app = App::start();
    let world = World::new(&app);
    let board = world.make_board(json!({}));
    let path = format!("/api/v1/boards/{}/tasks", board["id"].as_str().expect("an id"));
    let task = world.user.post(&path, json!({"title": "t", "status": "in_progress"})).expect(200);
    let path = format!("{path}/{}", task["id"].as_str().expect("an id"));
    stands(&world.user.patch(&path, json!({"status": "review"})).expect(200), "review", None);
}

#[test]
fn a_worker_claims_finishes_and_gives_back() {
    let app = App::start();
    let world = World::new(&app);
    let worker = Some(world.worker.id.as_str());
    let task = world.make_task("t", json!({}));
    let claimed = change_as(&world.worker, &world, &task, json!({"status": "in_progress"}));
    stands(&claimed, "in_progress", worker);
    assert!(claimed["in_progress_at"].is_string());
    assert_eq!(
        change_as(&world.worker, &world, &task, json!({"status": "in_progress"}))["in_progress_at"],
        claimed["in_progress_at"]
    );
    stands(&change_as(&world.worker, &world, &task, json!({"status": "inbox"})), "inbox", None);
    stands(&change_as(&world.worker, &world, &task, json!({"status": "done"})), "done", worker);
    // Who assigns itself needs no message about it.
    assert_eq!(headings(&world.worker), Vec::<String>::new());
    assert_eq!(headings(&world.lead), ["NEW TASK ADDED", "TASK BACK IN INBOX"]);
}

#[test]
fn a_worker_uses_the_peoples_route_under_the_same_rules() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = task_path(&world, &task);
    let claimed = world.worker.client.patch(&path, json!({"status": "in_progress"})).expect(200);
    stands(&claimed, "in_progress", Some(&world.worker.id));
    world.worker.client.patch(&path, json!({"title": "x"})).check(403);
}

#[test]
fn a_worker_leaves_others_tasks_alone() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"assigned_agent_id": world.worker.id}));
    let other = world.make_agent(json!({}));
    // Whose task it is comes before which members there are.
    for body in [json!({"status": "done"}), json!({"status": "inbox", "title": "x"})] {
        let answer = other.client.patch(&agent_task_path(&world, &task), body);
        let expected = json!({
            "message": "Agents can only change status on tasks assigned to them.", "code": "task_assignee_mismatch",
        });
        assert_eq!(answer.check(403).detail(), &expected);
    }
    let commented = change_as(&other, &world, &task, json!({"comment": "May I help?"}));
    stands(&commented, "inbox", Some(&world.worker.id));
}

#[test]
fn a_worker_changes_status_comment_and_fields_only() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    for body in [
        json!({"title": "x"}),
        json!({"assigned_agent_id": world.worker.id}),
        json!({"depends_on_task_ids": null}),
        json!({"tag_ids": []}),
        json!({"due_at": null, "status": "done"}),
        json!({"priority": "high"}),
        json!({"description": null}),
    ] {
        let answer = world.worker.client.patch(&agent_task_path(&world, &task), &body);
        let expected = json!({
            "message": "Agents may only update status, comment, and custom field values.",
            "code": "task_update_field_forbidden",
        });
        assert_eq!(answer.check(403).detail(), &expected, "{body}");
    }
    assert_eq!(read(&world, &task), task);
}

#[test]
fn of_two_workers_one_claims_the_task() {
    let app = App::start();
    let world = World::new(&app);
    let rivals = [world.make_agent(json!({})), world.make_agent(json!({}))];
    for _ in 0..5 {
        let task = world.make_task("t", json!({}));
        let path = agent_task_path(&world, &task);
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let claim = |client: mission_control_tests::Client| {
                let path = path.clone();
                scope.spawn(move || client.patch(&path, json!({"status": "in_progress"})).status)
            };
            let claims: Vec<_> = rivals.iter().map(|rival| claim(rival.client.clone())).collect();
            claims.into_iter().map(|claim| claim.join().expect("an answer")).collect()
        });
        assert!(statuses == [200, 403] || statuses == [403, 200], "{statuses:?}");
    }
}

#[test]
fn where_only_the_lead_changes_statuses_workers_do_not_but_people_do() {
    let app = App::start();
    let world = World::new(&app);
    rules(&world, json!({"only_lead_can_change_status": true}));
    let task = world.make_task("t", json!({}));
    let path = agent_task_path(&world, &task);
    let answer = world.worker.client.patch(&path, json!({"status": "in_progress"}));
    answer.refuses(403, "Only board leads can change task status.");
    world.worker.client.patch(&path, json!({"comment": "x"})).expect(200);
    stands(&change(&world, &task, json!({"status": "done"})), "done", None);
}

#[test]
fn a_main_agent_works_like_a_worker_on_its_organizations_boards() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let claimed = world.main.patch(&agent_task_path(&world, &task), json!({"status": "in_progress"})).expect(200);
    assert_eq!(claimed["status"], "in_progress");
    world.main.patch(&agent_task_path(&world, &task), json!({"title": "x"})).check(403);
}

#[test]
fn a_lead_accepts_work() {
    let app = App::start();
    let world = World::new(&app);
    let task = handed_in(&world, "t");
    stands(&task, "review", Some(&world.lead.id));
    stands(&change_as(&world.lead, &world, &task, json!({"status": "done"})), "done", Some(&world.lead.id));
}

#[test]
fn a_lead_sends_work_back_to_the_one_who_handed_it_in() {
    let app = App::start();
    let world = World::new(&app);
    let task = handed_in(&world, "t");
    let comments = format!("{}/comments", agent_task_path(&world, &task));
    world.lead.client.post(&comments, json!({"message": "Please add tests."})).expect(200);
    let returned = change_as(&world.lead, &world, &task, json!({"status": "inbox"}));
    stands(&returned, "inbox", Some(&world.worker.id));
    let message = messages(&world.worker).pop().expect("a message");
    assert!(message.starts_with("CHANGES REQUESTED\nBoard: "), "{message}");
    assert!(message.contains("\nRequested changes:\nPlease add tests.\n"), "{message}");
    let last = events(&world, &task).pop().expect("an event");
    let expected = ("task.rework_notified", "Assignee notified about requested changes: Worker.");
    assert_eq!(last, (expected.0.to_owned(), expected.1.to_owned()));
}

#[test]
fn work_that_no_worker_handed_in_falls_back_to_nobody_and_the_lead_hears_of_it() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({"status": "in_progress"}));
    change(&world, &task, json!({"status": "review"}));
    stands(&change_as(&world.lead, &world, &task, json!({"status": "inbox"})), "inbox", None);
    assert_eq!(headings(&world.lead).pop().as_deref(), Some("TASK BACK IN INBOX"));
}

#[test]
fn a_lead_assigns_and_starts_work() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let body = json!({"status": "in_progress", "assigned_agent_id": world.worker.id});
    let started = change_as(&world.lead, &world, &task, body);
    stands(&started, "in_progress", Some(&world.worker.id));
    assert!(started["in_progress_at"].is_string());
    assert_eq!(headings(&world.worker), ["TASK ASSIGNED"]);
    stands(&change_as(&world.lead, &world, &task, json!({"assigned_agent_id": null})), "in_progress", None);
    let own = world.lead.client.patch(&agent_task_path(&world, &task), json!({"assigned_agent_id": world.lead.id}));
    own.refuses(403, "Board leads cannot assign tasks to themselves.");
}

#[test]
fn a_lead_changes_no_other_status() {
    let app = App::start();
    let world = World::new(&app);
    for status in ["inbox", "in_progress", "done"] {
        let task = world.make_task("t", json!({"status": status}));
        for requested in ["inbox", "in_progress", "review", "done"] {
            let answer = world.lead.client.patch(&agent_task_path(&world, &task), json!({"status": requested}));
            let expected = format!(
                "Lead status gate failed: board leads can only change status when the current task status is `review` (current: `{status}`)."
            );
            answer.refuses(403, &expected);
        }
    }
    let task = handed_in(&world, "t");
    for requested in ["review", "in_progress"] {
        let answer = world.lead.client.patch(&agent_task_path(&world, &task), json!({"status": requested}));
        let expected = format!(
            "Lead status target gate failed: review tasks can only move to `done` or `inbox` (requested: `{requested}`)."
        );
        answer.refuses(403, &expected);
    }
}

#[test]
fn a_lead_changes_neither_texts_nor_comments_with_the_task() {
    let app = App::start();
    let world = World::new(&app);
    let task = world.make_task("t", json!({}));
    let path = agent_task_path(&world, &task);
    world.lead.client.patch(&path, json!({"title": "x", "due_at": null, "status": "done"})).refuses(
        403,
        "Lead field gate failed: unsupported fields for board leads: due_at, title. Allowed fields: assigned_agent_id, custom_field_values, depends_on_task_ids, status, tag_ids.",
    );
    world.lead.client.patch(&path, json!({"comment": "x", "title": "y"})).refuses(
        403,
        "Lead comment gate failed: board leads cannot include `comment` in task PATCH. Use the task comments endpoint instead.",
    );
    assert_eq!(world.lead.client.patch(&path, json!({"comment": "  "})).expect(200), task);
}

#[test]
fn a_person_cannot_start_assign_or_finish_a_blocked_task() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let task = world.make_task("t", json!({"depends_on_task_ids": [open["id"]]}));
    for body in [
        json!({"status": "in_progress", "title": "x"}),
        json!({"status": "review"}),
        json!({"status": "done"}),
        json!({"assigned_agent_id": world.worker.id}),
    ] {
        let answer = world.user.patch(&task_path(&world, &task), body);
        let expected = json!({
            "message": "Task is blocked by incomplete dependencies.",
            "code": "task_blocked_cannot_transition",
            "blocked_by_task_ids": [open["id"]],
        });
        assert_eq!(answer.check(409).detail(), &expected);
    }
    assert_eq!(read(&world, &task), task);
    let changed = change(&world, &task, json!({"title": "T", "status": "inbox", "assigned_agent_id": null}));
    assert_eq!((&changed["title"], &changed["is_blocked"]), (&json!("T"), &json!(true)));
}

#[test]
fn a_task_that_a_person_blocks_goes_back_to_the_inbox() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let task = world.make_task("t", json!({"status": "in_progress", "assigned_agent_id": world.worker.id}));
    let blocked = change(&world, &task, json!({"depends_on_task_ids": [open["id"]]}));
    stands(&blocked, "inbox", None);
    assert_eq!(headings(&world.lead).pop().as_deref(), Some("TASK BACK IN INBOX"));
}

#[test]
fn what_a_dialog_repeats_of_a_task_that_it_blocks_is_no_wish() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let other = world.make_agent(json!({}));
    for (status, assignee) in
        [("in_progress", json!(world.worker.id)), ("review", json!(world.worker.id)), ("inbox", json!(world.worker.id))]
    {
        let task = world.make_task("t", json!({"status": status, "assigned_agent_id": assignee}));
        // Everything that the client's dialog sends, whatever was changed in it.
        let mut body = json!({
            "title": task["title"], "description": null, "status": task["status"], "priority": task["priority"],
            "assigned_agent_id": task["assigned_agent_id"], "depends_on_task_ids": [open["id"]], "tag_ids": [],
            "due_at": null, "custom_field_values": {},
        });
        let blocked = change(&world, &task, body.clone());
        stands(&blocked, "inbox", None);
        assert_eq!((&blocked["is_blocked"], &blocked["depends_on_task_ids"]), (&json!(true), &json!([open["id"]])));
        let again = world.make_task("t", json!({"status": status, "assigned_agent_id": assignee}));
        body["assigned_agent_id"] = json!(other.id);
        assert_eq!(
            world.user.patch(&task_path(&world, &again), &body).check(409).detail()["blocked_by_task_ids"],
            json!([open["id"]])
        );
    }
}

#[test]
fn a_lead_that_blocks_a_task_returns_it_to_the_inbox() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let task = world.make_task("t", json!({"status": "in_progress", "assigned_agent_id": world.worker.id}));
    let body = json!({"depends_on_task_ids": [open["id"]], "assigned_agent_id": world.worker.id});
    stands(&change_as(&world.lead, &world, &task, body), "inbox", None);
}

#[test]
fn a_change_that_repeats_everything_leaves_no_trace() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let done = world.make_task("done", json!({"status": "done", "depends_on_task_ids": []}));
    let waiting =
        world.make_task("t", json!({"depends_on_task_ids": [open["id"]], "due_at": "2030-01-02T03:04:05.678Z"}));
    let started = world.make_task("t", json!({"status": "in_progress", "assigned_agent_id": world.worker.id}));
    for task in [done, waiting, started] {
        let before = (read(&world, &task), events(&world, &task).len());
        let body = json!({
            "title": task["title"], "description": task["description"], "status": task["status"],
            "priority": task["priority"], "assigned_agent_id": task["assigned_agent_id"], "due_at": task["due_at"],
            "tag_ids": task["tag_ids"], "depends_on_task_ids": task["depends_on_task_ids"], "custom_field_values": {},
        });
        assert_eq!(change(&world, &task, body), before.0);
        assert_eq!(events(&world, &task).len(), before.1);
    }
}

#[test]
fn a_worker_only_gives_a_blocked_task_back() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let task = world.make_task("t", json!({"depends_on_task_ids": [open["id"]]}));
    for status in ["in_progress", "review", "done"] {
        let answer = world.worker.client.patch(&agent_task_path(&world, &task), json!({"status": status}));
        assert_eq!(answer.check(409).detail()["code"], "task_blocked_cannot_transition");
    }
    stands(&change_as(&world.worker, &world, &task, json!({"status": "inbox"})), "inbox", None);
    change_as(&world.worker, &world, &task, json!({"comment": "Waiting."}));
}

#[test]
fn a_lead_leaves_status_and_assignee_of_a_blocked_task_alone() {
    let app = App::start();
    let world = World::new(&app);
    let open = world.make_task("open", json!({}));
    let task = world.make_task("t", json!({"depends_on_task_ids": [open["id"]]}));
    let path = agent_task_path(&world, &task);
    for body in [json!({"assigned_agent_id": null}), json!({"status": "inbox"})] {
        let answer = world.lead.client.patch(&path, body);
        assert_eq!(answer.check(409).detail()["code"], "task_blocked_cannot_transition");
    }
    world.lead.client.patch(&path, json!({"tag_ids": []})).expect(200);
    let unblocked =
        world.lead.client.patch(&path, json!({"depends_on_task_ids": [], "assigned_agent_id": world.worker.id}));
    stands(&unblocked.expect(200), "inbox", Some(&world.worker.id));
}

#[test]
fn reopening_a_task_returns_those_that_waited_for_it() {
    let app = App::start();
    let world = World::new(&app);
    let dependency = world.make_task("dep", json!({"status": "done"}));
    let on = json!([dependency["id"]]);
    let started = world.make_task(
        "started",
        json!({"depends_on_task_ids": on, "status": "in_progress", "assigned_agent_id": world.worker.id}),
    );
    let waiting = world.make_task("waiting", json!({"depends_on_task_ids": on}));
    let finished = world.make_task("finished", json!({"depends_on_task_ids": on, "status": "done"}));
    change(&world, &dependency, json!({"status": "inbox"}));
    let returned = read(&world, &started);
    stands(&returned, "inbox", None);
    assert_eq!(returned["in_progress_at"], Value::Null);
    let last = |task: &Value| events(&world, task).pop().expect("an event");
    let expected = ("task.status_changed", "Task returned to inbox: dependency reopened (dep).");
    assert_eq!(last(&started), (expected.0.to_owned(), expected.1.to_owned()));
    let expected = ("task.updated", "Dependency completion changed: dep.");
    assert_eq!(last(&waiting), (expected.0.to_owned(), expected.1.to_owned()));
    stands(&read(&world, &finished), "done", None);
    assert_eq!(event_types(&world, &finished), ["task.created", "task.lead_notified"]);
}

#[test]
fn done_needs_an_approval_where_the_board_says_so() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    rules(&world, json!({"require_approval_for_done": true}));
    let task = world.make_task("t", json!({}));
    let finish = || world.user.patch(&task_path(&world, &task), json!({"status": "done"}));
    conflicts(&finish(), NEEDS_APPROVAL, "task_approval_required");
    put_approval(&app, &world, &task, "pending", 1);
    conflicts(&finish(), NEEDS_APPROVAL, "task_approval_required");
    conflicts(
        &world.worker.client.patch(&agent_task_path(&world, &task), json!({"status": "done"})),
        NEEDS_APPROVAL,
        "task_approval_required",
    );
    put_approval(&app, &world, &task, "approved", 2);
    stands(&finish().expect(200), "done", None);
}

#[test]
fn an_approval_does_not_outlive_a_later_rejection() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    rules(&world, json!({"require_approval_for_done": true}));
    let task = handed_in(&world, "t");
    put_approval(&app, &world, &task, "rejected", 3);
    put_approval(&app, &world, &task, "approved", 2);
    let finish = || world.lead.client.patch(&agent_task_path(&world, &task), json!({"status": "done"}));
    conflicts(&finish(), NEEDS_APPROVAL, "task_approval_required");
    put_approval(&app, &world, &task, "approved", 4);
    stands(&finish().expect(200), "done", Some(&world.lead.id));
}

#[test]
fn done_comes_after_review_where_the_board_says_so() {
    let app = App::start();
    let world = World::new(&app);
    rules(&world, json!({"require_review_before_done": true}));
    let task = world.make_task("t", json!({}));
    let message = "Task can only be marked done from review when the board rule is enabled.";
    conflicts(&world.user.patch(&task_path(&world, &task), json!({"status": "done"})), message, "task_review_required");
    change(&world, &task, json!({"status": "review"}));
    stands(&change(&world, &task, json!({"status": "done"})), "done", Some(&world.lead.id));
    change(&world, &task, json!({"status": "done"}));
}

#[test]
fn a_pending_approval_holds_the_status_where_the_board_says_so() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    rules(&world, json!({"block_status_changes_with_pending_approval": true}));
    let task = world.make_task("t", json!({}));
    put_approval(&app, &world, &task, "pending", 1);
    let message = "Task status cannot be changed while a linked approval is pending.";
    let path = agent_task_path(&world, &task);
    let code = "task_approval_pending";
    conflicts(&world.user.patch(&task_path(&world, &task), json!({"status": "review"})), message, code);
    conflicts(&world.worker.client.patch(&path, json!({"status": "in_progress"})), message, code);
    change(&world, &task, json!({"status": "inbox", "title": "T"}));
}

#[test]
fn review_needs_a_comment_where_the_board_says_so() {
    let app = App::start();
    let world = World::new(&app);
    rules(&world, json!({"comment_required_for_review": true}));
    let task = world.make_task("t", json!({}));
    let review = json!({"status": "review"});
    world.user.patch(&task_path(&world, &task), &review).refuses(422, "Comment is required.");
    world.user.patch(&task_path(&world, &task), json!({"status": "review", "comment": " "})).check(422);
    let done = change(&world, &task, json!({"status": "review", "comment": "Looks finished."}));
    assert_eq!(done["status"], "review");
}

#[test]
fn a_workers_comment_since_the_start_opens_the_way_into_review() {
    let app = App::start();
    let world = World::new(&app);
    rules(&world, json!({"comment_required_for_review": true}));
    let task = world.make_task("t", json!({}));
    let path = agent_task_path(&world, &task);
    let comments = format!("{path}/comments");
    let comment = |text: &str| world.worker.client.post(&comments, json!({"message": text})).expect(200);
    comment("Before the start.");
    let start = json!({"status": "in_progress", "assigned_agent_id": world.worker.id});
    change_as(&world.lead, &world, &task, start);
    world.worker.client.patch(&path, json!({"status": "review"})).refuses(422, "Comment is required.");
    comment("Done.");
    assert_eq!(change_as(&world.worker, &world, &task, json!({"status": "review"}))["status"], "review");
}

#[test]
fn a_refused_change_leaves_everything_as_it_was() {
    let app = App::start();
    let world = World::new(&app);
    rules(&world, json!({"comment_required_for_review": true}));
    let other = world.make_task("other", json!({}));
    let task = world.make_task("t", json!({}));
    let before = event_types(&world, &task);
    let body =
        json!({"title": "x", "depends_on_task_ids": [other["id"]], "custom_field_values": {"nope": 1}, "comment": "y"});
    world.user.patch(&task_path(&world, &task), body).check(422);
    world.user.patch(&task_path(&world, &task), json!({"title": "x", "status": "review"})).check(422);
    assert_eq!(read(&world, &task), task);
    assert_eq!(event_types(&world, &task), before);
}
