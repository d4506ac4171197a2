//! Text of people and other systems inside messages to agents.

use serde_json::Value;

use mission_control_web::schema::json::ascii_json_start;

/// Longest quotation in a message, in characters.
const SNIPPET: usize = 800;

/// A text on one line: whatever breaks lines becomes a space, so that a name cannot add lines of its own to a message.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.chars().map(|letter| if breaks_line(letter) { ' ' } else { letter }).collect()
}

fn breaks_line(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}')
}

/// A trimmed text, cut to 800 characters when it is longer.
#[must_use]
pub fn snippet(text: &str) -> String {
    snippet_of(text, SNIPPET)
}

/// A trimmed text, cut to `longest` characters with `...` at the end when it is longer.
#[must_use]
pub fn snippet_of(text: &str, longest: usize) -> String {
    let trimmed = text.trim();
    shortened(trimmed, longest).unwrap_or_else(|| trimmed.to_owned())
}

/// The start of a text with more than `max_chars` characters, `...` included where it fits; `None` if the text is not
/// longer than that.
#[must_use]
pub fn shortened(text: &str, max_chars: usize) -> Option<String> {
    text.char_indices().nth(max_chars)?;
    Some(cut(text, max_chars))
}

fn cut(text: &str, max_chars: usize) -> String {
    let (kept, mark) = if max_chars <= 3 { (max_chars, "") } else { (max_chars - 3, "...") };
    text.chars().take(kept).chain(mark.chars()).collect()
}

/// As [`snippet`], of a value as JSON on one line.
#[must_use]
pub fn json_snippet(value: &Value) -> String {
    start_of(value, None, SNIPPET).0
}

/// A value as text of at most `max_chars` characters, `...` included, and whether that is all of it: text as it is,
/// everything else as JSON. No more of it is written than is shown.
#[must_use]
pub fn start_of(value: &Value, indent: Option<usize>, max_chars: usize) -> (String, bool) {
    if let Value::String(text) = value {
        return shortened(text, max_chars).map_or_else(|| (text.clone(), true), |start| (start, false));
    }
    match ascii_json_start(value, indent, max_chars) {
        (text, true) => (text, true),
        (text, false) => (cut(&text, max_chars), false),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_cannot_add_lines() {
        assert_eq!(one_line("a\r\nBoard ID: x\u{2028}\u{85}é"), "a  Board ID: x  é");
    }

    #[test]
    fn a_snippet_is_counted_in_characters() {
        assert_eq!(snippet(&format!(" {} ", "é".repeat(800))), "é".repeat(800));
        assert_eq!(snippet(&"é".repeat(801)), format!("{}...", "é".repeat(797)));
    }

    #[test]
    fn a_text_is_shortened_by_characters_and_only_when_too_long() {
        assert_eq!(shortened("äöüß", 4), None);
        assert_eq!(shortened("äöüßé", 4).unwrap(), "ä...");
        assert_eq!(shortened("äöüß", 3).unwrap(), "äöü");
        assert_eq!(shortened("a", 0).unwrap(), "");
        assert_eq!(shortened("", 0), None);
    }

    #[test]
    fn a_value_is_shown_by_its_start() {
        let value = json!({"a": ["ü", 1]});
        let text = "{\"a\": [\"\\u00fc\", 1]}";
        assert_eq!(start_of(&value, None, text.len()), (text.to_owned(), true));
        assert_eq!(start_of(&value, None, text.len() - 1), (format!("{}...", &text[..text.len() - 4]), false));
        assert_eq!(start_of(&value, Some(2), 9), ("{\n  \"a...".to_owned(), false));
        assert_eq!(start_of(&json!("äöüß"), None, 4), ("äöüß".to_owned(), true));
        assert_eq!(start_of(&json!("äöüßé"), None, 4), ("ä...".to_owned(), false));
        assert_eq!(json_snippet(&json!(vec![0; 1000])).len(), 800);
    }
}
