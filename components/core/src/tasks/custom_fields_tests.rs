use super::*;

fn field(number: u128, key: &str, required: bool, default_value: Option<Value>) -> Field {
    Field {
        id: Uuid::from_u128(number),
        field_key: key.to_owned(),
        field_type: FieldType::Text,
        validation_regex: None,
        required,
        default_value,
    }
}

fn given(values: Value) -> Map<String, Value> {
    values.as_object().cloned().unwrap()
}

fn fields() -> [Field; 3] {
    [field(1, "b", true, None), field(2, "a", true, None), field(3, "c", false, Some(json!("default")))]
}

#[test]
fn a_new_task_takes_the_defaults_of_what_it_does_not_give() {
    let values = for_new_task(&fields(), &given(json!({"a": "x", "b": "y"}))).unwrap();
    assert_eq!(
        values.iter().map(|(_, value)| value.clone()).collect::<Vec<_>>(),
        [json!("y"), json!("x"), json!("default")]
    );
    let values = for_new_task(&fields(), &given(json!({"a": "x", "b": "y", "c": null}))).unwrap();
    assert_eq!(values.last().unwrap().1, Value::Null);
}

#[test]
fn a_new_task_needs_every_required_field() {
    let error = for_new_task(&fields(), &given(json!({"a": null}))).unwrap_err();
    assert_eq!(error.detail()["message"], "Required custom fields must have values.");
    assert_eq!(error.detail()["missing_field_keys"], json!(["a", "b"]));
}

#[test]
fn a_changed_task_needs_only_what_the_change_names() {
    assert_eq!(
        for_changed_task(&fields(), &[], &given(json!({"c": null}))).unwrap(),
        [(Uuid::from_u128(3), Value::Null)]
    );
    let error = for_changed_task(&fields(), &[], &given(json!({"a": null, "c": "x"}))).unwrap_err();
    assert_eq!(error.detail()["missing_field_keys"], json!(["a"]));
}

#[test]
fn a_change_that_repeats_a_value_is_none_and_is_not_checked() {
    let stored = |key: &str, value: Option<Value>| Stored {
        field_key: key.to_owned(),
        default_value: None,
        task_id: Some(Uuid::from_u128(8)),
        value,
    };
    // The first is from a time when the field was a number, the second from when it was not required.
    let stored = [stored("a", Some(json!(7))), stored("b", None)];
    assert_eq!(for_changed_task(&fields(), &stored, &given(json!({"a": 7, "b": null}))).unwrap(), []);
    let changed = for_changed_task(&fields(), &stored, &given(json!({"a": 7, "c": "x"}))).unwrap();
    assert_eq!(changed, [(Uuid::from_u128(3), json!("x"))]);
    assert!(for_changed_task(&fields(), &stored, &given(json!({"a": 8}))).is_err());
    assert!(for_changed_task(&fields(), &[], &given(json!({"a": null}))).is_err());
}

#[test]
fn unknown_keys_come_before_invalid_values() {
    let error = for_changed_task(&fields(), &[], &given(json!({"z": 1, "a": 1, "y": 1}))).unwrap_err();
    assert_eq!(error.detail()["unknown_field_keys"], json!(["y", "z"]));
    let error = for_changed_task(&fields(), &[], &given(json!({"a": 1}))).unwrap_err();
    let expected = json!({
        "message": "Invalid custom field value.", "field_key": "a", "field_type": "text", "reason": "must be a string",
    });
    assert_eq!(error.detail(), &expected);
}

#[test]
fn a_task_shows_its_own_value_even_null_else_the_default() {
    let (task, other) = (Uuid::from_u128(8), Uuid::from_u128(9));
    let row = |key: &str, task_id, value| Stored {
        field_key: key.to_owned(),
        default_value: Some(json!("default")),
        task_id,
        value,
    };
    let mut shown =
        Shown::new(vec![row("a", Some(task), None), row("b", None, None), row("c", Some(task), Some(json!(1)))]);
    assert_eq!(Value::from(shown.of(task)), json!({"a": null, "b": "default", "c": 1}));
    assert_eq!(Value::from(shown.of(other)), json!({"a": "default", "b": "default", "c": "default"}));
}

#[test]
fn a_new_task_shows_what_it_was_given_and_the_defaults() {
    let values = for_new_task(&fields(), &given(json!({"a": "x", "b": "y"}))).unwrap();
    let shown = Value::from(shown_of_new_task(&fields(), &values));
    assert_eq!(shown, json!({"b": "y", "a": "x", "c": "default"}));
}
