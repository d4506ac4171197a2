use super::*;

fn reason(field_type: FieldType, value: &Value) -> Option<String> {
    check_value(field_type, None, value).err()
}

fn accepts(field_type: FieldType, values: &[Value]) {
    for value in values {
        assert_eq!(reason(field_type, value), None, "{field_type} {value}");
    }
}

fn refuses(field_type: FieldType, because: &str, values: &[Value]) {
    for value in values {
        assert_eq!(reason(field_type, value).as_deref(), Some(because), "{field_type} {value}");
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn null_is_valid_for_every_type() {
    for word in FieldType::WORDS {
        accepts(FieldType::from_word(word).unwrap(), &[Value::Null]);
    }
}

#[test]
fn each_type_accepts_its_own() {
    accepts(FieldType::Text, &[json!(""), json!("a\nb")]);
    refuses(FieldType::TextLong, "must be a string", &[json!(1), json!([])]);
    accepts(FieldType::Integer, &[json!(0), json!(-7), parsed("123456789012345678901234567890")]);
    refuses(FieldType::Integer, "must be an integer", &[parsed("1.0"), parsed("1e3"), json!("7"), json!(true)]);
    accepts(FieldType::Decimal, &[json!(1), json!(1.5)]);
    refuses(FieldType::Decimal, "must be a decimal number", &[json!("1.5"), json!(false)]);
    accepts(FieldType::Boolean, &[json!(true)]);
    refuses(FieldType::Boolean, "must be true or false", &[json!(1), json!("true")]);
    accepts(FieldType::Json, &[json!({}), json!([1])]);
    refuses(FieldType::Json, "must be a JSON object or array", &[json!("{}"), json!(1)]);
}

#[test]
fn dates_come_in_the_forms_of_iso_8601() {
    accepts(
        FieldType::Date,
        &[json!("2026-01-02"), json!("20260102"), json!("2026-W01-1"), json!("2026W011"), json!("2026-W53")],
    );
    refuses(
        FieldType::Date,
        "must be an ISO date string (YYYY-MM-DD)",
        &[
            json!("2026-02-30"),
            json!("2026-1-2"),
            json!("2025-W53-1"),
            json!("2026-W00"),
            json!("2026-W01-8"),
            json!("noon"),
            json!(20_260_102),
            json!("2026-01-02T00:00:00"),
            json!("0000-01-01"),
        ],
    );
    accepts(
        FieldType::DateTime,
        &[
            json!("2026-01-02"),
            json!("2026-01-02T03:04:05Z"),
            json!("2026-01-02 03:04"),
            json!("20260102T030405"),
            json!("2026-01-02T03:04:05.5+02:00"),
        ],
    );
    let because = "must be an ISO datetime string";
    refuses(FieldType::DateTime, because, &[json!("noon"), json!("2026-01-02T25:00"), json!(1)]);
    refuses(FieldType::DateTime, because, &[json!("2026-01-02T03:04[Europe/Berlin]"), json!("2026-13-01")]);
}

#[test]
fn addresses_are_of_the_web_and_have_a_host() {
    accepts(FieldType::Url, &[json!("https://x.test/a"), json!("HTTP://x")]);
    refuses(FieldType::Url, "must be a URL string", &[json!(1)]);
    refuses(
        FieldType::Url,
        "must be a valid http/https URL",
        &[json!("ftp://x"), json!("https://"), json!("http:///a"), json!("x.test"), json!("")],
    );
}

#[test]
fn a_pattern_must_match_the_whole_value() {
    let check = |pattern: &str, text: &str| check_value(FieldType::Text, Some(pattern), &json!(text));
    assert_eq!(check("^[A-Z]{3}-\\d+$", "ABC-12"), Ok(()));
    assert_eq!(check("a|ab", "ab"), Ok(()));
    assert_eq!(check("[A-Z]+", "ABCd").unwrap_err(), "does not match validation_regex");
    assert_eq!(check("a$", "a\n").unwrap_err(), "does not match validation_regex");
    for broken in ["(", "a)(b", "(?=x)"] {
        assert!(check(broken, "x").unwrap_err().starts_with("validation_regex is invalid: "), "{broken}");
    }
    assert!(check(".*", &"x".repeat(LONGEST_MATCHED)).is_ok());
    assert!(check(".*", &"x".repeat(LONGEST_MATCHED + 1)).is_err());
}

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
