//! JSON texts from outside, and JSON for readers that want plain ASCII.
//!
//! Clients know the parser messages and offsets of Python's `json` module. A text that is in order
//! takes the fast way through `serde_json`; only a refused text is looked at again to find out
//! where that parser would have stopped.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde_json::{Number, Value};

use self::scan::diagnose;

#[path = "json_scan.rs"]
mod scan;

/// Most digits an integer may have.
const MAX_INTEGER_DIGITS: usize = 4_300;

/// Why a request body is not usable JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// The text breaks the JSON grammar.
    Invalid {
        /// Where, in characters from 0, not counting a byte-order mark.
        offset: usize,
        /// What the parser expected.
        message: &'static str,
    },
    /// The body is not text, or it is JSON that cannot be represented: nested too deeply, an
    /// integer of more than 4300 digits, a number that is not finite, or half a surrogate pair.
    Unreadable,
}

/// Reads a request body in UTF-8, UTF-16 or UTF-32, with or without a byte-order mark.
///
/// Of duplicate keys the last one wins. Floats come back in their shortest form and `-0` as `0`,
/// so what is echoed or stored does not depend on how the client wrote it.
///
/// # Errors
/// See [`BodyError`]. An empty body is `Expecting value` at 0.
pub fn parse(bytes: &[u8]) -> Result<Value, BodyError> {
    let text = decode(bytes).ok_or(BodyError::Unreadable)?;
    parse_text(&text)
}

/// Reads a text as JSON, replacing what a database cannot store: NUL and lone halves of surrogate
/// pairs, both written as escapes, become U+FFFD. `None` for everything [`parse`] refuses.
pub fn parse_lenient(text: &str) -> Option<Value> {
    parse_text(&replace_escapes(text)).ok()
}

fn parse_text(text: &str) -> Result<Value, BodyError> {
    match serde_json::from_str(text) {
        // The recursion limit of the parser bounds the recursion of the walk.
        Ok(mut value) => normalise(&mut value).map(|()| value).ok_or(BodyError::Unreadable),
        Err(_) => Err(diagnose(text)),
    }
}

/// Brings all numbers into a common form; `None` if one cannot be represented.
fn normalise(value: &mut Value) -> Option<()> {
    match value {
        Value::Number(number) => {
            let text = number.as_str();
            if text.contains(['.', 'e', 'E']) {
                // A number that is too large reads as infinity, which is no JSON number.
                *number = Number::from_f64(text.parse().ok()?)?;
            } else if text == "-0" {
                *number = 0.into();
            } else if text.trim_start_matches('-').len() > MAX_INTEGER_DIGITS {
                return None;
            }
            Some(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(normalise),
        Value::Object(members) => members.values_mut().try_for_each(normalise),
        Value::Null | Value::Bool(_) | Value::String(_) => Some(()),
    }
}

/// Decodes a body, recognising the encoding by a byte-order mark or, since JSON starts with an
/// ASCII character, by where the zero bytes are.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xFF, 0xFE, 0, 0, rest @ ..] => utf32(rest, u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, rest @ ..] => utf32(rest, u32::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        [0, 0, _, _, ..] => utf32(bytes, u32::from_be_bytes),
        [0, _, _, _, ..] | [0, _] => utf16(bytes, u16::from_be_bytes),
        [_, 0, 0, 0, ..] => utf32(bytes, u32::from_le_bytes),
        [_, 0, _, _, ..] | [_, 0] => utf16(bytes, u16::from_le_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(bytes).ok().map(Cow::Borrowed)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<Cow<'_, str>> {
    let (units, []) = bytes.as_chunks() else { return None };
    let text: Result<String, _> = char::decode_utf16(units.iter().map(|bytes| unit(*bytes))).collect();
    text.ok().map(Cow::Owned)
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Option<Cow<'_, str>> {
    let (units, []) = bytes.as_chunks() else { return None };
    let text: Option<String> = units.iter().map(|bytes| char::from_u32(unit(*bytes))).collect();
    text.map(Cow::Owned)
}

/// Replaces the escapes of NUL and of lone surrogate halves by one of U+FFFD. A backslash outside
/// a string is wrong anyway, so strings need not be told from the rest.
fn replace_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut fixed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        fixed.push_str(before);
        let width = match (unit_escape(escape), escape.get(6..).and_then(unit_escape)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0 | 0xD800..=0xDFFF), _) => 0,
            (Some(_), _) => 6,
            // Another escape: its second character may be a backslash and starts no escape.
            (None, _) => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        if width == 0 {
            fixed.push_str("\\ufffd");
            rest = escape.get(6..).unwrap_or_default();
        } else {
            let (kept, after) = escape.split_at_checked(width).unwrap_or((escape, ""));
            fixed.push_str(kept);
            rest = after;
        }
    }
    fixed.push_str(rest);
    Cow::Owned(fixed)
}

