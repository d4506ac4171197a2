//! What is kept of an event: its body as a value, and the headers that help to read it.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::Webhook;
use super::signature::USUAL_HEADERS;
use mission_control_web::schema::json::parse_lenient;

/// What stands in place of a header that lets someone in elsewhere.
const REDACTED: &str = "[redacted]";

/// How a part of the name of a header ends that carries a credential.
const CREDENTIAL_ENDINGS: [&str; 8] =
    ["token", "secret", "password", "apikey", "auth", "authorization", "cookie", "signature"];

/// The same for names of two parts.
const CREDENTIAL_PAIRS: [&str; 2] = ["api-key", "access-key"];

/// The content type of a request, as it was sent.
#[must_use]
pub fn content_type(headers: &HeaderMap) -> Option<String> {
    headers.get(CONTENT_TYPE).map(|value| text(value.as_bytes()))
}

/// The body as a value: JSON if it says or looks so and can be read, else its text; an empty one is an empty object.
/// What no database can store (NUL, bytes that are not UTF-8, halves of surrogate pairs) becomes U+FFFD.
#[must_use]
pub fn body_value(content_type: Option<&str>, body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Object(Map::new());
    }
    let text = String::from_utf8_lossy(body);
    let says_json = content_type.is_some_and(|value| value.to_ascii_lowercase().contains("application/json"));
    let looks_json = text.starts_with(['{', '[', '"']) || text == "true" || text == "false";
    let parsed = if says_json || looks_json { parse_lenient(&text) } else { None };
    parsed.unwrap_or_else(|| Value::String(text.replace('\0', "\u{fffd}")))
}

/// The headers to keep: the content type, the user agent and the sender's own (`x-…`), without signatures and with
/// credentials redacted. Of a repeated one the last counts. `None` if there are none.
#[must_use]
pub fn kept_headers(webhook: &Webhook, headers: &HeaderMap) -> Option<Value> {
    let mut kept = Map::new();
    for (name, value) in headers {
        let name = name.as_str();
        let is_signature = USUAL_HEADERS.contains(&name)
            || webhook.signature_header.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        if is_signature || !(name == "content-type" || name == "user-agent" || name.starts_with("x-")) {
            continue;
        }
        let value = if is_credential(name) { REDACTED.to_owned() } else { text(value.as_bytes()) };
        kept.insert(name.to_owned(), value.into());
    }
    (!kept.is_empty()).then_some(Value::Object(kept))
}

fn is_credential(name: &str) -> bool {
    name.split('-').any(|part| CREDENTIAL_ENDINGS.iter().any(|ending| part.ends_with(ending)))
        || CREDENTIAL_PAIRS.iter().any(|pair| name.contains(pair))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use mission_control_platform::time::Timestamp;

    const JSON: Option<&str> = Some("Application/JSON; charset=utf-8");
    const TEXT: Option<&str> = Some("text/plain");

    #[test]
    fn an_empty_body_is_an_empty_object() {
        assert_eq!(body_value(TEXT, b""), json!({}));
    }

    #[test]
    fn what_is_declared_as_json_may_be_any_json() {
        assert_eq!(body_value(JSON, b" 42 "), json!(42));
        assert_eq!(body_value(JSON, b"null"), Value::Null);
        assert_eq!(body_value(JSON, b"{broken"), json!("{broken"));
    }

    #[test]
    fn without_the_type_only_the_first_character_tells() {
        for (body, value) in [
            ("{\"a\": 1}", json!({"a": 1})),
            ("[1]", json!([1])),
            ("\"x\"", json!("x")),
            ("true", json!(true)),
            ("false", json!(false)),
            ("42", json!("42")),
            ("null", json!("null")),
            (" {\"a\": 1}", json!(" {\"a\": 1}")),
            ("a=1&b=2", json!("a=1&b=2")),
        ] {
            assert_eq!(body_value(TEXT, body.as_bytes()), value, "{body}");
            assert_eq!(body_value(None, body.as_bytes()), value, "{body}");
        }
    }

    #[test]
    fn big_integers_are_kept_and_the_last_of_duplicate_keys_wins() {
        let value = body_value(JSON, b"{\"n\": 123456789012345678901234567890, \"a\": 1, \"a\": 2}");
        assert_eq!(value.to_string(), "{\"n\":123456789012345678901234567890,\"a\":2}");
    }

    #[test]
    fn what_cannot_be_stored_is_replaced() {
        assert_eq!(body_value(TEXT, b"a\0b\xff"), json!("a\u{fffd}b\u{fffd}"));
        assert_eq!(body_value(JSON, br#"{"a": "\ud800\u0000"}"#), json!({"a": "\u{fffd}\u{fffd}"}));
    }

    #[test]
    fn json_that_cannot_be_represented_stays_text() {
        let deep = "[".repeat(100_000);
        let long = "1".repeat(5_000);
        for body in ["NaN", "[Infinity]", "1e999", &deep, &long, "{\"a\": \"\0\"}"] {
            assert!(body_value(JSON, body.as_bytes()).is_string(), "{:.20}", body);
        }
    }

    fn kept(signature_header: Option<&str>, pairs: &[(&'static str, &'static str)]) -> Option<Value> {
        let webhook = Webhook {
            id: Uuid::nil(),
            board_id: Uuid::nil(),
            agent_id: None,
            description: "d".into(),
            enabled: true,
            secret: None,
            signature_header: signature_header.map(Into::into),
            created_at: Timestamp::now(),
            updated_at: Timestamp::now(),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        kept_headers(&webhook, &headers)
    }

    #[test]
    fn only_type_agent_and_own_headers_are_kept() {
        let all = [("content-type", "a/b"), ("user-agent", "u"), ("accept", "*/*"), ("x-a", "1"), ("x-a", "2")];
        assert_eq!(kept(None, &all), Some(json!({"content-type": "a/b", "user-agent": "u", "x-a": "2"})));
        assert_eq!(kept(None, &[("accept", "*/*"), ("authorization", "Bearer x")]), None);
    }

    #[test]
    fn signatures_are_dropped_and_credentials_redacted() {
        let all = [
            ("x-hub-signature-256", "s"),
            ("x-webhook-signature", "s"),
            ("x-own", "s"),
            ("x-agent-token", "t"),
            ("x-api-key", "k"),
            ("x-hub-signature", "s"),
            ("x-author", "a"),
            ("x-idempotency-key", "i"),
        ];
        let expected = json!({
            "x-agent-token": "[redacted]", "x-api-key": "[redacted]", "x-hub-signature": "[redacted]",
            "x-author": "a", "x-idempotency-key": "i",
        });
        assert_eq!(kept(Some("X-Own"), &all), Some(expected));
    }
}
