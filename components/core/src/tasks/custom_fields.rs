//! Values of custom fields: what each type accepts, and which values a request may give a task.

use std::collections::HashMap;

use regex_lite::RegexBuilder;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store::custom_fields::Stored;
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiError;
use mission_control_web::words;

/// Longest text that a field's pattern is matched against, in bytes; matching takes time in proportion.
const LONGEST_MATCHED: usize = 10_000;

/// Largest compiled pattern, in bytes: matching takes time in proportion.
const LARGEST_PATTERN: usize = 100_000;

words! {
    /// What a field holds.
    pub enum FieldType {
        /// A line of text.
        Text = "text",
        /// Text of many lines.
        TextLong = "text_long",
        /// A whole number.
        Integer = "integer",
        /// Any number.
        Decimal = "decimal",
        /// True or false.
        Boolean = "boolean",
        /// A day.
        Date = "date",
        /// A moment.
        DateTime = "date_time",
        /// A web address.
        Url = "url",
        /// A JSON object or array.
        Json = "json",
    }
}

record! {
    /// A field in force on a board.
    #[derive(Clone, Debug)]
    pub struct Field {
        /// Identifier of its definition.
        pub id: Uuid,
        /// How requests name it.
        pub field_key: String,
        /// What it holds.
        pub field_type: FieldType,
        /// What its whole text must match.
        pub validation_regex: Option<String>,
        /// Whether a new task needs a value.
        pub required: bool,
        /// What tasks without a value of their own have.
        pub default_value: Option<Value>,
    }
}

/// Checks a value against a field's type and pattern; null is always valid.
///
/// # Errors
/// The reason, for people.
pub fn check_value(field_type: FieldType, pattern: Option<&str>, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    check_type(field_type, value)?;
    match (value, pattern) {
        (Value::String(text), Some(pattern)) => check_pattern(pattern, text),
        _ => Ok(()),
    }
}

fn check_type(field_type: FieldType, value: &Value) -> Result<(), &'static str> {
    let text = value.as_str();
    let (valid, reason) = match field_type {
        FieldType::Text | FieldType::TextLong => (text.is_some(), "must be a string"),
        FieldType::Integer => (is_integer(value), "must be an integer"),
        FieldType::Decimal => (value.is_number(), "must be a decimal number"),
        FieldType::Boolean => (value.is_boolean(), "must be true or false"),
        FieldType::Date => (text.is_some_and(is_date), "must be an ISO date string (YYYY-MM-DD)"),
        FieldType::DateTime => (text.is_some_and(is_date_time), "must be an ISO datetime string"),
        FieldType::Url if text.is_none() => (false, "must be a URL string"),
        FieldType::Url => (text.is_some_and(is_web_address), "must be a valid http/https URL"),
        FieldType::Json => (value.is_object() || value.is_array(), "must be a JSON object or array"),
    };
    if valid { Ok(()) } else { Err(reason) }
}

/// A number written without fraction and exponent.
fn is_integer(value: &Value) -> bool {
    value.as_number().is_some_and(|number| !number.as_str().contains(['.', 'e', 'E']))
}

/// `2026-01-02`, `20260102`, `2026-W01`, `2026W01`, `2026-W01-5` or `2026W015`.
fn is_date(text: &str) -> bool {
    match text.as_bytes() {
        &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] | &[y1, y2, y3, y4, m1, m2, d1, d2] if m1.is_ascii_digit() => {
            day_exists([y1, y2, y3, y4], [m1, m2], [d1, d2])
        }
        &[y1, y2, y3, y4, b'-', b'W', w1, w2] | &[y1, y2, y3, y4, b'W', w1, w2] => {
            week_exists([y1, y2, y3, y4], [w1, w2], b'1')
        }
        &[y1, y2, y3, y4, b'-', b'W', w1, w2, b'-', day] | &[y1, y2, y3, y4, b'W', w1, w2, day] => {
            week_exists([y1, y2, y3, y4], [w1, w2], day)
        }
        _ => false,
    }
}

fn number<const N: usize>(digits: [u8; N]) -> Option<u16> {
    digits.into_iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0')))
}

fn day_exists(year: [u8; 4], month: [u8; 2], day: [u8; 2]) -> bool {
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else { return false };
    let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else { return false };
    Timestamp::from_civil(year.into(), month, day, 0, 0, 0, 0).is_some()
}

fn week_exists(year: [u8; 4], week: [u8; 2], day: u8) -> bool {
    let (Some(year), Some(week)) = (number(year), number(week)) else { return false };
    year > 0 && (1..=weeks_of(year)).contains(&week) && (b'1'..=b'7').contains(&day)
}

/// A year has 53 weeks when it begins on a Thursday, or in a leap year on a Wednesday; both mean that it or the year
/// before it ends on the right day of the week.
fn weeks_of(year: u16) -> u16 {
    let last_day = |year: u16| (year + year / 4 - year / 100 + year / 400) % 7;
    if last_day(year) == 4 || last_day(year - 1) == 3 { 53 } else { 52 }
}

/// A date alone, or with a time and perhaps a zone, in the extended or the basic form.
fn is_date_time(text: &str) -> bool {
    let basic = || {
        // The other reader takes notations of its own besides.
        !text.contains('[') && text.trim_end_matches(['Z', 'z']).parse::<jiff::civil::DateTime>().is_ok()
    };
    is_date(text) || Timestamp::parse_iso(text).is_ok() || basic()
}

fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let has_authority = !rest.is_empty() && !rest.starts_with(['/', '?', '#']);
    has_authority && (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
}

fn compile(pattern: &str) -> Result<regex_lite::Regex, String> {
    let build = |pattern: &str| {
        RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build().map_err(|error| error.to_string())
    };
    // On its own first: a stray parenthesis must not change what stands around it.
    build(pattern)?;
    build(&format!(r"\A(?:{pattern})\z"))
}

fn check_pattern(pattern: &str, text: &str) -> Result<(), String> {
    let regex = compile(pattern).map_err(|error| format!("validation_regex is invalid: {error}"))?;
    if text.len() <= LONGEST_MATCHED && regex.is_match(text) {
        Ok(())
    } else {
        Err("does not match validation_regex".to_owned())
    }
}

/// The values of a new task: what the request gives, and the defaults of the rest.
///
/// # Errors
/// 422 for unknown keys, the first invalid value, or required fields without a value.
pub(super) fn for_new_task(fields: &[Field], given: &Map<String, Value>) -> Result<Vec<(Uuid, Value)>, ApiError> {
    check_given(fields, given)?;
    let mut missing = Vec::new();
    let mut values = Vec::new();
    for field in fields {
        let own = given.get(&field.field_key);
        let effective = own.or(field.default_value.as_ref()).unwrap_or(&Value::Null);
        if field.required && effective.is_null() {
            missing.push(field.field_key.as_str());
        }
        if own.is_some() || !effective.is_null() {
            values.push((field.id, effective.clone()));
        }
    }
    require_none_missing(missing)?;
    Ok(values)
}

/// The values that a change gives a task and that are not stored yet. Only those are checked: a field that was added later
/// and is still empty is not in the way of others, and neither is a value that a later rule forbids.
///
/// # Errors
/// 422 as [`for_new_task`].
pub(super) fn for_changed_task(
    fields: &[Field],
    stored: &[Stored],
    given: &Map<String, Value>,
) -> Result<Vec<(Uuid, Value)>, ApiError> {
    let is_new = |key: &str, value: &Value| !stored.iter().any(|field| field.field_key == *key && field.is_own(value));
    let given = given.iter().filter(|(key, value)| is_new(key, value));
    let given: Map<String, Value> = given.map(|(key, value)| (key.clone(), value.clone())).collect();
    check_given(fields, &given)?;
    let named: Vec<(&Field, &Value)> =
        fields.iter().filter_map(|field| Some((field, given.get(&field.field_key)?))).collect();
    let is_missing = |(field, value): &&(&Field, &Value)| field.required && value.is_null();
    require_none_missing(named.iter().filter(is_missing).map(|(field, _)| field.field_key.as_str()).collect())?;
    Ok(named.into_iter().map(|(field, value)| (field.id, value.clone())).collect())
}

fn check_given(fields: &[Field], given: &Map<String, Value>) -> Result<(), ApiError> {
    let field = |key: &str| fields.iter().find(|field| field.field_key == key);
    let mut unknown: Vec<&String> = given.keys().filter(|key| field(key).is_none()).collect();
    if !unknown.is_empty() {
        unknown.sort();
        return Err(ApiError::unprocessable(
            json!({"message": "Unknown custom field keys for this board.", "unknown_field_keys": unknown}),
        ));
    }
    for (key, value) in given {
        let Some(field) = field(key) else { continue };
        check_value(field.field_type, field.validation_regex.as_deref(), value).map_err(|reason| {
            ApiError::unprocessable(json!({
                "message": "Invalid custom field value.",
                "field_key": key,
                "field_type": field.field_type,
                "reason": reason,
            }))
        })?;
    }
    Ok(())
}

fn require_none_missing(mut missing: Vec<&str>) -> Result<(), ApiError> {
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_unstable();
    Err(ApiError::unprocessable(
        json!({"message": "Required custom fields must have values.", "missing_field_keys": missing}),
    ))
}

/// What a new task shows: every field, with the value that it was given or that is the default.
pub(super) fn shown_of_new_task(fields: &[Field], values: &[(Uuid, Value)]) -> Map<String, Value> {
    let value = |field: &Field| values.iter().find(|(id, _)| *id == field.id).map(|(_, value)| value.clone());
    // A field without a value has no default either, or it would have that.
    fields.iter().map(|field| (field.field_key.clone(), value(field).unwrap_or(Value::Null))).collect()
}

/// What the tasks of one board show: every field, with the task's own value, be it null, else the default.
#[derive(Debug, Default)]
pub(super) struct Shown {
    defaults: Map<String, Value>,
    own: HashMap<Uuid, Vec<(String, Value)>>,
}

impl Shown {
    pub(super) fn new(stored: Vec<Stored>) -> Self {
        let mut shown = Self::default();
        for Stored { field_key, default_value, task_id, value } in stored {
            if let Some(task_id) = task_id {
                let value = value.unwrap_or(Value::Null);
                shown.own.entry(task_id).or_default().push((field_key.clone(), value));
            }
            if !shown.defaults.contains_key(&field_key) {
                shown.defaults.insert(field_key, default_value.unwrap_or(Value::Null));
            }
        }
        shown
    }

    pub(super) fn of(&mut self, task_id: Uuid) -> Map<String, Value> {
        let mut values = self.defaults.clone();
        values.extend(self.own.remove(&task_id).unwrap_or_default());
        values
    }
}

#[cfg(test)]
#[path = "custom_fields_tests.rs"]
mod tests;
