//! Board webhooks: outside events become memory and work.
//!
//! An event is taken in by [`ingest`] in one transaction: the payload, an entry of the board's memory, and a job that
//! tells an agent ([`delivery`]). What comes from outside reaches agents only inside a [`fence`].

pub mod delivery;
pub mod event;
pub mod fence;
pub mod ingest;
pub mod retention;
pub mod signature;
pub mod store;
pub mod wire;

use serde_json::Value;
use uuid::Uuid;

use crate::messaging::text::start_of;
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

record! {
    /// An address where the outside world may post events for a board.
    #[derive(Clone, Debug)]
    pub struct Webhook {
        /// Identifier.
        pub id: Uuid,
        /// The board.
        pub board_id: Uuid,
        /// The agent to tell; the board's lead if there is none.
        pub agent_id: Option<Uuid>,
        /// What the agent should do with an event.
        pub description: String,
        /// Whether events are taken in.
        pub enabled: bool,
        /// The key of the callers' signatures; without one, anyone may post.
        pub secret: Option<String>,
        /// The header that carries the signature, instead of the usual ones.
        pub signature_header: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

record! {
    /// An event that was posted to a webhook.
    #[derive(Clone, Debug)]
    pub struct Payload {
        /// Identifier.
        pub id: Uuid,
        /// The board.
        pub board_id: Uuid,
        /// The webhook.
        pub webhook_id: Uuid,
        /// The body: parsed if it is JSON, else its text.
        pub payload: Option<Value>,
        /// The headers worth keeping, as an object of texts.
        pub headers: Option<Value>,
        /// The address it came from.
        pub source_ip: Option<String>,
        /// The content type as it was sent.
        pub content_type: Option<String>,
        /// When it came.
        pub received_at: Timestamp,
    }
}

/// The path that the outside world posts to.
#[must_use]
pub fn endpoint_path(board_id: Uuid, webhook_id: Uuid) -> String {
    format!("/api/v1/boards/{board_id}/webhooks/{webhook_id}")
}

impl Payload {
    /// The same with a payload of at most `max_chars` characters: a longer one becomes the start of its text.
    #[must_use]
    pub fn at_most(mut self, max_chars: usize) -> Self {
        self.payload = self.payload.map(|payload| match start_of(&payload, None, max_chars) {
            (start, false) if !payload.is_null() => start.into(),
            _ => payload,
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn payload(value: Value) -> Payload {
        Payload {
            id: Uuid::nil(),
            board_id: Uuid::nil(),
            webhook_id: Uuid::nil(),
            payload: Some(value),
            headers: None,
            source_ip: None,
            content_type: None,
            received_at: Timestamp::now(),
        }
    }

    #[test]
    fn a_payload_that_fits_stays_structured() {
        let value = json!({"event": "push", "n": 1});
        assert_eq!(payload(value.clone()).at_most(25).payload, Some(value.clone()));
        assert_eq!(payload(value).at_most(10).payload, Some(json!("{\"event...")));
    }

    #[test]
    fn a_text_payload_is_measured_without_quotes() {
        assert_eq!(payload(json!("12345")).at_most(5).payload, Some(json!("12345")));
        assert_eq!(payload(json!("123456")).at_most(5).payload, Some(json!("12...")));
    }

    #[test]
    fn structured_payloads_are_measured_with_ascii_escapes() {
        assert_eq!(payload(json!(["ü"])).at_most(9).payload, Some(json!("[\"\\u00...")));
        assert_eq!(payload(Value::Null).at_most(1).payload, Some(Value::Null));
    }
}
