//! The texts that describe an agent, in the one form that is stored and shown.

use serde_json::{Map, Value, json};

use mission_control_web::schema::{Components, Faults, Field, Object, Place, Schema};

/// An identity profile: trimmed keys with trimmed, non-blank texts; none left is none at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IdentityProfile(pub Option<Map<String, Value>>);

impl IdentityProfile {
    /// The profile that a JSON value stands for. Lists become one text, other values their text; null and blank ones are
    /// dropped; anything but an object is no profile.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let Some(members) = value.as_object() else { return Self(None) };
        let kept: Map<String, Value> = members
            .iter()
            .filter_map(|(key, value)| {
                let (key, text) = (key.trim(), text_of(value));
                (!key.is_empty() && !text.is_empty()).then(|| (key.to_owned(), text.into()))
            })
            .collect();
        Self((!kept.is_empty()).then_some(kept))
    }

    /// This profile over another one: what it does not say stays.
    #[must_use]
    pub fn over(self, mut base: Map<String, Value>) -> Map<String, Value> {
        base.extend(self.0.unwrap_or_default());
        base
    }
}

/// A profile's value as one trimmed text; empty for what says nothing.
fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        // As the reference spells them.
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(items) => items.iter().map(text_of).filter(|item| !item.is_empty()).collect::<Vec<_>>().join(", "),
        Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

impl Schema for IdentityProfile {
    fn schema(components: &mut Components) -> Value {
        Option::<Object>::schema(components)
    }
}

impl Field for IdentityProfile {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        // Only what no database could store is a fault.
        Value::read(input, place, faults).map(|value| Self::of(&value))
    }
}

/// The profile of an agent that serves in a role.
#[must_use]
pub fn of_role(role: &str, emoji: &str) -> Map<String, Value> {
    [("role", role), ("communication_style", "direct, concise, practical"), ("emoji", emoji)]
        .into_iter()
        .map(|(key, text)| (key.to_owned(), json!(text)))
        .collect()
}

/// The text, trimmed; none if nothing is left.
#[must_use]
pub fn not_blank(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(value: Value) -> Value {
        IdentityProfile::of(&value).0.map_or(Value::Null, Value::Object)
    }

    #[test]
    fn values_become_trimmed_texts() {
        let given = json!({" role ": " Tester ", "n": 3, "list": [" a ", "", null, 2], "flag": true, "in": {"a": 1}});
        let stored = json!({"role": "Tester", "n": "3", "list": "a, 2", "flag": "True", "in": "{\"a\":1}"});
        assert_eq!(profile(given), stored);
    }

    #[test]
    fn what_says_nothing_is_dropped() {
        assert_eq!(profile(json!({"a": null, "b": " ", " ": "x", "c": []})), Value::Null);
        for value in [json!({}), json!(null), json!("text"), json!([1])] {
            assert_eq!(profile(value), Value::Null);
        }
    }

    #[test]
    fn a_profile_replaces_only_what_it_says() {
        let profile = IdentityProfile::of(&json!({"emoji": ":owl:", "verbosity": "concise"}));
        let whole = profile.over(of_role("Board Lead", ":gear:"));
        assert_eq!(
            Value::Object(whole),
            json!({"role": "Board Lead", "communication_style": "direct, concise, practical", "emoji": ":owl:", "verbosity": "concise"})
        );
    }

    #[test]
    fn blank_texts_are_none() {
        assert_eq!(not_blank(Some(" a ".to_owned())), Some("a".to_owned()));
        assert_eq!(not_blank(Some(" ".to_owned())), None);
    }
}
