use super::*;
use serde_json::json;

const AFTER_9999: &str = "dates after 9999 are not supported as unix timestamps";
const BEFORE_0000: &str = "dates before 0000 are not supported as unix timestamps";
const YEAR_ZERO: &str = "year 0 is out of range";

/// A number as it was written, which the `json!` macro would bring into another form.
fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn kind<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> &'static str {
    outcome.unwrap_err().kind
}

fn reason<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> (&'static str, String) {
    let fault = outcome.unwrap_err();
    let error = fault.ctx.unwrap()["error"].as_str().unwrap().to_owned();
    (fault.kind, error)
}

#[test]
fn strings_are_not_coerced() {
    assert_eq!(string(&json!("a b")), Ok("a b".to_owned()));
    for value in [json!(null), json!(1), json!(true), json!([]), json!({})] {
        assert_eq!(kind(string(&value)), "string_type");
    }
    assert_eq!(string(&json!("a\0")).unwrap_err().msg, "Value error, NUL characters are not allowed");
}

#[test]
fn integers_are_coerced() {
    let texts = [
        ("5", 5),
        (" 5 ", 5),
        ("5\n", 5),
        ("\u{a0}5", 5),
        ("+5", 5),
        ("-5", -5),
        ("-0", 0),
        ("0005", 5),
        ("1_0", 10),
        ("-1_0", -10),
        ("5.0", 5),
        ("1_0.000", 10),
        ("99999999999999999999", i64::MAX),
        ("-99999999999999999999.0", i64::MIN),
    ];
    for (text, expected) in texts {
        assert_eq!(integer(&json!(text)), Ok(expected), "{text}");
    }
    let numbers = [("5.0", 5), ("1e3", 1_000), ("-0.0", 0), ("-0", 0), ("1e18", 1_000_000_000_000_000_000)];
    for (text, expected) in numbers {
        assert_eq!(integer(&number(text)), Ok(expected), "{text}");
    }
    assert_eq!(integer(&number("9223372036854775808")), Ok(i64::MAX));
    assert_eq!(integer(&number("-9223372036854775809")), Ok(i64::MIN));
    assert_eq!(integer(&json!(true)), Ok(1));
    assert_eq!(integer(&json!(false)), Ok(0));
}

#[test]
fn other_integers_are_refused() {
    let texts = [
        "", " ", "abc", "5.1", "5.", ".0", "--5", "+-5", "-+5", "1__0", "_1", "1_", "-_5", "5_.0", "5.0_0", "1e3",
        "0x10", "٥", "1 0", "+ 5", "1.0.0", "-", "+", "_",
    ];
    for text in texts {
        assert_eq!(kind(integer(&json!(text))), "int_parsing", "{text}");
    }
    assert_eq!(kind(integer(&json!("1".repeat(4_301)))), "int_parsing_size");
    for text in ["9.3e18", "-1e20", "1e300"] {
        assert_eq!(kind(integer(&number(text))), "int_parsing_size", "{text}");
    }
    assert_eq!(kind(integer(&json!(1.5))), "int_from_float");
    for value in [json!(null), json!([]), json!({})] {
        assert_eq!(kind(integer(&value)), "int_type");
    }
}

