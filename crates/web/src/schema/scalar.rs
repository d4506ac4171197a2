//! Reading single values out of JSON with the coercions clients rely on.
//!
//! Each function takes a JSON value and gives the typed value or a [`Fault`]. Text from a path or a
//! query is read by the same functions, wrapped into [`Value::String`]. Bounds are the caller's
//! business and apply to the coerced value.

use serde_json::{Map, Number, Value};
use uuid::Uuid;

use super::fault::Fault;
use mission_control_platform::time::{IsoError, Timestamp};

/// Longest number text that is converted at all.
const MAX_NUMBER_TEXT: usize = 4_300;

/// A string. Nothing else is coerced.
///
/// # Errors
/// `string_type` for another JSON type, `value_error` for text with a NUL character.
pub fn string(value: &Value) -> Result<String, Fault> {
    let text = value.as_str().ok_or_else(Fault::string_type)?;
    if text.contains('\0') { Err(Fault::nul_character()) } else { Ok(text.to_owned()) }
}

/// An integer: a whole number, a boolean as 1 or 0, or decimal text such as `" +1_000.0 "`.
///
/// An integer beyond 64 bits gives [`i64::MIN`] or [`i64::MAX`], so that the caller's bounds refuse
/// it; a field without bounds must refuse these two values itself.
///
/// # Errors
/// `int_type`, `int_parsing`, `int_from_float`, or `int_parsing_size` for a float beyond 64 bits
/// and for text of more than 4300 characters.
pub fn integer(value: &Value) -> Result<i64, Fault> {
    match value {
        Value::Bool(truth) => Ok(i64::from(*truth)),
        Value::Number(number) if is_float(number) => integer_from_float(number.as_f64().ok_or_else(Fault::not_finite)?),
        Value::Number(number) => Ok(saturate(number.as_str())),
        Value::String(text) => integer_from_text(text.trim()),
        _ => Err(Fault::int_type()),
    }
}

/// A finite number: a JSON number, a boolean as 1 or 0, or decimal text, exponent allowed.
///
/// # Errors
/// `float_type`, `float_parsing`, or `value_error` for text that means infinity, not-a-number or a
/// number beyond the range of `f64`.
pub fn float(value: &Value) -> Result<f64, Fault> {
    match value {
        Value::Bool(truth) => Ok(f64::from(u8::from(*truth))),
        Value::Number(number) => number.as_f64().filter(|number| number.is_finite()).ok_or_else(Fault::float_type),
        Value::String(text) => {
            let digits = without_underscores(text.trim()).ok_or_else(Fault::float_parsing)?;
            let number: f64 = digits.parse().map_err(|_| Fault::float_parsing())?;
            if number.is_finite() { Ok(number) } else { Err(Fault::not_finite()) }
        }
        _ => Err(Fault::float_type()),
    }
}

/// A boolean: JSON booleans, the numbers 0 and 1, and the usual words in any case without
/// surrounding space (`true`, `t`, `yes`, `y`, `on`, `1` and their opposites).
///
/// # Errors
/// `bool_parsing` for other text and other whole numbers within 64 bits, `bool_type` for everything else.
pub fn boolean(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            Some(other) if integer_from_float(other).is_ok() => Err(Fault::bool_parsing()),
            _ => Err(Fault::bool_type()),
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
            _ => Err(Fault::bool_parsing()),
        },
        _ => Err(Fault::bool_type()),
    }
}

/// A UUID in any case: dashed, 32 hexadecimal digits, `{dashed}` or `urn:uuid:dashed`.
///
/// # Errors
/// `uuid_type` unless the value is a string, otherwise `uuid_parsing` with the reason.
pub fn uuid(value: &Value) -> Result<Uuid, Fault> {
    let text = value.as_str().ok_or_else(Fault::uuid_type)?;
    Uuid::try_parse(text).map_err(|_| Fault::uuid_parsing(&uuid_reason(text)))
}

