//! Validation faults with their place in the request: the entries of a 422 (platform specification §11.3).

use serde::Serialize;
use serde_json::{Map, Value};

use super::Fault;

/// Longest text, in characters, that an entry repeats from the request.
const ECHO_LIMIT: usize = 2_000;

/// Members whose values are never repeated to a client or a log.
const SECRET_MEMBERS: &[&str] = &["token", "secret", "password", "authorization", "gateway_token"];

/// Where a value stands in a request: a chain of names and indexes that ends at `body`, `query` or `path`.
#[derive(Debug)]
pub struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    step: Step,
}

#[derive(Debug, Clone)]
enum Step {
    Name(String),
    Index(usize),
}

impl<'a> Place<'a> {
    /// The start of a chain: `body`, `query`, `path`.
    #[must_use]
    pub fn root(name: &str) -> Self {
        Self { parent: None, step: Step::Name(name.to_owned()) }
    }

    /// A member below this place.
    #[must_use]
    pub fn member(&'a self, name: &str) -> Self {
        Self { parent: Some(self), step: Step::Name(name.to_owned()) }
    }

    /// A list item below this place.
    #[must_use]
    pub fn index(&'a self, index: usize) -> Self {
        Self { parent: Some(self), step: Step::Index(index) }
    }

    fn to_loc(&self) -> Vec<Value> {
        let mut loc = self.parent.map(Place::to_loc).unwrap_or_default();
        loc.push(match &self.step {
            Step::Name(name) => Value::from(name.as_str()),
            Step::Index(index) => Value::from(*index),
        });
        loc
    }

    fn is_secret(&self) -> bool {
        matches!(&self.step, Step::Name(name) if SECRET_MEMBERS.contains(&name.as_str()))
    }
}

/// One entry of a 422 answer.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// The kind, as generated clients know it.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The place, from the outside in.
    pub loc: Vec<Value>,
    /// The text for people.
    pub msg: String,
    /// What was sent, shortened and with secrets masked.
    pub input: Value,
    /// The bounds or reason behind the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Map<String, Value>>,
}

/// All faults found so far in one request.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Records a fault of `input` at `place`.
    pub fn add(&mut self, place: &Place<'_>, fault: Fault, input: &Value) {
        let input = if place.is_secret() { masked() } else { echo(input) };
        self.0.push(FieldError { kind: fault.kind, loc: place.to_loc(), msg: fault.msg, input, ctx: fault.ctx });
    }

    /// Records a fault with a ready-made place, such as the offset of malformed JSON.
    pub fn add_at(&mut self, loc: Vec<Value>, fault: Fault, input: Value) {
        self.0.push(FieldError { kind: fault.kind, loc, msg: fault.msg, input, ctx: fault.ctx });
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many faults there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The entries, in the order they were found.
    #[must_use]
    pub fn into_entries(self) -> Vec<FieldError> {
        self.0
    }
}

fn masked() -> Value {
    Value::from("***")
}

/// The input as it may be repeated: secrets masked, long texts cut.
fn echo(input: &Value) -> Value {
    match input {
        Value::String(text) => match text.char_indices().nth(ECHO_LIMIT) {
            Some((end, _)) => Value::from(format!("{}...", text.get(..end).unwrap_or_default())),
            None => input.clone(),
        },
        Value::Array(items) => items.iter().take(100).map(echo).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let secret = SECRET_MEMBERS.contains(&name.as_str()) && !value.is_null();
                (name.clone(), if secret { masked() } else { echo(value) })
            })
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_entry_has_its_place_and_masks_secrets() {
        let mut faults = Faults::default();
        let body = Place::root("body");
        faults.add(&body.member("items").index(2).member("id"), Fault::missing(), &json!({"token": "hunter2", "a": 1}));
        let entry = serde_json::to_value(faults.into_entries().remove(0)).unwrap();
        assert_eq!(entry["loc"], json!(["body", "items", 2, "id"]));
        assert_eq!(entry["input"], json!({"token": "***", "a": 1}));
    }
}
