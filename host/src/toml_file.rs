//! Reads TOML and tells what is wrong with it without repeating its values, which may be secrets.

use anyhow::anyhow;
use serde::de::DeserializeOwned;

/// Reads a document.
///
/// # Errors
/// When it is malformed. The error says where and why, and shows names but no values.
pub fn parse<T: DeserializeOwned>(text: &str) -> anyhow::Result<T> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map(|span| place(text, span.start)).unwrap_or_default();
        anyhow!("{place}{}", without_values(error.message()))
    })
}

fn place(text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: ")
}

/// What the parser says, up to the value that it found, and what it would have taken instead.
fn without_values(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    if ["unknown field `", "missing field `", "duplicate key"].iter().any(|start| message.starts_with(start)) {
        return message.to_owned();
    }
    let problem = message.split([':', '`', '"', '\'', ',']).next().unwrap_or_default().trim_end();
    match message.rsplit_once(", expected ") {
        Some((_, expected)) => format!("{problem}, expected {expected}"),
        None => problem.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::runtime_config::RuntimeConfig;

    fn error(text: &str) -> String {
        super::parse::<RuntimeConfig>(text).expect_err("malformed").to_string()
    }

    #[test]
    fn errors_say_where_and_why_without_values() {
        for (text, expected) in [
            ("\n[outbound_pg]\nmax_connections = \"secret\"", "line 3, column 19: invalid type, expected"),
            ("[outbound_pg]\nmax_connections = -77001", "line 2, column 19: invalid value, expected"),
            ("[key_value_store.default]\ntype = \"redis\"\nurl = \"redis://:secret@h", "line 3"),
            ("[key_value_store.default]\ntype = \"redis\"\nurl = redis://:secret@h", "line 3"),
            ("[key_value_store.default]\ntype = \"secret\"", "unknown variant, expected"),
            ("[sqlite_database.default]\ntype = \"spin\"\npath = \"x\"\ntoken = \"secret\"", "unknown field `token`"),
            ("secret", "line 1"),
            ("[outbound_pg]\nmax_connections = [\"secret\", 77001]", "invalid type"),
        ] {
            let error = error(text);
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("secret") && !error.contains("77001"), "{error}");
        }
    }
}
