//! Validation failures before they have a place.
//!
//! A [`Fault`] is the part of a field error that does not depend on where the value was found: the
//! type, the message and the context. The caller adds `loc` and `input`. The texts are a wire
//! contract, so there is one constructor per catalogue row and no other way to word a failure.

use serde_json::{Map, Number, Value};

/// Why one value was refused, without its location.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Machine-readable failure type, for example `string_too_short`.
    pub kind: &'static str,
    /// Human-readable message.
    pub msg: String,
    /// Parameters of the failure; absent for types that have none.
    pub ctx: Option<Map<String, Value>>,
}

impl Fault {
    fn plain(kind: &'static str, msg: &str) -> Self {
        Self { kind, msg: msg.to_owned(), ctx: None }
    }

    fn with(kind: &'static str, msg: String, ctx: &[(&str, Value)]) -> Self {
        let ctx = ctx.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        Self { kind, msg, ctx: Some(ctx) }
    }

    /// `prefix, reason` with the reason repeated as `ctx.error`.
    fn because(kind: &'static str, prefix: &str, reason: &str) -> Self {
        Self::with(kind, format!("{prefix}, {reason}"), &[("error", reason.into())])
    }

    fn one_of(kind: &'static str, values: &[&str]) -> Self {
        let expected = alternatives(values);
        Self::with(kind, format!("Input should be {expected}"), &[("expected", expected.into())])
    }

    fn int_bound(kind: &'static str, words: &str, key: &str, bound: i64) -> Self {
        Self::with(kind, format!("Input should be {words} {bound}"), &[(key, bound.into())])
    }

    /// The message shows `0`, the context keeps `0.0`. A non-finite bound would be shown as null.
    fn float_bound(kind: &'static str, words: &str, key: &str, bound: f64) -> Self {
        let value = Number::from_f64(bound).map_or(Value::Null, Value::Number);
        Self::with(kind, format!("Input should be {words} {bound}"), &[(key, value)])
    }

    /// A required field, parameter or body is absent.
    pub fn missing() -> Self {
        Self::plain("missing", "Field required")
    }

    /// Not a JSON string.
    pub fn string_type() -> Self {
        Self::plain("string_type", "Input should be a valid string")
    }

    /// Fewer than `min` characters.
    pub fn string_too_short(min: usize) -> Self {
        let msg = format!("String should have at least {min} {}", plural("character", min));
        Self::with("string_too_short", msg, &[("min_length", min.into())])
    }

    /// More than `max` characters.
    pub fn string_too_long(max: usize) -> Self {
        let msg = format!("String should have at most {max} {}", plural("character", max));
        Self::with("string_too_long", msg, &[("max_length", max.into())])
    }

    /// Not something an integer can be read from.
    pub fn int_type() -> Self {
        Self::plain("int_type", "Input should be a valid integer")
    }

    /// Text that is not an integer.
    pub fn int_parsing() -> Self {
        Self::plain("int_parsing", "Input should be a valid integer, unable to parse string as an integer")
    }

    /// An integer with too many digits, or an integral float beyond 64 bits.
    pub fn int_parsing_size() -> Self {
        Self::plain("int_parsing_size", "Unable to parse input string as an integer, exceeded maximum size")
    }

    /// A number with a fractional part where an integer is wanted.
    pub fn int_from_float() -> Self {
        Self::plain("int_from_float", "Input should be a valid integer, got a number with a fractional part")
    }

    /// Not something a number can be read from.
    pub fn float_type() -> Self {
        Self::plain("float_type", "Input should be a valid number")
    }

    /// Text that is not a number.
    pub fn float_parsing() -> Self {
        Self::plain("float_parsing", "Input should be a valid number, unable to parse string as a number")
    }

    /// Infinity, not-a-number, or a number too large for 64-bit floating point.
    pub fn not_finite() -> Self {
        Self::value_error("numbers must be finite")
    }

    /// Not something a boolean can be read from.
    pub fn bool_type() -> Self {
        Self::plain("bool_type", "Input should be a valid boolean")
    }

    /// Text or an integer that does not stand for a boolean.
    pub fn bool_parsing() -> Self {
        Self::plain("bool_parsing", "Input should be a valid boolean, unable to interpret input")
    }

    /// An integer that must be at least `bound`.
    pub fn greater_than_equal(bound: i64) -> Self {
        Self::int_bound("greater_than_equal", "greater than or equal to", "ge", bound)
    }

    /// An integer that must be at most `bound`.
    pub fn less_than_equal(bound: i64) -> Self {
        Self::int_bound("less_than_equal", "less than or equal to", "le", bound)
    }

    /// A float that must be at least `bound`, which must be finite.
    pub fn greater_than_equal_float(bound: f64) -> Self {
        Self::float_bound("greater_than_equal", "greater than or equal to", "ge", bound)
    }

