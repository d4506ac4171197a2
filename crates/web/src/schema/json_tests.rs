use super::*;
use serde_json::json;

fn fault(text: &str) -> Option<(usize, &'static str)> {
    match parse(text.as_bytes()) {
        Err(BodyError::Invalid { offset, message }) => Some((offset, message)),
        Err(BodyError::Unreadable) | Ok(_) => None,
    }
}

#[test]
fn grammar_errors_have_message_and_offset() {
    let (value, name) = ("Expecting value", "Expecting property name enclosed in double quotes");
    let (colon, comma) = ("Expecting ':' delimiter", "Expecting ',' delimiter");
    let (extra, open) = ("Extra data", "Unterminated string starting at");
    let (control, escape, unit) = ("Invalid control character at", "Invalid \\escape", "Invalid \\uXXXX escape");
    let table = [
        ("", 0, value),
        (" \n\t ", 4, value),
        ("{\"name\": ", 9, value),
        ("{\"name\":\"x\"} zzz", 13, extra),
        ("{bad", 1, name),
        ("{\"a\":\"x", 5, open),
        ("[1,]", 3, value),
        ("[1,", 3, value),
        ("[", 1, value),
        ("[1 2]", 3, comma),
        ("[1", 2, comma),
        ("{", 1, name),
        ("{ ", 2, name),
        ("{\"a\" 1}", 5, colon),
        ("{\"a\"", 4, colon),
        ("{\"a\":1 \"b\":2}", 7, comma),
        ("{\"a\":1,}", 7, name),
        ("{\"a\":1", 6, comma),
        ("[[1,[2,{\"a\":[}]]", 13, value),
        ("nul", 0, value),
        ("nulll", 4, extra),
        ("-", 0, value),
        ("+1", 0, value),
        ("01", 1, extra),
        ("1.", 1, extra),
        ("1.5e", 3, extra),
        ("1e+", 1, extra),
        (".5", 0, value),
        ("'a'", 0, value),
        ("é", 0, value),
        ("[\"éü😀\" x]", 7, comma),
        ("\"a\nb\"", 2, control),
        ("\"é\\x\"", 2, escape),
        ("\"\\", 0, open),
        ("\"\\u12", 2, unit),
        ("\"\\u1234", 2, unit),
        ("\"\\u12g4\"", 2, unit),
        ("\"\\u+123\"", 2, unit),
        ("\"\\ud800\\u12g4\"", 8, unit),
        ("[NaN, 1e999, \"\\ud800\", }", 23, value),
        ("<html>", 0, value),
    ];
    for (text, offset, message) in table {
        assert_eq!(fault(text), Some((offset, message)), "{text}");
    }
}

#[test]
fn what_cannot_be_represented_is_unreadable() {
    let digits = "1".repeat(4_301);
    let deep = "[".repeat(200_000);
    let closed = format!("{deep}{}", "]".repeat(200_000));
    let objects = "{\"a\":".repeat(200_000);
    let table = [
        "NaN",
        "[-Infinity]",
        "{\"a\":Infinity}",
        "1e999",
        "[-1e999]",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        &digits,
        &format!("[-{digits}, }}"),
        &deep,
        &closed,
        &objects,
        &format!("{}1{}", "[".repeat(128), "]".repeat(128)),
    ];
    for text in table {
        assert_eq!(parse(text.as_bytes()), Err(BodyError::Unreadable), "{:.40}", text);
    }
    assert!(parse(format!("{}{}", "[".repeat(127), "]".repeat(127)).as_bytes()).is_ok());
    assert!(parse("1".repeat(4_300).as_bytes()).is_ok());
}

#[test]
fn encodings_are_recognised() {
    let text = "{\"é\":\"😀\"}";
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let le16: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let be16: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let le32: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let be32: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    let marks: [(&[u8], &[u8]); 5] = [
        (text.as_bytes(), "\u{feff}".as_bytes()),
        (&le16, &[0xFF, 0xFE]),
        (&be16, &[0xFE, 0xFF]),
        (&le32, &[0xFF, 0xFE, 0, 0]),
        (&be32, &[0, 0, 0xFE, 0xFF]),
    ];
    for (bytes, mark) in marks {
        assert_eq!(parse(bytes), Ok(json!({"é": "😀"})));
        assert_eq!(parse(&[mark, bytes].concat()), Ok(json!({"é": "😀"})));
    }
    assert_eq!(parse(b"5\0"), Ok(json!(5)));
    assert_eq!(parse(b"\x005"), Ok(json!(5)));
    let broken: [&[u8]; 5] =
        [b"\"\xff\"", b"\"\xed\xa0\x80\"", b"[\0]\0\0", b"\xff\xfe\0\xd8", b"\0\0\xfe\xff\0\x11\0\0"];
    for bytes in broken {
        assert_eq!(parse(bytes), Err(BodyError::Unreadable), "{bytes:?}");
    }
    // The mark does not count.
    assert_eq!(fault("\u{feff}[1,]"), Some((3, "Expecting value")));
}

