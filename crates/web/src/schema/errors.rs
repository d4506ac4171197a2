//! Validation faults with their place in the request: the entries of a 422 (platform specification §11.3).

use serde::Serialize;
use serde_json::{Map, Value};

use super::Fault;

/// Faults of one request that are told. Reading stops there: whoever sent more has enough to mend.
const MOST_FAULTS: usize = 100;

/// Longest text, in characters, that an entry repeats from the request.
const ECHO_LIMIT: usize = 2_000;

/// How much of the request an entry repeats at the most: its values and the characters of its texts and names.
const ECHO_BUDGET: usize = 4_000;

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

/// The faults found so far in one request, of which the first hundred are kept.
#[derive(Debug, Default)]
pub struct Faults {
    entries: Vec<FieldError>,
    found: usize,
}

impl Faults {
    /// Records a fault of `input` at `place`.
    pub fn add(&mut self, place: &Place<'_>, fault: Fault, input: &Value) {
        self.record(place, fault, |echo| echo.value(input));
    }

    /// As [`Faults::add`], of an object.
    pub fn add_of_object(&mut self, place: &Place<'_>, fault: Fault, input: &Map<String, Value>) {
        self.record(place, fault, |echo| echo.object(input));
    }

    fn record(&mut self, place: &Place<'_>, fault: Fault, repeat: impl FnOnce(&mut Echo) -> Value) {
        self.found += 1;
        if self.is_full() {
            return;
        }
        let input = if place.is_secret() { masked() } else { repeat(&mut Echo { left: ECHO_BUDGET }) };
        self.entries.push(FieldError { kind: fault.kind, loc: place.to_loc(), msg: fault.msg, input, ctx: fault.ctx });
    }

    /// Records a fault with a ready-made place, such as the offset of malformed JSON.
    pub fn add_at(&mut self, loc: Vec<Value>, fault: Fault, input: Value) {
        self.found += 1;
        if !self.is_full() {
            self.entries.push(FieldError { kind: fault.kind, loc, msg: fault.msg, input, ctx: fault.ctx });
        }
    }

    /// Records the faults that were found on another way of reading.
    pub fn append(&mut self, others: Self) {
        self.found += others.found;
        let free = MOST_FAULTS.saturating_sub(self.entries.len());
        self.entries.extend(others.entries.into_iter().take(free));
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found == 0
    }

    /// Whether no more faults are kept, so that it makes no sense to look for them.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.entries.len() >= MOST_FAULTS
    }

    /// How many faults were found, kept or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found
    }

    /// The entries, in the order they were found.
    #[must_use]
    pub fn into_entries(self) -> Vec<FieldError> {
        self.entries
    }
}

fn masked() -> Value {
    Value::from("***")
}

/// Repeats an input as far as it may be repeated: secrets masked, long texts cut, and all of it within a budget.
struct Echo {
    left: usize,
}

impl Echo {
    fn value(&mut self, input: &Value) -> Value {
        self.left = self.left.saturating_sub(1);
        match input {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => self.list(items),
            Value::Object(members) => self.object(members),
            Value::Number(number) => {
                self.left = self.left.saturating_sub(number.as_str().len());
                input.clone()
            }
            Value::Null | Value::Bool(_) => input.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        let longest = ECHO_LIMIT.min(self.left);
        let end = text.char_indices().nth(longest).map(|(end, _)| end);
        let kept = end.and_then(|end| text.get(..end)).unwrap_or(text);
        self.left = self.left.saturating_sub(kept.len());
        if end.is_some() { format!("{kept}...") } else { kept.to_owned() }
    }

    fn list(&mut self, items: &[Value]) -> Value {
        let mut repeated = Vec::new();
        for item in items {
            if self.left == 0 {
                break;
            }
            repeated.push(self.value(item));
        }
        repeated.into()
    }

    fn object(&mut self, members: &Map<String, Value>) -> Value {
        let mut repeated = Map::new();
        for (name, value) in members {
            if self.left == 0 {
                break;
            }
            let secret = SECRET_MEMBERS.contains(&name.as_str()) && !value.is_null();
            let name = self.text(name);
            repeated.insert(name, if secret { masked() } else { self.value(value) });
        }
        repeated.into()
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

    #[test]
    fn a_hundred_faults_are_kept_and_the_others_counted() {
        let mut faults = Faults::default();
        for index in 0..250 {
            faults.add(&Place::root("body").index(index), Fault::missing(), &Value::Null);
        }
        assert!(faults.is_full() && !faults.is_empty());
        assert_eq!((faults.len(), faults.into_entries().len()), (250, 100));
    }

    #[test]
    fn a_large_input_is_repeated_by_its_start() {
        let wide: Map<String, Value> = (0..100_000).map(|number| (number.to_string(), json!(["x", 1]))).collect();
        let deep = json!([[["x".repeat(3_000), vec!["y"; 50_000]], "z".repeat(3_000)]]);
        for input in [Value::Object(wide), deep, json!(vec![0; 500_000]), json!("x".repeat(3_000))] {
            let mut faults = Faults::default();
            faults.add(&Place::root("body"), Fault::missing(), &input);
            let input = faults.into_entries().remove(0).input.to_string();
            assert!(input.len() < 4 * ECHO_BUDGET, "{}", input.len());
        }
    }
}
