//! Values of custom fields on tasks.

use mission_control_tests::{App, World};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::task_support::{agent_task_path, change, change_as, read, task_path};

const AT: &str = "2026-05-01T00:00:00.000000";

/// Puts a field of the board into the database.
fn put_field(app: &App, world: &World<'_>, key: &str, kind: &str, more: &[(&str, &str)]) {
    let (field, binding) = (Uuid::new_v4(), Uuid::new_v4());
    let columns: String = more.iter().map(|(column, _)| format!(", {column}")).collect();
    let values: String = more.iter().map(|(_, value)| format!(", {value}")).collect();
    let required =
        if more.iter().any(|(column, _)| *column == "required") { ("", "") } else { (", required", ", FALSE") };
    app.execute(&format!(
        "INSERT INTO task_custom_field_definitions
         (id, organization_id, field_key, label, field_type, created_at, updated_at{}{columns})
         VALUES ('{field}', '{}', '{key}', '{key}', '{kind}', '{AT}', '{AT}'{}{values})",
        required.0,
        world.organization_id(),
        required.1
    ));
    app.execute(&format!(
        "INSERT INTO board_task_custom_fields (id, board_id, task_custom_field_definition_id, created_at)
         VALUES ('{binding}', '{}', '{field}', '{AT}')",
        world.board_id()
    ));
}

#[track_caller]
fn refused(world: &World<'_>, values: Value, expected: Value) {
    let body = json!({"title": "x", "custom_field_values": values});
    assert_eq!(world.user.post(&world.path("/tasks"), body).check(422).detail(), &expected);
}

#[test]
fn a_task_shows_a_value_for_every_field_of_its_board() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let early = world.make_task("early", json!({}));
    put_field(&app, &world, "client", "text", &[]);
    put_field(&app, &world, "size", "integer", &[("default_value", "'5'")]);
    assert_eq!(read(&world, &early)["custom_field_values"], json!({"client": null, "size": 5}));
    let task = world.make_task("t", json!({"custom_field_values": {"client": "Acme"}}));
    assert_eq!(task["custom_field_values"], json!({"client": "Acme", "size": 5}));
    assert_eq!(read(&world, &task), task);
    let list = world.user.get(&world.path("/tasks")).expect(200);
    assert_eq!(list["items"], json!([task, read(&world, &early)]));
}

#[test]
fn changes_set_the_named_values_and_null_beats_the_default() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    put_field(&app, &world, "client", "text", &[]);
    put_field(&app, &world, "size", "integer", &[("default_value", "'5'")]);
    let task = world.make_task("t", json!({}));
    let changed =
        change_as(&world.worker, &world, &task, json!({"custom_field_values": {"client": "Acme", "size": 7}}));
    assert_eq!(changed["custom_field_values"], json!({"client": "Acme", "size": 7}));
    let changed = change_as(&world.lead, &world, &task, json!({"custom_field_values": {"size": null}}));
    assert_eq!(changed["custom_field_values"], json!({"client": "Acme", "size": null}));
    for nothing in [json!({}), json!(null)] {
        assert_eq!(change(&world, &task, json!({"custom_field_values": nothing})), changed);
    }
    let task = world.make_task("t", json!({"custom_field_values": {"size": null}}));
    assert_eq!(task["custom_field_values"]["size"], Value::Null);
}

#[test]
fn values_must_fit_their_fields() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    put_field(&app, &world, "size", "integer", &[]);
    put_field(&app, &world, "when", "date_time", &[]);
    put_field(&app, &world, "sku", "text", &[("validation_regex", "'^[A-Z]{3}-[0-9]+$'")]);
    put_field(&app, &world, "broken", "text", &[("validation_regex", "'('")]);
    let invalid = |key: &str, kind: &str, reason: &str| json!({"message": "Invalid custom field value.", "field_key": key, "field_type": kind, "reason": reason});
    refused(&world, json!({"size": "7"}), invalid("size", "integer", "must be an integer"));
    refused(&world, json!({"when": "noon"}), invalid("when", "date_time", "must be an ISO datetime string"));
    refused(&world, json!({"sku": "abc"}), invalid("sku", "text", "does not match validation_regex"));
    let unknown = json!({"message": "Unknown custom field keys for this board.", "unknown_field_keys": ["a", "z"]});
    refused(&world, json!({"z": 1, "size": "7", "a": null}), unknown);
    let body = json!({"title": "x", "custom_field_values": {"broken": "x"}});
    let answer = world.user.post(&world.path("/tasks"), body);
    let reason = answer.check(422).detail()["reason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("validation_regex is invalid: "), "{reason}");
    let task = world.make_task("t", json!({"custom_field_values": {"sku": "ABC-12", "when": "2026-01-02T03:04:05Z"}}));
    let answer =
        world.worker.client.patch(&agent_task_path(&world, &task), json!({"custom_field_values": {"sku": "x"}}));
    assert_eq!(answer.check(422).detail()["field_key"], "sku");
}

#[test]
fn required_fields_are_asked_of_new_tasks_and_of_changes_that_name_them() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    put_field(&app, &world, "client", "text", &[]);
    let early = world.make_task("early", json!({}));
    put_field(&app, &world, "must", "text", &[("required", "TRUE")]);
    let missing = json!({"message": "Required custom fields must have values.", "missing_field_keys": ["must"]});
    refused(&world, json!({}), missing.clone());
    refused(&world, json!({"must": null}), missing.clone());
    change(&world, &early, json!({"custom_field_values": {"client": "x"}}));
    let answer = world.user.patch(&task_path(&world, &early), json!({"custom_field_values": {"must": null}}));
    assert_eq!(answer.check(422).detail(), &missing);
    let task = world.make_task("t", json!({"custom_field_values": {"must": ""}}));
    assert_eq!(task["custom_field_values"]["must"], "");
}

#[test]
fn a_value_that_a_change_repeats_is_not_checked_again() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    put_field(&app, &world, "sku", "text", &[]);
    let task = world.make_task("t", json!({"custom_field_values": {"sku": "old"}}));
    app.execute("UPDATE task_custom_field_definitions SET validation_regex = '[A-Z]+'");
    let body = |value: &str| json!({"title": "T", "custom_field_values": {"sku": value}});
    assert_eq!(change(&world, &task, body("old"))["title"], "T");
    world.user.patch(&task_path(&world, &task), body("older")).check(422);
    assert_eq!(change(&world, &task, body("NEW"))["custom_field_values"]["sku"], "NEW");
}
