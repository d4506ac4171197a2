//! Taking in an event: the payload, the board's memory and the job that tells an agent are one transaction.

use http::HeaderMap;
use serde_json::json;
use uuid::Uuid;

use super::{Payload, Webhook, delivery, endpoint_path, event, fence, store};
use crate::memory::{self, NewEntry, Owner};
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::queue::{self, NewJob};
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;

/// What board memory says of the author of an event.
const SOURCE: &str = "webhook";

impl Payload {
    /// What is kept of an event that was posted to this webhook and is trusted.
    #[must_use]
    pub fn received(webhook: &Webhook, headers: &HeaderMap, body: &[u8], source_ip: &str) -> Self {
        let content_type = event::content_type(headers);
        Self {
            // In order of arrival, so that the index grows at its end.
            id: Uuid::now_v7(),
            board_id: webhook.board_id,
            webhook_id: webhook.id,
            payload: Some(event::body_value(content_type.as_deref(), body)),
            headers: event::kept_headers(webhook, headers),
            source_ip: Some(source_ip.to_owned()),
            content_type,
            received_at: Timestamp::now(),
        }
    }
}

/// Stores the event and everything that follows from it.
///
/// # Errors
/// A database failure; `ForeignKey` when the webhook was deleted meanwhile.
pub fn take_in(
    tx: &mut Tx<'_>,
    settings: &Settings,
    organization_id: Uuid,
    webhook: &Webhook,
    payload: &Payload,
) -> Result<(), DbError> {
    store::insert_payload(tx, payload)?;
    memory::store::insert(tx, memory_entry(settings, webhook, payload))?;
    let job = NewJob {
        kind: delivery::JOB,
        max_attempts: delivery::max_attempts(settings),
        payload: json!({
            "board_id": payload.board_id,
            "webhook_id": payload.webhook_id,
            "payload_id": payload.id,
            "received_at": payload.received_at,
        }),
        organization_id: Some(organization_id),
        due_at: payload.received_at,
    };
    queue::enqueue(tx, job)
}

/// What the board remembers of an event: where to read it, and its start behind a fence.
fn memory_entry(settings: &Settings, webhook: &Webhook, payload: &Payload) -> NewEntry {
    let preview = fence::preview(payload.payload.as_ref(), settings.webhook_payload_preview_chars);
    NewEntry {
        owner: Owner::Board(payload.board_id),
        content: format!(
            "WEBHOOK PAYLOAD RECEIVED\nWebhook ID: {}\nPayload ID: {}\nInspect (API): {}/payloads/{}\n\n{}",
            webhook.id,
            payload.id,
            endpoint_path(payload.board_id, webhook.id),
            payload.id,
            fence::around(&[("Instruction", &webhook.description)], &preview),
        ),
        tags: Some(vec![SOURCE.to_owned(), format!("webhook:{}", webhook.id), format!("payload:{}", payload.id)]),
        source: Some(SOURCE.to_owned()),
        is_chat: false,
    }
}
