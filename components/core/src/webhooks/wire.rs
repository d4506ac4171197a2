//! Bodies of the routes of webhooks.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Payload, Webhook, endpoint_path};
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Components, Fault, Faults, Field, NonBlank, Nullable, Patch, Place, Schema, scalar};
use mission_control_web::{request, response};

request! {
    /// A new webhook.
    pub struct BoardWebhookCreate {
        /// What the agent should do with an event.
        pub description: NonBlank,
        pub enabled: bool = true,
        /// The agent to tell, instead of the board's lead.
        pub agent_id: Option<Uuid> = None,
        /// The key of the callers' signatures.
        pub secret: Filled = Filled(None),
        /// The header that carries the signature, instead of the usual ones.
        pub signature_header: HeaderName = HeaderName(None),
    }
}

request! {
    /// What to change of a webhook.
    pub struct BoardWebhookUpdate {
        pub description: Patch<NonBlank> = Patch::Keep,
        pub enabled: Patch<bool> = Patch::Keep,
        pub agent_id: Nullable<Uuid> = Patch::Keep,
        pub secret: Patch<Filled> = Patch::Keep,
        pub signature_header: Patch<HeaderName> = Patch::Keep,
    }
}

request! {
    /// A webhook in the path.
    pub struct WebhookPath {
        pub webhook_id: Uuid,
    }
}

request! {
    /// A payload in the path.
    pub struct PayloadPath {
        pub webhook_id: Uuid,
        pub payload_id: Uuid,
    }
}

impl BoardWebhookCreate {
    /// The webhook to be.
    #[must_use]
    pub fn into_webhook(self, board_id: Uuid) -> Webhook {
        let now = Timestamp::now();
        Webhook {
            id: Uuid::new_v4(),
            board_id,
            agent_id: self.agent_id,
            description: self.description.0,
            enabled: self.enabled,
            secret: self.secret.0,
            signature_header: self.signature_header.0,
            created_at: now,
            updated_at: now,
        }
    }
}

impl BoardWebhookUpdate {
    /// Whether the request carries nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !(self.description.is_set()
            || self.enabled.is_set()
            || self.agent_id.is_set()
            || self.secret.is_set()
            || self.signature_header.is_set())
    }

    /// Changes what the request carries.
    pub fn apply(self, webhook: &mut Webhook) {
        self.description.into_option().map(|text| text.0).into_iter().for_each(|text| webhook.description = text);
        self.enabled.apply_to(&mut webhook.enabled);
        self.agent_id.apply_to(&mut webhook.agent_id);
        self.secret.into_option().into_iter().for_each(|secret| webhook.secret = secret.0);
        self.signature_header.into_option().into_iter().for_each(|name| webhook.signature_header = name.0);
        webhook.updated_at = Timestamp::now();
    }
}

/// Text that is trimmed; null and blank are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled(pub Option<String>);

impl Schema for Filled {
    fn schema(components: &mut Components) -> Value {
        Option::<String>::schema(components)
    }
}

impl Field for Filled {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        if input.is_null() {
            return Some(Self(None));
        }
        match scalar::string(input) {
            Ok(text) => Some(Self(Some(text.trim().to_owned()).filter(|text| !text.is_empty()))),
            Err(fault) => {
                faults.add(place, fault, input);
                None
            }
        }
    }
}

/// The name of an HTTP header, trimmed; null and blank are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeaderName(pub Option<String>);

impl Schema for HeaderName {
    fn schema(components: &mut Components) -> Value {
        Filled::schema(components)
    }
}

impl Field for HeaderName {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let Filled(name) = Filled::read(input, place, faults)?;
        if name.as_deref().is_some_and(|name| !name.bytes().all(is_token_byte)) {
            let rule = "signature_header must be a valid HTTP header name (ASCII token characters only)";
            faults.add(place, Fault::value_error(rule), input);
            return None;
        }
        Some(Self(name))
    }
}

/// RFC 9110 §5.6.2.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

