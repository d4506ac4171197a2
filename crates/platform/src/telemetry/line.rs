//! The two forms of a log line. Writing into a `String` cannot fail, so its results are dropped.

use std::fmt::Write as _;
use std::panic::Location;

use jiff::Timestamp;

use super::{Field, FieldValue, Level};

const APP: &str = "mission-control";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One line before it is formatted.
pub(super) struct Record<'a> {
    pub(super) time: Timestamp,
    pub(super) level: Level,
    pub(super) logger: &'a str,
    pub(super) message: &'a str,
    pub(super) place: &'a Location<'a>,
    pub(super) fields: &'a [Field<'a>],
}

impl Record<'_> {
    /// One JSON object, with the line end.
    pub(super) fn json(&self) -> String {
        let mut line = String::with_capacity(256);
        let time = self.time.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00");
        let _ = write!(line, r#"{{"timestamp":"{time}","level":"{}","logger":"#, self.level.name());
        push_quoted(&mut line, self.logger);
        line.push_str(r#","message":"#);
        push_quoted(&mut line, self.message);
        let (module, number) = (module_name(self.place.file()), self.place.line());
        let _ = write!(line, r#","app":"{APP}","version":"{VERSION}","module":"{module}","line":{number}"#);
        for (name, value) in self.fields {
            line.push(',');
            push_quoted(&mut line, name);
            line.push(':');
            match value {
                FieldValue::Text(text) => push_quoted(&mut line, text),
                FieldValue::Shown(shown) => push_quoted(&mut line, &shown.to_string()),
                FieldValue::Float(number) if !number.is_finite() => push_quoted(&mut line, &number.to_string()),
                number => push_plain(&mut line, number),
            }
        }
        line.push_str("}\n");
        line
    }

    /// Words and `key=value` pairs, with the line end.
    pub(super) fn text(&self) -> String {
        let mut line = String::with_capacity(256);
        let time = self.time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ");
        let _ = write!(line, "{time} {} {} ", self.level.name(), self.logger);
        self.message.chars().for_each(|c| push_escaped(&mut line, c));
        let _ = write!(line, " app={APP} version={VERSION}");
        for (name, value) in self.fields {
            let _ = write!(line, " {name}=");
            match value {
                FieldValue::Text(text) => push_value(&mut line, text),
                FieldValue::Shown(shown) => push_value(&mut line, &shown.to_string()),
                number => push_plain(&mut line, number),
            }
        }
        line.push('\n');
        line
    }
}

/// Name of a source file's module, without its folders: they are those of the build machine.
fn module_name(file: &str) -> &str {
    let mut parts = file.trim_end_matches(".rs").rsplit(['/', '\\']);
    match parts.next() {
        Some("mod" | "lib") => parts.next().unwrap_or_default(),
        name => name.unwrap_or_default(),
    }
}

/// Writes a value whose text needs no escape.
fn push_plain(line: &mut String, value: &FieldValue<'_>) {
    let _ = match value {
        FieldValue::Int(number) => write!(line, "{number}"),
        FieldValue::Float(number) => write!(line, "{number}"),
        FieldValue::Bool(flag) => write!(line, "{flag}"),
        FieldValue::Text(text) => line.write_str(text),
        FieldValue::Shown(shown) => write!(line, "{shown}"),
    };
}

/// A text value: bare if it reads as one word, else quoted, so that no value can look like another field.
fn push_value(line: &mut String, text: &str) {
    let is_word = |c: char| !(c.is_whitespace() || needs_escape(c) || matches!(c, '"' | '\\' | '='));
    if !text.is_empty() && text.chars().all(is_word) { line.push_str(text) } else { push_quoted(line, text) }
}

/// A JSON string.
fn push_quoted(line: &mut String, text: &str) {
    line.push('"');
    for c in text.chars() {
        match c {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            other => push_escaped(line, other),
        }
    }
    line.push('"');
}

fn push_escaped(line: &mut String, c: char) {
    if needs_escape(c) {
        let _ = write!(line, "\\u{:04x}", u32::from(c));
    } else {
        line.push(c);
    }
}

/// Control characters and the two Unicode line ends: they could start a forged line.
fn needs_escape(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(message: &'a str, fields: &'a [Field<'a>]) -> Record<'a> {
        let time = "2026-01-02T03:04:05.1Z".parse().unwrap();
        Record { time, level: Level::Info, logger: "test", message, place: Location::caller(), fields }
    }

    #[test]
    fn json_lines_parse_and_keep_types() {
        let shown = "a \"quoted\\\"\n\u{2028}\u{7f}é";
        let fields: [Field<'_>; 6] = [
            ("text", shown.into()),
            ("count", 3_u64.into()),
            ("ratio", 0.5.into()),
            ("bad", f64::NAN.into()),
            ("ok", true.into()),
            ("shown", FieldValue::Shown(&shown)),
        ];
        let line = record("started\nforged", &fields).json();
        assert_eq!(line.matches('\n').count(), 1);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        let expected = serde_json::json!({
            "timestamp": "2026-01-02T03:04:05.100000+00:00",
            "level": "INFO",
            "logger": "test",
            "message": "started\nforged",
            "app": "mission-control",
            "version": VERSION,
            "module": "line",
            "line": value["line"],
            "text": shown,
            "count": 3,
            "ratio": 0.5,
            "bad": "NaN",
            "ok": true,
            "shown": shown,
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn text_lines_cannot_be_forged() {
        let fields: [Field<'_>; 4] = [
            ("path", "/a\n2026 CRITICAL x".into()),
            ("method", "GET".into()),
            ("note", "a=b".into()),
            ("empty", "".into()),
        ];
        let expected = format!(
            "2026-01-02T03:04:05.100000Z INFO test hello\\u000dworld app=mission-control version={VERSION} \
             path=\"/a\\u000a2026 CRITICAL x\" method=GET note=\"a=b\" empty=\"\"\n"
        );
        assert_eq!(record("hello\rworld", &fields).text(), expected);
    }

    #[test]
    fn modules_are_named_without_folders() {
        assert_eq!(module_name("components/core/src/limits.rs"), "limits");
        assert_eq!(module_name("/build/core/src/settings/mod.rs"), "settings");
    }
}
