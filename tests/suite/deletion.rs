//! Deleting organizations and people with all that is theirs.

use std::collections::BTreeMap;

use mission_control_tests::{App, World};
use serde_json::{Value, json};

use crate::outbox::await_messages;
use crate::people_support::{INVITES, ME, MEMBERS, MINE, hire, newcomer, organizations};

/// Fills an organization with all that it can hold; it is the active one then.
fn fill(app: &App, world: &World<'_>) {
    world.activate();
    let task = world.make_task("Write", json!({}));
    let first = task["id"].as_str().expect("an id");
    let second = world.make_task("Print", json!({"depends_on_task_ids": [first]}));
    let comments = |id: &Value| world.path(&format!("/tasks/{}/comments", id.as_str().expect("an id")));
    world.user.post(&comments(&second["id"]), json!({"message": "soon"})).expect(200);
    world
        .worker
        .client
        .post(&world.agent_path(&format!("/tasks/{first}/comments")), json!({"message": "done"}))
        .expect(200);
    world.user.post(&world.path("/memory"), json!({"content": "remember"})).expect(200);
    let hook = world.user.post(&world.path("/webhooks"), json!({"description": "events"})).expect(200);
    let hook = world.path(&format!("/webhooks/{}", hook["id"].as_str().expect("an id")));
    app.anonymous().post(&hook, json!({"event": "push"})).expect(202);
    await_messages(&world.lead, 1);
    world.main.post("/api/v1/agent/heartbeat", json!({})).expect(200);
    world
        .user
        .post(INVITES, json!({"invited_email": "x@y", "board_access": [{"board_id": world.board_id()}]}))
        .expect(200);
    let (organization, board, agent) = (world.organization_id(), world.board_id(), &world.lead.id);
    let gateway = world.gateway_id();
    let now = "'2026-01-01T00:00:00.000000'";
    // What has no route of its own yet.
    app.execute(&format!(
        "INSERT INTO organization_board_access
           (id, organization_member_id, board_id, can_read, can_write, created_at, updated_at)
           SELECT o.id, m.id, '{board}', TRUE, TRUE, {now}, {now} FROM organization_members m
           JOIN organizations o ON o.id = m.organization_id WHERE o.id = '{organization}' AND m.role = 'owner';
         INSERT INTO board_groups (id, organization_id, name, slug, created_at, updated_at)
           VALUES ('{organization}', '{organization}', 'Group', 'group', {now}, {now});
         INSERT INTO board_group_memory (id, board_group_id, content, created_at)
           VALUES ('{organization}', '{organization}', 'text', {now});
         UPDATE boards SET board_group_id = '{organization}' WHERE id = '{board}';
         INSERT INTO board_onboarding_sessions (id, board_id, session_key, created_at, updated_at)
           VALUES ('{organization}', '{board}', 'key', {now}, {now});
         INSERT INTO tags (id, organization_id, name, slug, created_at, updated_at)
           VALUES ('{organization}', '{organization}', 'Tag', 'tag', {now}, {now});
         INSERT INTO tag_assignments (id, task_id, tag_id, created_at) VALUES ('{organization}', '{first}', '{organization}', {now});
         INSERT INTO task_custom_field_definitions (id, organization_id, field_key, label, created_at, updated_at)
           VALUES ('{organization}', '{organization}', 'key', 'Label', {now}, {now});
         INSERT INTO board_task_custom_fields (id, board_id, task_custom_field_definition_id, created_at)
           VALUES ('{organization}', '{board}', '{organization}', {now});
         INSERT INTO task_custom_field_values (id, task_id, task_custom_field_definition_id, created_at, updated_at)
           VALUES ('{organization}', '{first}', '{organization}', {now}, {now});
         INSERT INTO task_fingerprints (id, board_id, fingerprint_hash, task_id, created_at)
           VALUES ('{organization}', '{board}', 'hash', '{first}', {now});
         INSERT INTO approvals (id, board_id, task_id, agent_id, action_type, confidence, created_at, changed_at)
           VALUES ('{organization}', '{board}', '{first}', '{agent}', 'deploy', 0.5, {now}, {now});
         INSERT INTO approval_task_links (id, approval_id, task_id, created_at)
           VALUES ('{organization}', '{organization}', '{first}', {now});
         INSERT INTO skill_packs (id, organization_id, name, source_url, created_at, updated_at)
           VALUES ('{organization}', '{organization}', 'Pack', 'https://github.com/a/b', {now}, {now});
         INSERT INTO marketplace_skills (id, organization_id, name, source_url, created_at, updated_at)
           VALUES ('{organization}', '{organization}', 'Skill', 'https://github.com/a/b/c', {now}, {now});
         INSERT INTO gateway_installed_skills (id, gateway_id, skill_id, created_at, updated_at)
           VALUES ('{organization}', '{gateway}', '{organization}', {now}, {now});
         INSERT INTO replaced_agent_tokens (token_lookup, agent_id, was_used, expires_at)
           VALUES ('replaced in {organization}', '{agent}', TRUE, {now});
         INSERT INTO activity_events (id, event_type, message, agent_id, created_at)
           SELECT id, 'gateway.note', 'no board', id, {now} FROM agents WHERE board_id IS NULL AND gateway_id = '{gateway}';"
    ));
}