/// A timestamp: ISO-8601 text as for [`Timestamp::parse_iso`], or Unix time as a number or as
/// decimal text. Unix time counts seconds, or milliseconds when its size is above 2·10¹⁰.
///
/// # Errors
/// `datetime_type` for booleans and non-scalars, `datetime_from_date_parsing` for unreadable text,
/// `datetime_parsing` for a time outside the years 0001–9999.
pub fn timestamp(value: &Value) -> Result<Timestamp, Fault> {
    match value {
        Value::Number(number) => {
            let text = number.as_str();
            // An integer is read exactly, but for the one that has no positive counterpart.
            let read = match text.parse::<i64>() {
                Ok(integer) if integer > i64::MIN => Timestamp::parse_iso_or_unix(text),
                _ => text.parse().map_err(|_| Fault::datetime_type()).map(Timestamp::from_unix)?,
            };
            read.map_err(|error| Fault::datetime_parsing(&error.to_string()))
        }
        Value::String(text) => Timestamp::parse_iso_or_unix(text).map_err(|error| match error {
            IsoError::Syntax(reason) => Fault::datetime_from_date_parsing(reason),
            IsoError::TooEarly | IsoError::TooLate => Fault::datetime_parsing(&error.to_string()),
        }),
        _ => Err(Fault::datetime_type()),
    }
}

/// A JSON array.
///
/// # Errors
/// `list_type` for everything else.
pub fn list(value: &Value) -> Result<&Vec<Value>, Fault> {
    value.as_array().ok_or_else(Fault::list_type)
}

/// A JSON object with free-form content.
///
/// # Errors
/// `dict_type` for everything else.
pub fn object(value: &Value) -> Result<&Map<String, Value>, Fault> {
    value.as_object().ok_or_else(Fault::dict_type)
}

/// Whether a number was written with a fraction or an exponent.
fn is_float(number: &Number) -> bool {
    number.as_str().contains(['.', 'e', 'E'])
}

fn integer_from_float(number: f64) -> Result<i64, Fault> {
    /// 2^63, the first float above the 64-bit range.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if number.fract() != 0.0 {
        Err(Fault::int_from_float())
    } else if (-LIMIT..LIMIT).contains(&number) {
        Ok(number as i64)
    } else {
        Err(Fault::int_parsing_size())
    }
}

/// Reads trimmed text: sign, digits with single underscores between them, optionally `.000`.
fn integer_from_text(text: &str) -> Result<i64, Fault> {
    if text.len() > MAX_NUMBER_TEXT {
        return Err(Fault::int_parsing_size());
    }
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return Err(Fault::int_parsing()),
        None => text,
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole.strip_prefix('+').unwrap_or(whole)),
    };
    without_underscores(digits)
        .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|digits| saturate(&format!("{sign}{digits}")))
        .ok_or_else(Fault::int_parsing)
}

/// The value of an optionally negative run of digits, or the nearest 64-bit integer.
fn saturate(digits: &str) -> i64 {
    // Only the size can be wrong with it.
    digits.parse().unwrap_or(if digits.starts_with('-') { i64::MIN } else { i64::MAX })
}

/// Drops underscores between characters; `None` if one is leading, trailing or doubled.
fn without_underscores(text: &str) -> Option<String> {
    let misplaced = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!misplaced).then(|| text.replace('_', ""))
}

/// Says what is wrong with a text that is not a UUID.
fn uuid_reason(text: &str) -> String {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let braced = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    let (body, prefix) = match (braced, text.strip_prefix("urn:uuid:")) {
        (Some(body), _) => (body, 1),
        (None, Some(body)) => (body, 9),
        (None, None) => (text, 0),
    };
    if prefix > 0 && body.len() == 36 {
        // A wrapped text of the right length is judged, and counted, without its wrapping.
        return uuid_reason(body);
    }
    if let Some((index, found)) = body.char_indices().find(|(_, c)| *c != '-' && !c.is_ascii_hexdigit()) {
        let position = prefix + index + 1;
        return format!(
            "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], \
             found `{found}` at {position}"
        );
    }
    let lengths: Vec<usize> = body.split('-').map(str::len).collect();
    if lengths.len() == 1 && prefix == 0 {
        return format!("invalid length: expected length 32 for simple format, found {}", text.len());
    }
    if lengths.len() != GROUPS.len() {
        return format!("invalid group count: expected 5, found {}", lengths.len());
    }
    let wrong = lengths.iter().zip(GROUPS).enumerate().find(|(_, (found, expected))| **found != *expected);
    match wrong {
        // Known clients see the wrapping counted as part of the last group.
        Some((4, (found, expected))) => {
            let found = found + text.len() - body.len();
            format!("invalid group length in group 4: expected {expected}, found {found}")
        }
        Some((group, (found, expected))) => {
            format!("invalid group length in group {group}: expected {expected}, found {found}")
        }
        None => "invalid format".to_owned(),
    }
}

#[cfg(test)]
#[path = "scalar_tests.rs"]
mod tests;