    /// A float that must be at most `bound`, which must be finite.
    pub fn less_than_equal_float(bound: f64) -> Self {
        Self::float_bound("less_than_equal", "less than or equal to", "le", bound)
    }

    /// Not one of the literal values.
    pub fn literal_error(values: &[&str]) -> Self {
        Self::one_of("literal_error", values)
    }

    /// Not a string a UUID could be read from.
    pub fn uuid_type() -> Self {
        Self::plain("uuid_type", "UUID input should be a string, bytes or UUID object")
    }

    /// Text that is not a UUID.
    pub fn uuid_parsing(reason: &str) -> Self {
        Self::because("uuid_parsing", "Input should be a valid UUID", reason)
    }

    /// Not something a timestamp can be read from.
    pub fn datetime_type() -> Self {
        Self::plain("datetime_type", "Input should be a valid datetime")
    }

    /// A number, or a well-formed text, outside the supported years.
    pub fn datetime_parsing(reason: &str) -> Self {
        Self::because("datetime_parsing", "Input should be a valid datetime", reason)
    }

    /// Text that is neither a date nor a date-time.
    pub fn datetime_from_date_parsing(reason: &str) -> Self {
        Self::because("datetime_from_date_parsing", "Input should be a valid datetime or date", reason)
    }

    /// Not a JSON array.
    pub fn list_type() -> Self {
        Self::plain("list_type", "Input should be a valid list")
    }

    /// Fewer than `min` items.
    pub fn list_too_short(min: usize, actual: usize) -> Self {
        let msg = format!("List should have at least {min} {} after validation, not {actual}", plural("item", min));
        let context = [("field_type", "List".into()), ("min_length", min.into()), ("actual_length", actual.into())];
        Self::with("too_short", msg, &context)
    }

    /// Not a JSON object, where a free-form mapping is wanted.
    pub fn dict_type() -> Self {
        Self::plain("dict_type", "Input should be a valid dictionary")
    }

    /// Not a JSON object, where a structured body is wanted.
    pub fn model_attributes_type() -> Self {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        Self::plain("model_attributes_type", msg)
    }

    /// A rule of the application itself; the text is also given as `ctx.error`.
    pub fn value_error(text: &str) -> Self {
        Self::because("value_error", "Value error", text)
    }

    /// Text with a NUL character, which the databases cannot store.
    pub fn nul_character() -> Self {
        Self::value_error("NUL characters are not allowed")
    }

    /// A request body that is not JSON; `error` is the parser's message.
    pub fn json_invalid(error: &str) -> Self {
        Self::with("json_invalid", "JSON decode error".to_owned(), &[("error", error.into())])
    }
}

/// `'a'`, `'a' or 'b'`, `'a', 'b' or 'c'`.
fn alternatives(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn plural(noun: &str, count: usize) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(fault: Fault, kind: &str, msg: &str, ctx: Value) {
        assert_eq!(fault.kind, kind);
        assert_eq!(fault.msg, msg);
        let shown = fault.ctx.map_or(Value::Null, Value::Object);
        // Compared as text so that the key order and the number form count.
        assert_eq!(shown.to_string(), ctx.to_string());
    }

    #[test]
    fn lengths_agree_in_number() {
        let msg = "String should have at least 1 character";
        check(Fault::string_too_short(1), "string_too_short", msg, json!({"min_length": 1}));
        let msg = "String should have at most 200 characters";
        check(Fault::string_too_long(200), "string_too_long", msg, json!({"max_length": 200}));
    }

    #[test]
    fn bounds_keep_the_numeric_type() {
        let msg = "Input should be less than or equal to 200";
        check(Fault::less_than_equal(200), "less_than_equal", msg, json!({"le": 200}));
        let msg = "Input should be less than or equal to 100";
        check(Fault::less_than_equal_float(100.0), "less_than_equal", msg, json!({"le": 100.0}));
        let msg = "Input should be greater than or equal to 0.5";
        check(Fault::greater_than_equal_float(0.5), "greater_than_equal", msg, json!({"ge": 0.5}));
    }

    #[test]
    fn alternatives_are_joined_as_prose() {
        let expected = "'inbox', 'review' or 'done'";
        let fault = Fault::literal_error(&["inbox", "review", "done"]);
        check(fault, "literal_error", "Input should be 'inbox', 'review' or 'done'", json!({"expected": expected}));
    }

    #[test]
    fn reasons_are_repeated_in_the_context() {
        let fault = Fault::value_error("label is required");
        let ctx = json!({"error": "label is required"});
        check(fault, "value_error", "Value error, label is required", ctx);
        let ctx = json!({"error": "Extra data"});
        check(Fault::json_invalid("Extra data"), "json_invalid", "JSON decode error", ctx);
        check(Fault::missing(), "missing", "Field required", Value::Null);
    }
}
