//! What the provider says about a person, in the claims of a token or in a profile: e-mail address and name.

use serde_json::{Map, Value};

/// Longest e-mail address that is taken over, in bytes (RFC 5321): it is stored in an index.
const MAX_EMAIL_BYTES: usize = 320;

/// Longest name that is taken over, in characters; the rest is cut off.
const MAX_NAME_CHARS: usize = 500;

/// What is known of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Person {
    /// The address, if any.
    pub email: Option<Email>,
    /// The name, if any.
    pub name: Option<String>,
}

/// An e-mail address, trimmed and in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email {
    /// The address.
    pub address: String,
    /// Whether the provider vouches that it is the person's.
    pub is_verified: bool,
}

impl Person {
    /// Reads the claims of a token.
    pub(crate) fn of_claims(claims: &Map<String, Value>) -> Self {
        let full = first_text(claims, &["name", "full_name"]);
        let parts =
            || [first_text(claims, &["given_name", "first_name"]), first_text(claims, &["family_name", "last_name"])];
        Self {
            email: email(claims, &["email", "email_address", "primary_email_address"]),
            name: full.map(str::to_owned).or_else(|| joined(parts())).map(bounded),
        }
    }

    /// Reads a profile.
    pub(crate) fn of_profile(profile: &Map<String, Value>) -> Self {
        let given = first_text(profile, &["full_name", "name", "first_name", "username"]);
        let parts = || [first_text(profile, &["first_name"]), first_text(profile, &["last_name"])];
        Self {
            email: email(profile, &["email_address"]),
            name: given.map(str::to_owned).or_else(|| joined(parts())).map(bounded),
        }
    }

    /// This and, where it says nothing, the other. A verified address beats one that is not.
    #[must_use]
    pub(crate) fn or(self, other: Self) -> Self {
        let email = match (self.email, other.email) {
            (Some(own), Some(others)) if others.is_verified && !own.is_verified => Some(others),
            (own, others) => own.or(others),
        };
        Self { email, name: self.name.or(other.name) }
    }
}

/// The first verified address; else the first one at all. A direct member comes first, then the primary one of the list,
/// then the others in order.
fn email(object: &Map<String, Value>, direct: &[&str]) -> Option<Email> {
    let direct = direct.iter().find_map(|name| {
        let address = address(object.get(*name)?)?;
        Some(Email { address, is_verified: is_vouched_for(object) })
    });
    let primary_id = object.get("primary_email_address_id").filter(|id| id.is_string());
    let mut listed: Vec<&Value> =
        object.get("email_addresses").and_then(Value::as_array).into_iter().flatten().collect();
    listed.sort_by_key(|entry| primary_id.is_none() || entry.get("id") != primary_id);
    let candidates: Vec<Email> = direct.into_iter().chain(listed.into_iter().filter_map(entry)).collect();
    candidates.iter().find(|email| email.is_verified).or_else(|| candidates.first()).cloned()
}

/// An address of a list: a text, or an object with the address and what is known of it.
fn entry(entry: &Value) -> Option<Email> {
    match entry {
        Value::Object(object) => {
            let address = ["email_address", "email"].iter().find_map(|name| address(object.get(*name)?))?;
            Some(Email { address, is_verified: is_vouched_for(object) })
        }
        text => Some(Email { address: address(text)?, is_verified: false }),
    }
}

/// Whether the object that holds an address says that it is verified.
fn is_vouched_for(object: &Map<String, Value>) -> bool {
    let status = object.get("verification").and_then(|verification| verification.get("status"));
    object.get("email_verified") == Some(&Value::Bool(true)) || status.and_then(Value::as_str) == Some("verified")
}

fn address(value: &Value) -> Option<String> {
    let address = usable(value.as_str()?)?.to_lowercase();
    (address.len() <= MAX_EMAIL_BYTES).then_some(address)
}

fn first_text<'a>(object: &'a Map<String, Value>, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| usable(object.get(*name)?.as_str()?))
}

/// The text trimmed, unless it is blank or cannot be stored.
fn usable(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty() && !text.contains('\0'))
}

