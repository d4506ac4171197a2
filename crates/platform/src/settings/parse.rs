//! Reads one setting at a time, collecting every field error before any rule across fields is checked.

use std::fmt;

use http::HeaderValue;

use super::Secret;

/// One setting whose text does not fit its type. Never holds the value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Environment name, upper case.
    pub name: String,
    /// What the field accepts.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

const BAD_BOOLEAN: &str = "Input should be a valid boolean, unable to interpret input";
const BAD_INTEGER: &str = "Input should be a valid integer, unable to parse string as an integer";
const BAD_NUMBER: &str = "Input should be a valid number, unable to parse string as a number";
const BAD_HEADER: &str = "Input should be a valid HTTP header value";
const TOO_LARGE: &str = "Input is too large";

/// Looks variables up by lower-case name and remembers what was wrong with them.
///
/// A reading method always returns a value, so that one pass finds every error; [`Reader::finish`] tells
/// whether the values may be used.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    errors: Vec<FieldError>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, errors: Vec::new() }
    }

    /// All field errors in the order of reading, or nothing when every field parsed.
    pub(super) fn finish(self) -> Result<(), Vec<FieldError>> {
        if self.errors.is_empty() { Ok(()) } else { Err(self.errors) }
    }

    /// Records an error of `name`, given in lower case.
    pub(super) fn fail(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError { name: name.to_ascii_uppercase(), message: message.into() });
    }

    /// The value, where an empty one counts as unset: a Spin variable cannot be absent, only empty.
    pub(super) fn raw(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str, default: &str) -> String {
        self.raw(name).unwrap_or_else(|| default.to_owned())
    }

    /// A trimmed secret; unset is the empty secret.
    pub(super) fn secret(&self, name: &str) -> Secret {
        Secret::new(self.text(name, "").trim())
    }

    pub(super) fn boolean(&mut self, name: &str, default: bool) -> bool {
        self.optional_boolean(name).unwrap_or(default)
    }

    /// `None` also after an error, which `finish` reports.
    pub(super) fn optional_boolean(&mut self, name: &str) -> Option<bool> {
        let value = self.raw(name)?;
        match value.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
            _ => {
                self.fail(name, BAD_BOOLEAN);
                None
            }
        }
    }

    /// An integer of at least `at_least` that fits `T`.
    pub(super) fn integer<T: TryFrom<i64>>(&mut self, name: &str, default: T, at_least: i64) -> T {
        let Some(value) = self.raw(name) else {
            return default;
        };
        match parse_integer(&value) {
            None => self.fail(name, BAD_INTEGER),
            Some(number) if number < at_least => {
                self.fail(name, format!("Input should be greater than or equal to {at_least}"));
            }
            Some(number) => match T::try_from(number) {
                Ok(number) => return number,
                Err(_) => self.fail(name, TOO_LARGE),
            },
        }
        default
    }

    /// A finite number.
    pub(super) fn number(&mut self, name: &str, default: f64) -> f64 {
        let Some(value) = self.raw(name) else {
            return default;
        };
        match value.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ => {
                self.fail(name, BAD_NUMBER);
                default
            }
        }
    }

    /// One of `choices`, exact and case-sensitive; `None` when unset or wrong, the latter with an error.
    pub(super) fn choice<T: Copy>(&mut self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        let value = self.raw(name)?;
        let found = choices.iter().find(|(text, _)| *text == value).map(|(_, choice)| *choice);
        if found.is_none() {
            let texts: Vec<String> = choices.iter().map(|(text, _)| format!("'{text}'")).collect();
            self.fail(name, format!("Input should be {}", texts.join(" or ")));
        }
        found
    }

    /// A response header: trimmed, blank means `default`, `off` in any case means "do not send".
    pub(super) fn header(&mut self, name: &str, default: Option<&'static str>) -> Option<HeaderValue> {
        let value = self.raw(name).unwrap_or_default();
        match value.trim() {
            "" => default.map(HeaderValue::from_static),
            off if off.eq_ignore_ascii_case("off") => None,
            text => match HeaderValue::from_str(text) {
                Ok(header) => Some(header),
                Err(_) => {
                    self.fail(name, BAD_HEADER);
                    None
                }
            },
        }
    }
}

/// Decimal text, optionally signed, surrounded by spaces, with single underscores between digits or with a
/// fraction of zeros (`10.0`).
fn parse_integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let whole = match text.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    let digits = whole.strip_prefix(['+', '-']).unwrap_or(whole);
    let groups_are_digits =
        digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()));
    if !groups_are_digits {
        return None;
    }
    whole.replace('_', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<T>(value: &str, read: impl FnOnce(&mut Reader<'_>) -> T) -> (T, Vec<String>) {
        let lookup = |_: &str| Some(value.to_owned());
        let mut reader = Reader::new(&lookup);
        let read_value = read(&mut reader);
        let errors = reader.finish().err().unwrap_or_default();
        (read_value, errors.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn integers_accept_what_the_reference_accepts() {
        for (text, expected) in [
            ("10", Some(10)),
            ("10.0", Some(10)),
            (" 7 ", Some(7)),
            ("+5", Some(5)),
            ("-5", Some(-5)),
            ("1_000", Some(1000)),
            ("1__0", None),
            ("_1", None),
            ("1e3", None),
            ("10.5", None),
            ("10.", None),
            ("+-5", None),
            ("", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(parse_integer(text), expected, "{text:?}");
        }
    }

    #[test]
    fn integer_errors_name_the_bound() {
        assert_eq!(with("-1", |r| r.integer("x", 3_u32, 0)).1, ["X: Input should be greater than or equal to 0"]);
        assert_eq!(with("5000000000", |r| r.integer("x", 3_u32, 0)).1, ["X: Input is too large"]);
        assert_eq!(with("a", |r| r.integer("x", 3_u32, 0)), (3, vec![format!("X: {BAD_INTEGER}")]));
        assert_eq!(with("", |r| r.integer("x", 3_u32, 0)), (3, vec![]));
    }

    #[test]
    fn booleans_ignore_case_but_not_space() {
        for text in ["1", "TRUE", "t", "Yes", "y", "ON"] {
            assert_eq!(with(text, |r| r.boolean("x", false)), (true, vec![]), "{text}");
        }
        for text in ["0", "False", "f", "no", "N", "off"] {
            assert_eq!(with(text, |r| r.boolean("x", true)), (false, vec![]), "{text}");
        }
        assert_eq!(with(" true", |r| r.boolean("x", false)).1, [format!("X: {BAD_BOOLEAN}")]);
    }

    #[test]
    fn numbers_are_decimal_and_finite() {
        assert_eq!(with("1.5e1", |r| r.number("x", 0.0)), (15.0, vec![]));
        for text in ["nan", "inf", "abc", "1,5"] {
            assert_eq!(with(text, |r| r.number("x", 2.0)), (2.0, vec![format!("X: {BAD_NUMBER}")]));
        }
    }

    #[test]
    fn header_values_are_trimmed_switched_off_or_refused() {
        let read = |text: &str| with(text, |r| r.header("x", Some("DENY")));
        assert_eq!(read("").0.unwrap(), "DENY");
        assert_eq!(read("  ").0.unwrap(), "DENY");
        assert_eq!(read(" SAMEORIGIN ").0.unwrap(), "SAMEORIGIN");
        assert_eq!(read("Off").0, None);
        assert_eq!(read("a\nb").1, [format!("X: {BAD_HEADER}")]);
    }
}
