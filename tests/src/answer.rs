//! What the server answered, and what a test says about it.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A whole response.
#[derive(Debug)]
pub struct Answer {
    /// The method and path of the request, for messages.
    pub request: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// The body as JSON; null when it is not JSON.
    pub json: Value,
}

impl Answer {
    /// The body, when the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        self.check(status);
        self.json
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn check(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{} answered {}: {}", self.request, self.status, self.text);
        self
    }

    /// The member `detail` of a refusal.
    #[track_caller]
    pub fn detail(&self) -> &Value {
        self.json.get("detail").unwrap_or_else(|| panic!("{} has no detail: {}", self.request, self.text))
    }

    /// Fails unless this is a refusal in the envelope of all refusals, with this status and this text.
    #[track_caller]
    pub fn refuses(&self, status: u16, detail: &str) {
        self.check(status);
        assert_eq!(self.detail(), detail, "{}", self.request);
        assert_eq!(self.json.get("request_id").and_then(Value::as_str), self.header("x-request-id"), "{}", self.text);
    }

    /// Like [`Self::refuses`], with the standard phrase of the status.
    #[track_caller]
    pub fn refused(&self, status: u16) {
        let phrase = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        self.refuses(status, phrase.expect("a standard status"));
    }

    /// Fails unless this is a 422 whose list has an entry of this type at this place, such as `body.tags.0.name`.
    /// Gives the entry.
    #[track_caller]
    pub fn field_error(&self, place: &str, kind: &str) -> &Value {
        self.check(422);
        let entries = self.detail().as_array();
        let found =
            entries.and_then(|entries| entries.iter().find(|entry| is_at(entry, place) && entry["type"] == kind));
        found.unwrap_or_else(|| panic!("{}: no {kind} at {place}: {}", self.request, self.text))
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

fn is_at(entry: &Value, place: &str) -> bool {
    let parts = entry["loc"].as_array().into_iter().flatten();
    let parts: Vec<String> = parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect();
    parts.join(".") == place
}