fn joined(parts: [Option<&str>; 2]) -> Option<String> {
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn bounded(name: String) -> String {
    name.chars().take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn email_of(read: fn(&Map<String, Value>) -> Person, value: Value) -> Option<(String, bool)> {
        read(value.as_object().unwrap()).email.map(|email| (email.address, email.is_verified))
    }

    fn name_of(read: fn(&Map<String, Value>) -> Person, value: Value) -> Option<String> {
        read(value.as_object().unwrap()).name
    }

    fn found(address: &str, is_verified: bool) -> Option<(String, bool)> {
        Some((address.to_owned(), is_verified))
    }

    #[test]
    fn the_first_claim_that_is_not_blank_gives_the_address() {
        let of = |value| email_of(Person::of_claims, value);
        assert_eq!(of(json!({"email": " Ann@Example.com ", "email_address": "b@x"})), found("ann@example.com", false));
        assert_eq!(of(json!({"email": " ", "email_address": "b@x"})), found("b@x", false));
        assert_eq!(of(json!({"email": 1, "primary_email_address": "c@x"})), found("c@x", false));
        assert_eq!(of(json!({"email": "a@x", "email_verified": true})), found("a@x", true));
        assert_eq!(of(json!({"email": "a@x", "email_verified": "true"})), found("a@x", false));
        assert_eq!(of(json!({"email": "a\0@x"})), None);
        assert_eq!(of(json!({"email": format!("{}@x", "a".repeat(320))})), None);
        assert_eq!(of(json!({"email_addresses": "a@x"})), None);
        assert_eq!(of(json!({})), None);
    }

    #[test]
    fn a_list_gives_the_primary_address_else_the_first_usable_one() {
        let of = |value| email_of(Person::of_claims, value);
        let list = json!([" ", 1, "A@x", {"id": "2", "email_address": "b@x"}, {"id": "3", "email": "c@x"}]);
        assert_eq!(of(json!({"email_addresses": list})), found("a@x", false));
        assert_eq!(of(json!({"email_addresses": list, "primary_email_address_id": "3"})), found("c@x", false));
        assert_eq!(of(json!({"email_addresses": list, "primary_email_address_id": "9"})), found("a@x", false));
        assert_eq!(of(json!({"email_addresses": list, "email": "d@x"})), found("d@x", false));
    }

    #[test]
    fn verified_addresses_of_a_profile_win() {
        let of = |primary: &str, entries: &[(&str, &str)]| {
            let entries: Vec<Value> = entries
                .iter()
                .map(|(id, status)| json!({"id": id, "email_address": format!("{id}@x"), "verification": {"status": status}}))
                .collect();
            email_of(Person::of_profile, json!({"primary_email_address_id": primary, "email_addresses": entries}))
        };
        assert_eq!(of("b", &[("a", "verified"), ("b", "verified")]), found("b@x", true));
        assert_eq!(of("b", &[("a", "verified"), ("b", "unverified")]), found("a@x", true));
        assert_eq!(of("b", &[("a", "unverified"), ("b", "unverified")]), found("b@x", false));
        assert_eq!(of("", &[("a", "failed"), ("b", "verified")]), found("b@x", true));
        let bare = json!({"email_addresses": [{"id": "a", "email_address": "a@x", "verification": null}]});
        assert_eq!(email_of(Person::of_profile, bare), found("a@x", false));
    }

    #[test]
    fn names_come_whole_or_in_parts() {
        let claims = |value| name_of(Person::of_claims, value);
        assert_eq!(claims(json!({"name": " Ann ", "full_name": "B"})).as_deref(), Some("Ann"));
        assert_eq!(claims(json!({"name": " ", "full_name": "Ann B"})).as_deref(), Some("Ann B"));
        assert_eq!(claims(json!({"given_name": "Ann", "last_name": "B"})).as_deref(), Some("Ann B"));
        assert_eq!(claims(json!({"first_name": "Ann"})).as_deref(), Some("Ann"));
        assert_eq!(claims(json!({"family_name": "B"})).as_deref(), Some("B"));
        assert_eq!(claims(json!({"username": "ann"})), None);
        assert_eq!(claims(json!({"name": "x".repeat(501)})).map(|name| name.len()), Some(500));
    }

    #[test]
    fn a_profile_gives_the_first_name_before_both() {
        let profile = |value| name_of(Person::of_profile, value);
        assert_eq!(profile(json!({"first_name": "Ann", "last_name": "B"})).as_deref(), Some("Ann"));
        assert_eq!(profile(json!({"first_name": null, "last_name": "B", "username": "ann"})).as_deref(), Some("ann"));
        assert_eq!(profile(json!({"last_name": "B"})).as_deref(), Some("B"));
        assert_eq!(profile(json!({"full_name": "Ann B", "first_name": "Ann"})).as_deref(), Some("Ann B"));
        assert_eq!(profile(json!({})), None);
    }

    #[test]
    fn a_profile_beats_claims_but_not_a_verified_address_with_one_that_is_not() {
        let person = |email: Option<(&str, bool)>, name: Option<&str>| Person {
            email: email.map(|(address, is_verified)| Email { address: address.into(), is_verified }),
            name: name.map(str::to_owned),
        };
        let claims = || person(Some(("claim@x", true)), Some("Claim"));
        assert_eq!(person(None, None).or(claims()), claims());
        let vouched = person(Some(("own@x", true)), Some("Own"));
        assert_eq!(vouched.clone().or(claims()), vouched);
        let doubtful = person(Some(("own@x", false)), None);
        assert_eq!(doubtful.clone().or(claims()), claims());
        assert_eq!(doubtful.clone().or(person(Some(("claim@x", false)), None)), doubtful);
    }
}