#[test]
fn values_have_one_form() {
    let table = [
        ("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"),
        ("[1.50, 1e2, -0, -0.0, 1E-2]", "[1.5,100.0,0,-0.0,0.01]"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("[true,null,\"\\u00e9\\ud83d\\ude00\"]", "[true,null,\"é😀\"]"),
    ];
    for (text, shown) in table {
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), shown);
    }
}

#[test]
fn lenient_parsing_replaces_what_cannot_be_stored() {
    let table = [
        ("\"a\\u0000b\"", "a\u{fffd}b"),
        ("\"\\ud83d\\uDE00\"", "😀"),
        ("\"\\ud83dx\"", "\u{fffd}x"),
        ("\"\\ude00\\ud83d\"", "\u{fffd}\u{fffd}"),
        ("\"\\ud83d\\ud83d\\ude00\"", "\u{fffd}😀"),
        ("\"\\\\u0000\"", "\\u0000"),
        ("\"\\\\\\u0000\"", "\\\u{fffd}"),
        ("\"\\u00e9é\"", "éé"),
    ];
    for (text, expected) in table {
        assert_eq!(parse_lenient(text), Some(json!(expected)), "{text}");
    }
    assert_eq!(parse_lenient("{\"k\\u0000\":1}"), Some(json!({"k\u{fffd}": 1})));
    for text in ["", "NaN", "1e999", "\"\\u00\"", "\"\\ué000\"", "\\é\\u0000", "\\", "\"\\u0000\\", "\u{feff}1"] {
        assert_eq!(parse_lenient(text), None, "{text}");
    }
}

#[test]
fn ascii_json_looks_like_python() {
    let value =
        parse("{\"a\":[1,2.50,{}],\"é\":[],\"s\":\"😀\\u007f\\b\\f\\n\\r\\t\\u0001\\\"\\\\/\"}".as_bytes()).unwrap();
    let line =
        "{\"a\": [1, 2.5, {}], \"\\u00e9\": [], \"s\": \"\\ud83d\\ude00\\u007f\\b\\f\\n\\r\\t\\u0001\\\"\\\\/\"}";
    assert_eq!(to_ascii_json(&value, None), line);
    let nested = json!({"a": [1, {"b": null}], "c": [], "d": {}});
    let lines = "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": [],\n  \"d\": {}\n}";
    assert_eq!(to_ascii_json(&nested, Some(2)), lines);
    assert_eq!(to_ascii_json(&json!([1, 2]), Some(0)), "[\n1,\n2\n]");
}

#[test]
fn ascii_json_writes_floats_like_python() {
    let table = [
        ("1e15", "1000000000000000.0"),
        ("123456789012345680.0", "1.2345678901234568e+17"),
        ("1e16", "1e+16"),
        ("9999999999999998.0", "9999999999999998.0"),
        ("1e-4", "0.0001"),
        ("0.00001", "1e-05"),
        ("-0.000099", "-9.9e-05"),
        ("1.5e-7", "1.5e-07"),
        ("1e300", "1e+300"),
        ("5e-324", "5e-324"),
        ("-0.0", "-0.0"),
        ("0.1", "0.1"),
        ("33219527478117.562", "33219527478117.562"),
        ("-2.5", "-2.5"),
        ("12345678901234567890", "12345678901234567890"),
    ];
    for (text, shown) in table {
        assert_eq!(to_ascii_json(&parse(text.as_bytes()).unwrap(), None), shown);
    }
}

#[test]
fn ascii_json_ends_where_there_is_no_more_room() {
    let value = json!({"a": [1, "ü"], "b": 1.5});
    for indent in [None, Some(2)] {
        let whole = to_ascii_json(&value, indent);
        for room in 0..whole.len() {
            assert_eq!(ascii_json_start(&value, indent, room), (whole[..room].to_owned(), false));
        }
        assert_eq!(ascii_json_start(&value, indent, whole.len()), (whole, true));
    }
}

#[test]
fn the_start_of_a_large_value_costs_what_is_shown() {
    let mut value = json!(vec![0; 500_000]);
    for _ in 0..120 {
        value = Value::Array(vec![value]);
    }
    // All of it would be 120 MB of spaces.
    let (start, whole) = ascii_json_start(&value, Some(2), 4_000);
    assert_eq!((start.len(), whole, start.capacity() < 10_000), (4_000, false, true));
}