response! {
    /// A webhook. Its secret is never shown.
    pub struct BoardWebhookRead {
        pub id: Uuid,
        pub board_id: Uuid,
        /// The agent to tell, instead of the board's lead.
        pub agent_id: Option<Uuid>,
        /// What the agent should do with an event.
        pub description: String,
        pub enabled: bool,
        /// Whether events must be signed.
        pub has_secret: bool,
        /// The header that carries the signature, instead of the usual ones.
        pub signature_header: Option<String>,
        /// Where to post events.
        pub endpoint_path: String,
        /// The same with the public address in front.
        pub endpoint_url: Option<String>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl BoardWebhookRead {
    /// The webhook as clients see it.
    #[must_use]
    pub fn new(webhook: Webhook, settings: &Settings) -> Self {
        let endpoint_path = endpoint_path(webhook.board_id, webhook.id);
        let base_url = Some(settings.base_url.as_str()).filter(|url| !url.is_empty());
        Self {
            id: webhook.id,
            board_id: webhook.board_id,
            agent_id: webhook.agent_id,
            description: webhook.description,
            enabled: webhook.enabled,
            has_secret: webhook.secret.is_some(),
            signature_header: webhook.signature_header,
            endpoint_url: base_url.map(|base| format!("{base}{endpoint_path}")),
            endpoint_path,
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

response! {
    /// An event that was posted to a webhook.
    pub struct BoardWebhookPayloadRead {
        pub id: Uuid,
        pub board_id: Uuid,
        pub webhook_id: Uuid,
        /// The body: parsed if it is JSON, else its text.
        pub payload: AnyJson,
        /// The headers worth keeping.
        pub headers: Option<HeaderTexts>,
        /// The address it came from.
        pub source_ip: Option<String>,
        pub content_type: Option<String>,
        pub received_at: Timestamp,
    }
}

impl From<Payload> for BoardWebhookPayloadRead {
    fn from(payload: Payload) -> Self {
        Self {
            id: payload.id,
            board_id: payload.board_id,
            webhook_id: payload.webhook_id,
            payload: AnyJson(payload.payload.unwrap_or_default()),
            headers: payload.headers.map(HeaderTexts),
            source_ip: payload.source_ip,
            content_type: payload.content_type,
            received_at: payload.received_at,
        }
    }
}

/// A JSON value of any type, each of them documented.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct AnyJson(pub Value);

impl Schema for AnyJson {
    fn schema(_: &mut Components) -> Value {
        json!({"anyOf": [
            {"additionalProperties": true, "type": "object"},
            {"items": {}, "type": "array"},
            {"type": "string"},
            {"type": "integer"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "null"},
        ]})
    }
}

/// An object of texts by the name of their header.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct HeaderTexts(pub Value);

impl Schema for HeaderTexts {
    fn schema(_: &mut Components) -> Value {
        json!({"additionalProperties": {"type": "string"}, "type": "object"})
    }
}

response! {
    /// An event was taken in.
    pub struct BoardWebhookIngestResponse {
        /// Always true.
        pub ok: bool,
        pub board_id: Uuid,
        pub webhook_id: Uuid,
        pub payload_id: Uuid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(body: Value) -> Result<Webhook, Value> {
        let mut faults = Faults::default();
        BoardWebhookCreate::read(&body, &Place::root("body"), &mut faults)
            .map(|create| create.into_webhook(Uuid::nil()))
            .ok_or_else(|| serde_json::to_value(faults.into_entries()).unwrap())
    }

    #[test]
    fn texts_are_trimmed_and_blank_means_none() {
        let body = json!({"description": " d ", "secret": " s ", "signature_header": " X-Sig "});
        let webhook = create(body).unwrap();
        assert_eq!((webhook.description.as_str(), webhook.enabled), ("d", true));
        assert_eq!((webhook.secret.as_deref(), webhook.signature_header.as_deref()), (Some("s"), Some("X-Sig")));
        let webhook = create(json!({"description": "d", "secret": "  ", "signature_header": ""})).unwrap();
        assert_eq!((webhook.secret, webhook.signature_header), (None, None));
    }

    #[test]
    fn a_signature_header_is_a_token() {
        for name in ["bad header:", "ü", "a,b", "a\tb"] {
            let faults = create(json!({"description": "d", "signature_header": name})).unwrap_err();
            assert_eq!(faults[0]["type"], "value_error", "{name}");
        }
        assert!(create(json!({"description": "d", "signature_header": "!#$%&'*+-.^_`|~aZ9"})).is_ok());
    }

    #[test]
    fn numbers_are_no_secret_and_no_header() {
        let faults = create(json!({"description": "d", "secret": 1, "signature_header": 2})).unwrap_err();
        assert_eq!((&faults[0]["type"], &faults[1]["type"]), (&json!("string_type"), &json!("string_type")));
    }

    fn update(body: Value) -> Option<BoardWebhookUpdate> {
        BoardWebhookUpdate::read(&body, &Place::root("body"), &mut Faults::default())
    }

    #[test]
    fn null_clears_what_may_be_empty_and_nothing_else() {
        let mut webhook = create(json!({"description": "d", "secret": "s", "signature_header": "X-Sig"})).unwrap();
        webhook.agent_id = Some(Uuid::nil());
        update(json!({"agent_id": null, "secret": null, "signature_header": null})).unwrap().apply(&mut webhook);
        assert_eq!((webhook.agent_id, webhook.secret, webhook.signature_header), (None, None, None));
        assert!(update(json!({"description": null})).is_none());
        assert!(update(json!({"enabled": null})).is_none());
    }

    #[test]
    fn an_empty_update_changes_nothing() {
        assert!(update(json!({"unknown": 1})).unwrap().is_empty());
        assert!(!update(json!({"secret": null})).unwrap().is_empty());
    }
}