#[test]
fn floats_are_coerced() {
    let texts = [
        ("1", 1.0),
        (" 1.5 ", 1.5),
        ("1e3", 1_000.0),
        ("+5", 5.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("1_0.5", 10.5),
        ("1e1_0", 1e10),
    ];
    for (text, expected) in texts {
        assert_eq!(float(&json!(text)), Ok(expected), "{text}");
    }
    assert_eq!(float(&json!(7)), Ok(7.0));
    assert_eq!(float(&json!(0.25)), Ok(0.25));
    assert_eq!(float(&json!(true)), Ok(1.0));
    for text in ["", "abc", "0x10", "1__0", "1_", "_1", "1e", "e5", "+-1", "٥"] {
        assert_eq!(kind(float(&json!(text))), "float_parsing", "{text}");
    }
    for text in ["nan", "inf", "-Infinity", "1e400"] {
        assert_eq!(kind(float(&json!(text))), "value_error", "{text}");
    }
    for value in [json!(null), json!([]), json!({}), number("1e999"), number(&"9".repeat(400))] {
        assert_eq!(kind(float(&value)), "float_type");
    }
}

#[test]
fn booleans_are_coerced() {
    for text in ["1", "true", "TRUE", "tRuE", "t", "yes", "Y", "on", "ON"] {
        assert_eq!(boolean(&json!(text)), Ok(true), "{text}");
    }
    for text in ["0", "false", "F", "no", "n", "off"] {
        assert_eq!(boolean(&json!(text)), Ok(false), "{text}");
    }
    for (text, expected) in [("1", true), ("0", false), ("1.0", true), ("-0.0", false)] {
        assert_eq!(boolean(&number(text)), Ok(expected), "{text}");
    }
    for value in [json!(""), json!(" true"), json!("01"), json!("1.0"), json!("maybe"), json!(2), json!(-1), json!(2.0)]
    {
        assert_eq!(kind(boolean(&value)), "bool_parsing", "{value}");
    }
    for value in [json!(null), json!(1.5), json!([]), number("99999999999999999999")] {
        assert_eq!(kind(boolean(&value)), "bool_type", "{value}");
    }
}

#[test]
fn uuids_are_read_in_all_forms() {
    let expected = "550e8400-e29b-41d4-a716-446655440000";
    for text in [
        expected,
        "550E8400-E29B-41D4-A716-446655440000",
        "550e8400e29b41d4a716446655440000",
        "{550e8400-e29b-41d4-a716-446655440000}",
        "urn:uuid:550E8400-e29b-41d4-a716-446655440000",
    ] {
        assert_eq!(uuid(&json!(text)).unwrap().to_string(), expected);
    }
    for value in [json!(1), json!(null), json!(1.5), json!(true), json!([])] {
        assert_eq!(kind(uuid(&value)), "uuid_type");
    }
}

#[test]
fn other_uuids_are_refused_with_the_reason() {
    let length = |n: usize| format!("invalid length: expected length 32 for simple format, found {n}");
    let count = |n: usize| format!("invalid group count: expected 5, found {n}");
    let group = |g: usize, e: usize, n: usize| format!("invalid group length in group {g}: expected {e}, found {n}");
    let character = |c: char, n: usize| {
        format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{c}` at {n}"
        )
    };
    let long = |tail: &str| format!("550e8400-e29b-41d4-a716-{tail}");
    let table = [
        (String::new(), length(0)),
        ("abc".to_owned(), length(3)),
        ("1".repeat(33), length(33)),
        ("1".repeat(36), length(36)),
        (format!("{{{}}}", "a".repeat(36)), length(36)),
        ("not-a-uuid".to_owned(), character('n', 1)),
        (format!(" {expected}", expected = long("446655440000")), character(' ', 1)),
        (long("446655440000 "), character(' ', 37)),
        (long("44665544000g"), character('g', 36)),
        (long("44665544😀"), character('😀', 33)),
        (format!("{{{}}}", long("44665544000g")), character('g', 36)),
        ("{x}".to_owned(), character('x', 2)),
        ("urn:uuid:x".to_owned(), character('x', 10)),
        ("{abc".to_owned(), character('{', 1)),
        ("{abc}".to_owned(), count(1)),
        ("{}".to_owned(), count(1)),
        ("urn:uuid:abc".to_owned(), count(1)),
        ("a-b".to_owned(), count(2)),
        (long("4466-55440000"), count(6)),
        ("----".to_owned(), group(0, 8, 0)),
        ("550e84-00-e29b-41d4-a716446655440000".to_owned(), group(0, 8, 6)),
        ("550e8400-e29b-41d4a-716-446655440000".to_owned(), group(2, 4, 5)),
        (long("44665544000"), group(4, 12, 11)),
        (long("4466554400000"), group(4, 12, 13)),
        (format!("{{{}}}", long("4466554400000")), group(4, 12, 15)),
    ];
    for (text, error) in table {
        assert_eq!(reason(uuid(&json!(text))), ("uuid_parsing", error), "{text}");
    }
}

#[test]
fn timestamps_are_read_from_text_and_numbers() {
    let texts = [
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05"),
        ("2026-01-02", "2026-01-02T00:00:00"),
        ("20260102", "1970-08-23T11:48:22"),
        ("+1700000000.5", "2023-11-14T22:13:20.500000"),
        ("-.5", "1969-12-31T23:59:59.500000"),
        ("5.", "1970-01-01T00:00:05"),
        ("20000000000", "2603-10-11T11:33:20"),
        ("20000000001", "1970-08-20T11:33:20.001000"),
        ("1700000000123.456", "2023-11-14T22:13:20.123456"),
        ("1700000000.1234567", "2023-11-14T22:13:20.123457"),
        ("2026-01-02T03:04:05.9999999", "2026-01-02T03:04:05.999999"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00"),
    ];
    for (text, wire) in texts {
        assert_eq!(timestamp(&json!(text)).unwrap().to_string(), wire, "{text}");
    }
    let numbers = [
        ("0", "1970-01-01T00:00:00"),
        ("-1.5", "1969-12-31T23:59:58.500000"),
        ("-1700000000.123456", "1916-02-18T01:46:39.876544"),
        ("1.9999999", "1970-01-01T00:00:02"),
        ("-20000000000", "1336-03-23T12:26:40"),
        ("-1.25", "1969-12-31T23:59:58.750000"),
        ("1.7e9", "2023-11-14T22:13:20"),
        ("1.7e12", "2023-11-14T22:13:20"),
        ("1700000000000", "2023-11-14T22:13:20"),
        ("253402300799999", "9999-12-31T23:59:59.999000"),
        ("-62135596800000", "0001-01-01T00:00:00"),
    ];
    for (text, wire) in numbers {
        assert_eq!(timestamp(&number(text)).unwrap().to_string(), wire, "{text}");
    }
}

#[test]
fn other_timestamps_are_refused_with_the_reason() {
    for value in [json!(true), json!(false), json!(null), json!([]), json!({})] {
        assert_eq!(kind(timestamp(&value)), "datetime_type");
    }
    let numbers = [
        ("253402300800000", AFTER_9999),
        ("9223372036854775808", AFTER_9999),
        ("1e300", AFTER_9999),
        ("1e999", AFTER_9999),
        ("-1e999", BEFORE_0000),
        ("-1e300", BEFORE_0000),
        ("-9223372036854775808", BEFORE_0000),
        ("-62167219200001", BEFORE_0000),
        ("-62167219200000", YEAR_ZERO),
        ("-62135596800001", YEAR_ZERO),
    ];
    for (text, error) in numbers {
        assert_eq!(reason(timestamp(&number(text))), ("datetime_parsing", error.to_owned()), "{text}");
    }
    let (short, separator) = ("input is too short", "invalid date separator, expected `-`");
    let texts = [
        ("y", "datetime_from_date_parsing", short),
        ("1e9", "datetime_from_date_parsing", short),
        ("nan", "datetime_from_date_parsing", short),
        (".", "datetime_from_date_parsing", short),
        ("-", "datetime_from_date_parsing", short),
        ("1,5", "datetime_from_date_parsing", short),
        ("12_3", "datetime_from_date_parsing", short),
        ("1700000000 ", "datetime_from_date_parsing", separator),
        ("9223372036854775808", "datetime_from_date_parsing", separator),
        ("9223372036854775807", "datetime_from_date_parsing", AFTER_9999),
        ("-1234567890123456", "datetime_from_date_parsing", BEFORE_0000),
        ("-62135596800001", "datetime_parsing", YEAR_ZERO),
        ("0000-01-01", "datetime_parsing", YEAR_ZERO),
        ("0001-01-01T00:00:00+01:00", "datetime_parsing", YEAR_ZERO),
    ];
    for (text, kind, error) in texts {
        assert_eq!(reason(timestamp(&json!(text))), (kind, error.to_owned()), "{text}");
    }
}

#[test]
fn containers_are_not_coerced() {
    assert_eq!(list(&json!([1])), Ok(&vec![json!(1)]));
    assert_eq!(kind(list(&json!({}))), "list_type");
    assert_eq!(kind(list(&json!("z"))), "list_type");
    assert_eq!(object(&json!({"a": 1})).map(Map::len), Ok(1));
    assert_eq!(kind(object(&json!([]))), "dict_type");
    assert_eq!(kind(object(&json!(null))), "dict_type");
}