/// The tables that have rows, and how many.
fn rows(app: &App) -> BTreeMap<String, i64> {
    app.rows().into_iter().filter(|(_, rows)| *rows > 0).collect()
}

#[test]
fn a_deleted_organization_leaves_nothing_behind() {
    let Some(app) = App::with(&[]) else { return };
    app.user().get(ME).expect(200);
    let before = rows(&app);
    let world = World::new(&app);
    fill(&app, &world);
    let empty: Vec<String> = app.rows().into_iter().filter(|(_, rows)| *rows == 0).map(|(table, _)| table).collect();
    assert_eq!(empty, ["deleted_accounts", "server_keys"], "every table of an organization has a row before");
    assert_eq!(world.user.delete(MINE).expect(200), json!({"ok": true}));
    assert_eq!(rows(&app), before);
    // The next request finds another one.
    assert_eq!(world.user.get(MINE).expect(200)["name"], "Personal");
    world.user.delete(MINE).expect(200);
    assert_eq!(rows(&app), BTreeMap::from([("users".to_owned(), 1)]));
    assert_eq!(organizations(&world.user), ["Personal"]);
}

#[test]
fn a_deleted_organization_takes_nothing_of_another_with_it() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    fill(&app, &world);
    let before = rows(&app);
    fill(&app, world.other());
    app.user().delete(MINE).expect(200);
    assert_eq!(rows(&app), before);
    world.activate();
    world.user.get(&world.path("/tasks")).expect(200);
}

#[test]
fn only_owners_delete_an_organization() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let (bob, cid) = (hire(&app, &world, "bob", "admin"), hire(&app, &world, "cid", "member"));
    bob.client.delete(MINE).refuses(403, "Only organization owners can delete organizations");
    cid.client.delete(MINE).refused(403);
    app.anonymous().delete(MINE).refused(401);
    assert_eq!(cid.client.get(MINE).expect(200), world.organization);
    world.user.delete(MINE).expect(200);
    for colleague in [&bob, &cid] {
        assert_eq!(organizations(&colleague.client), ["Personal"]);
        assert_eq!(colleague.client.get(MINE).expect(200)["name"], "Personal");
    }
}

#[test]
fn a_deleted_person_leaves_nothing_behind() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    fill(&app, &world);
    fill(&app, world.other());
    let me = app.user().get(ME).expect(200);
    assert_eq!(app.user().delete(ME).expect(200), json!({"ok": true}));
    assert_eq!(rows(&app), BTreeMap::new());
    let again = app.user().get(ME).expect(200);
    assert_ne!(again["id"], me["id"]);
    assert_eq!(organizations(&app.user()), ["Personal"]);
    app.anonymous().delete(ME).refused(401);
}

#[test]
fn a_person_who_leaves_others_behind_leaves_their_work() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = hire(&app, &world, "bob", "admin");
    world.user.put(&format!("{}/access", bob.path()), json!({"all_boards_write": true})).expect(200);
    let task = bob.client.post(&world.path("/tasks"), json!({"title": "Write"})).expect(200);
    bob.client.post(INVITES, json!({"invited_email": "x@y"})).expect(200);
    bob.client.delete(ME).expect(200);
    assert_eq!(world.user.get(MEMBERS).expect(200)["total"], 1);
    let tasks = world.user.get(&world.path("/tasks")).expect(200);
    let made_by = |task: &Value| task["created_by_user_id"].clone();
    assert_eq!((made_by(&task), made_by(&tasks["items"][0])), (bob.json["user_id"].clone(), Value::Null));
    assert_eq!(app.rows()["organization_invites"], 1, "only the one that Bob accepted");
}

#[test]
fn the_only_owner_of_others_cannot_leave_them() {
    let Some(app) = App::with_people(&[]) else { return };
    let world = World::new(&app);
    let bob = hire(&app, &world, "bob", "admin");
    let before = rows(&app);
    world.user.delete(ME).refuses(409, "Organization must have at least one owner");
    assert_eq!(rows(&app), before);
    world.user.get(&world.path("")).expect(200);
    world.user.patch(&bob.path(), json!({"role": "owner"})).expect(200);
    world.user.delete(ME).expect(200);
    assert_eq!(bob.client.get(MINE).expect(200), world.organization);
    newcomer(&app, "eve").delete(ME).expect(200);
}
