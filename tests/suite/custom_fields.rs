//! Definitions of custom fields; their values on tasks are in `task_fields.rs`.

use mission_control_tests::{App, World};
use serde_json::{Value, json};
use uuid::Uuid;

const FIELDS: &str = "/api/v1/organizations/me/custom-fields";

fn path(field: &Value) -> String {
    format!("{FIELDS}/{}", field["id"].as_str().expect("an id"))
}

fn merged(mut body: Value, members: Value) -> Value {
    if let (Some(body), Value::Object(members)) = (body.as_object_mut(), members) {
        body.extend(members);
    }
    body
}

/// A field of the world's board with this key and these further members.
#[track_caller]
fn make(world: &World<'_>, key: &str, members: Value) -> Value {
    let body = json!({"field_key": key, "board_ids": [world.board_id()]});
    world.user.post(FIELDS, merged(body, members)).expect(200)
}

#[test]
fn a_field_is_stored_as_it_was_asked_for() {
    let app = App::start();
    let world = World::new(&app);
    let body = json!({
        "field_key": " Size in cm ", "field_type": " Integer ", "ui_visibility": "If Set", "default_value": 5,
        "board_ids": [world.board_id(), world.board_id()], "validation_regex": " ",
    });
    let answer = world.user.post(FIELDS, body);
    let made = answer.json.clone();
    let expected = json!({
        "field_key": "Size in cm", "label": "Size in cm", "field_type": "integer", "ui_visibility": "if_set",
        "validation_regex": null, "description": null, "required": false, "default_value": 5, "id": made["id"],
        "organization_id": world.organization_id(), "board_ids": [world.board_id()],
        "created_at": made["created_at"], "updated_at": made["created_at"],
    });
    assert_eq!(answer.check(200).text, expected.to_string());
    assert_eq!(world.user.get(FIELDS).expect(200), json!([expected]));
    let task = world.make_task("t", json!({}));
    assert_eq!(task["custom_field_values"], json!({"Size in cm": 5}));
    for (spelling, word) in [("Text (long)", "text_long"), ("true/false", "boolean"), ("Date & Time", "date_time")] {
        assert_eq!(make(&world, spelling, json!({"field_type": spelling}))["field_type"], word);
    }
}

#[test]
fn faults_of_a_field_are_told_together() {
    let app = App::start();
    let world = World::new(&app);
    let post = |members: Value| {
        let body = json!({"field_key": "key", "board_ids": [world.board_id()]});
        world.user.post(FIELDS, merged(body, members))
    };
    let answer = world.user.post(FIELDS, json!({}));
    answer.field_error("body.field_key", "missing");
    answer.field_error("body.board_ids", "missing");
    let answer = post(json!({
        "field_key": " ", "label": " ", "field_type": "colour", "ui_visibility": 1, "validation_regex": "(",
        "board_ids": [],
    }));
    for (place, text) in [
        ("field_key", "field_key is required"),
        ("label", "label is required"),
        (
            "field_type",
            "field_type must be one of: text, text_long, integer, decimal, boolean, date, date_time, url, json",
        ),
        ("ui_visibility", "ui_visibility must be a string"),
    ] {
        let fault = answer.field_error(&format!("body.{place}"), "value_error");
        assert_eq!(fault["msg"], format!("Value error, {text}"));
    }
    let pattern = answer.field_error("body.validation_regex", "value_error")["msg"].as_str().expect("a text");
    assert!(pattern.starts_with("Value error, validation_regex is invalid: "), "{pattern}");
    let fault = answer.field_error("body.board_ids", "too_short");
    assert_eq!(fault["msg"], "List should have at least 1 item after validation, not 0");
    assert_eq!(fault["ctx"], json!({"field_type": "List", "min_length": 1, "actual_length": 0}));
    let without_text = "validation_regex is only supported for string field types.";
    let answer = post(json!({"field_type": "integer", "validation_regex": "[0-9]+"}));
    assert_eq!(answer.field_error("body", "value_error")["ctx"]["error"], without_text);
    post(json!({"field_type": "integer", "default_value": "5"})).refuses(422, "must be an integer");
    post(json!({"validation_regex": "[A-Z]+", "default_value": "x"})).refuses(422, "does not match validation_regex");
}

#[test]
fn a_key_is_unique_in_its_organization() {
    let app = App::start();
    let world = World::new(&app);
    make(&world, "size", json!({}));
    let body = json!({"field_key": " size ", "board_ids": [world.board_id()]});
    world.user.post(FIELDS, body).refuses(409, "Field key already exists in this organization.");
    make(&world, "Size", json!({}));
}

