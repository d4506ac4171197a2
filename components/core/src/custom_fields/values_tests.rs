use serde_json::json;

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