/// The UTF-16 unit of a `\uXXXX` at the start of the text.
fn unit_escape(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if hexadecimal { u16::from_str_radix(digits, 16).ok() } else { None }
}

/// Writes JSON as Python's `json.dumps` does by default: only ASCII, everything else as `\uXXXX`.
///
/// Without an indent everything is on one line with `, ` and `: ` between the parts; with one, every
/// member has its own line, indented by that many spaces per level.
pub fn to_ascii_json(value: &Value, indent: Option<usize>) -> String {
    ascii_json_start(value, indent, usize::MAX).0
}

/// As [`to_ascii_json`], but no more than the first `max_chars` characters, and whether that is all of it. A small value
/// may be long as text; the rest is never written.
pub fn ascii_json_start(value: &Value, indent: Option<usize>, max_chars: usize) -> (String, bool) {
    let mut writer = Writer { text: String::new(), left: max_chars, indent };
    let whole = writer.value(value, 0).is_ok();
    (writer.text, whole)
}

/// Writes ASCII text until there is no room left, which is its only error.
struct Writer {
    text: String,
    /// Characters that there is room for.
    left: usize,
    indent: Option<usize>,
}

impl fmt::Write for Writer {
    fn write_str(&mut self, ascii: &str) -> fmt::Result {
        let fitting = ascii.get(..self.left).unwrap_or(ascii);
        self.text.push_str(fitting);
        self.left -= fitting.len();
        if fitting.len() == ascii.len() { Ok(()) } else { Err(fmt::Error) }
    }
}

impl Writer {
    fn value(&mut self, value: &Value, depth: usize) -> fmt::Result {
        match value {
            Value::Null => self.write_str("null"),
            Value::Bool(truth) => self.write_str(if *truth { "true" } else { "false" }),
            Value::Number(number) => self.number(number),
            Value::String(text) => self.string(text),
            Value::Array(items) => self.members(('[', ']'), items, depth, |writer, item| writer.value(item, depth + 1)),
            Value::Object(members) => self.members(('{', '}'), members, depth, |writer, (key, item)| {
                writer.string(key)?;
                writer.write_str(": ")?;
                writer.value(item, depth + 1)
            }),
        }
    }

    fn members<T>(
        &mut self,
        (open, close): (char, char),
        items: impl IntoIterator<Item = T>,
        depth: usize,
        mut write: impl FnMut(&mut Self, T) -> fmt::Result,
    ) -> fmt::Result {
        self.write_char(open)?;
        let mut empty = true;
        for item in items {
            if !empty {
                self.write_str(if self.indent.is_some() { "," } else { ", " })?;
            }
            self.line(depth + 1)?;
            write(self, item)?;
            empty = false;
        }
        if !empty {
            self.line(depth)?;
        }
        self.write_char(close)
    }

    /// Begins a line where there are lines.
    fn line(&mut self, depth: usize) -> fmt::Result {
        match self.indent {
            Some(width) => write!(self, "\n{:1$}", "", width * depth),
            None => Ok(()),
        }
    }

    fn string(&mut self, text: &str) -> fmt::Result {
        self.write_char('"')?;
        for letter in text.chars() {
            match letter {
                '"' => self.write_str("\\\"")?,
                '\\' => self.write_str("\\\\")?,
                '\n' => self.write_str("\\n")?,
                '\r' => self.write_str("\\r")?,
                '\t' => self.write_str("\\t")?,
                '\u{8}' => self.write_str("\\b")?,
                '\u{c}' => self.write_str("\\f")?,
                ' '..='~' => self.write_char(letter)?,
                _ => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        write!(self, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        self.write_char('"')
    }

    /// Integers as they are; floats in their shortest form, where Python differs only in the exponent.
    fn number(&mut self, number: &Number) -> fmt::Result {
        let float = if number.as_str().contains(['.', 'e', 'E']) { number.as_f64() } else { None };
        let shortest = float.and_then(Number::from_f64);
        let text = shortest.as_ref().unwrap_or(number).as_str();
        let (sign, size) = text.strip_prefix('-').map_or(("", text), |size| ("-", size));
        let exponent_form =
            size.split_once('e').and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?)));
        if let Some((digits, exponent)) = exponent_form {
            let direction = if exponent < 0 { '-' } else { '+' };
            write!(self, "{sign}{digits}e{direction}{:02}", exponent.unsigned_abs())
        } else if let Some((first, rest)) = size.strip_prefix("0.0000").and_then(|digits| digits.split_at_checked(1)) {
            // The one size that only Python writes with an exponent.
            let point = if rest.is_empty() { "" } else { "." };
            write!(self, "{sign}{first}{point}{rest}e-05")
        } else {
            self.write_str(text)
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