#[test]
fn boards_must_be_the_organizations_own() {
    let app = App::start();
    let world = World::new(&app);
    let mut strange = vec![world.other().board_id().to_owned(), Uuid::new_v4().to_string()];
    strange.sort();
    let boards: Vec<&str> = strange.iter().map(String::as_str).chain([world.board_id()]).collect();
    let detail =
        json!({"message": "Some selected boards are invalid for this organization.", "invalid_board_ids": strange});
    let answer = world.user.post(FIELDS, json!({"field_key": "size", "board_ids": boards}));
    assert_eq!(answer.check(422).detail(), &detail);
    let field = make(&world, "size", json!({}));
    let answer = world.user.patch(&path(&field), json!({"label": "x", "board_ids": boards}));
    assert_eq!(answer.check(422).detail(), &detail);
    assert_eq!(world.user.get(FIELDS).expect(200)[0]["label"], "size", "nothing is half-changed");
}

#[test]
fn fields_are_listed_by_label_with_their_boards() {
    let app = App::start();
    let world = World::new(&app);
    let second = world.make_board(json!({}));
    make(&world, "b", json!({"label": "Zebra"}));
    make(&world, "a", json!({"label": "apple", "board_ids": [second["id"], world.board_id()]}));
    let listed = world.user.get(FIELDS).expect(200);
    let labels: Vec<&Value> = listed.as_array().expect("a list").iter().map(|field| &field["label"]).collect();
    assert_eq!(labels, ["apple", "Zebra"]);
    let mut boards = vec![second["id"].as_str().expect("an id"), world.board_id()];
    boards.sort_unstable();
    assert_eq!(listed[0]["board_ids"], json!(boards));
    world.user.get(&format!("{FIELDS}/{}", Uuid::new_v4())).refused(405);
}

#[test]
fn a_change_is_judged_with_what_is_stored() {
    let app = App::start();
    let world = World::new(&app);
    let field = make(&world, "sku", json!({"validation_regex": "[A-Z]+", "default_value": "ABC"}));
    let patch = |body: Value| world.user.patch(&path(&field), body);
    patch(json!({"default_value": "abc"})).refuses(422, "does not match validation_regex");
    patch(json!({"field_type": "integer"})).refuses(422, "validation_regex is only supported for string field types.");
    patch(json!({"field_type": "integer", "validation_regex": null})).refuses(422, "must be an integer");
    let changed =
        patch(json!({"field_type": "integer", "validation_regex": null, "default_value": 1, "board_ids": null}));
    let changed = changed.expect(200);
    assert_eq!((&changed["field_type"], &changed["default_value"]), (&json!("integer"), &json!(1)));
    assert_eq!(changed["board_ids"], json!([world.board_id()]));
    assert_eq!(patch(json!({"default_value": null})).expect(200)["default_value"], Value::Null);
    for (body, text) in [
        (json!({}), "At least one field is required"),
        (json!({"field_key": "other"}), "field_key cannot be changed after creation."),
        (json!({"board_ids": []}), "board_ids must include at least one board"),
        (
            json!({"required": null, "label": null}),
            "label, required cannot be null; omit the field to leave it unchanged",
        ),
    ] {
        assert_eq!(patch(body).field_error("body", "value_error")["ctx"]["error"], text);
    }
    patch(json!({"label": " "})).field_error("body.label", "string_too_short");
    world
        .user
        .patch(&format!("{FIELDS}/x"), json!({}))
        .field_error("path.task_custom_field_definition_id", "uuid_parsing");
}

#[test]
fn a_field_moves_between_boards_and_keeps_its_values() {
    let app = App::start();
    let world = World::new(&app);
    let second = world.make_board(json!({}));
    let field = make(&world, "size", json!({}));
    let task = world.make_task("t", json!({"custom_field_values": {"size": "big"}}));
    let task_path = world.path(&format!("/tasks/{}", task["id"].as_str().expect("an id")));
    let values = || world.user.get(&task_path).expect(200)["custom_field_values"].clone();
    let moved = world.user.patch(&path(&field), json!({"board_ids": [second["id"]]})).expect(200);
    assert_eq!(moved["board_ids"], json!([second["id"]]));
    assert_eq!(values(), json!({}));
    world.user.delete(&path(&field)).refuses(409, "Cannot delete a custom field definition while task values exist.");
    let both = world.user.patch(&path(&field), json!({"board_ids": [second["id"], world.board_id()]})).expect(200);
    assert_eq!(both["board_ids"], json!([second["id"], world.board_id()]), "in the order of the request");
    assert_eq!(values(), json!({"size": "big"}));
}

#[test]
fn an_unused_field_is_deleted_with_its_bindings() {
    let Some(app) = App::with(&[]) else { return };
    let world = World::new(&app);
    let field = make(&world, "size", json!({}));
    assert_eq!(world.user.delete(&path(&field)).expect(200), json!({"ok": true}));
    world.user.delete(&path(&field)).refused(404);
    assert_eq!(app.rows()["board_task_custom_fields"], 0);
    assert_eq!(world.user.get(FIELDS).expect(200), json!([]));
}
