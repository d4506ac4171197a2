//! What a custom field holds: which values each type accepts.

use regex_lite::RegexBuilder;
use serde_json::Value;

use mission_control_platform::time::Timestamp;
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

impl FieldType {
    /// Whether its values are texts, which may have a pattern.
    #[must_use]
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::TextLong | Self::Date | Self::DateTime | Self::Url)
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
        (Value::String(text), Some(pattern)) => check_match(pattern, text),
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
        let built = RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build();
        built.map_err(|error| format!("validation_regex is invalid: {error}"))
    };
    // On its own first: a stray parenthesis must not change what stands around it.
    build(pattern)?;
    build(&format!(r"\A(?:{pattern})\z"))
}

/// Checks that a pattern is one.
///
/// # Errors
/// The reason, for people.
pub fn check_pattern(pattern: &str) -> Result<(), String> {
    compile(pattern).map(drop)
}

fn check_match(pattern: &str, text: &str) -> Result<(), String> {
    let regex = compile(pattern)?;
    if text.len() <= LONGEST_MATCHED && regex.is_match(text) {
        Ok(())
    } else {
        Err("does not match validation_regex".to_owned())
    }
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
