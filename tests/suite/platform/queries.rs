//! Pages and queries.

use mission_control_tests::App;
use serde_json::json;

use super::BOARDS;

#[test]
fn pages_have_bounds() {
    let app = App::start();
    for (query, member, kind, message) in [
        ("limit=0", "limit", "greater_than_equal", "Input should be greater than or equal to 1"),
        ("limit=201", "limit", "less_than_equal", "Input should be less than or equal to 200"),
        ("offset=-1", "offset", "greater_than_equal", "Input should be greater than or equal to 0"),
        ("limit=abc", "limit", "int_parsing", INT_PARSING),
        ("limit=", "limit", "int_parsing", INT_PARSING),
        ("limit=1.5", "limit", "int_parsing", INT_PARSING),
        ("limit=1e1", "limit", "int_parsing", INT_PARSING),
    ] {
        let answer = app.user().get(&format!("{BOARDS}?{query}"));
        let entry = answer.field_error(&format!("query.{member}"), kind);
        assert_eq!(entry["msg"], message, "{query}");
        assert_eq!(entry["input"], query.split_once('=').map_or("", |(_, value)| value));
    }
    let both = app.user().get("/api/v1/boards?limit=0&offset=x");
    both.field_error("query.limit", "greater_than_equal");
    both.field_error("query.offset", "int_parsing");
}

const INT_PARSING: &str = "Input should be a valid integer, unable to parse string as an integer";

#[test]
fn queries_are_read_leniently() {
    let app = App::start();
    for (query, limit, offset) in [
        ("limit=1.0", 1, 0),
        ("limit=%205%20&offset=%2B2", 5, 2),
        ("limit=3&limit=4", 4, 0),
        ("unknown=1&&limit=7&offset=9223372036854775806", 7, i64::MAX - 1),
    ] {
        let page = app.user().get(&format!("{BOARDS}?{query}")).expect(200);
        assert_eq!((&page["limit"], &page["offset"]), (&json!(limit), &json!(offset)), "{query}");
    }
    for beyond in ["9223372036854775807", "99999999999999999999"] {
        app.user().get(&format!("{BOARDS}?offset={beyond}")).field_error("query.offset", "less_than_equal");
    }
}
