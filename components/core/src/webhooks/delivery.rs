//! Telling an agent of a received payload: a job of the outbox.

use serde_json::Value;
use uuid::Uuid;

use super::{Webhook, fence, store};
use crate::agents::{self, Agent};
use crate::messaging::{self, Message, Sent};
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::settings::Settings;
use mission_control_web::words;

words! {
    /// What became of a delivery that need not be tried again.
    pub enum Outcome {
        /// The message waits for the agent or has reached it.
        Delivered = "delivered",
        /// The payload, its webhook or its board was deleted meanwhile.
        Gone = "gone",
        /// The webhook was switched off meanwhile.
        Disabled = "webhook disabled",
        /// The webhook names no agent of the board, and the board has no lead.
        NoRecipient = "no recipient",
        /// The agent has no session, or its gateway no usable address.
        Unreachable = "recipient unreachable",
    }
}

/// The kind of job that tells an agent of a payload.
pub const JOB: &str = "webhook_delivery";

/// After how many failed attempts a delivery is dead.
pub(super) fn max_attempts(settings: &Settings) -> i64 {
    settings.rq_dispatch_max_retries.clamp(0, 1_000) + 1
}

/// Tells the webhook's agent, else the board's lead, of the payload that a job names. Twice is once: the message carries
/// a key made of the payload's id.
///
/// # Errors
/// A database failure, or a job that names nothing.
pub fn deliver(tx: &mut Tx<'_>, settings: &Settings, job: &Value) -> Result<Outcome, DbError> {
    let (board_id, webhook_id, payload_id) = (id(job, "board_id")?, id(job, "webhook_id")?, id(job, "payload_id")?);
    let Some(received) = store::find_received(tx, board_id, webhook_id, payload_id)? else { return Ok(Outcome::Gone) };
    if !received.webhook.enabled {
        return Ok(Outcome::Disabled);
    }
    let Some(agent) = recipient(tx, &received.webhook)? else { return Ok(Outcome::NoRecipient) };
    let preview = fence::preview(received.payload.as_ref(), settings.webhook_payload_preview_chars);
    let message = Message {
        sender: "webhook",
        board_id: Some(board_id),
        text: text(&received.webhook, payload_id, &received.board_name, &preview),
        deliver: false,
        dedupe_key: Some(format!("webhook:{payload_id}")),
    };
    Ok(match messaging::send(tx, agent.recipient(), &message)? {
        Sent::Accepted => Outcome::Delivered,
        Sent::Skipped => Outcome::Unreachable,
    })
}

fn id(job: &Value, name: &str) -> Result<Uuid, DbError> {
    job.get(name)
        .and_then(Value::as_str)
        .and_then(|text| Uuid::parse_str(text).ok())
        .ok_or_else(|| DbError::decode(format!("a delivery without {name}")))
}

/// The webhook's agent if it is still on the board, else the board's lead.
fn recipient(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<Option<Agent>, DbError> {
    if let Some(agent_id) = webhook.agent_id
        && let Some(agent) = agents::store::find(tx, agent_id)?
        && agent.board_id == Some(webhook.board_id)
    {
        return Ok(Some(agent));
    }
    agents::store::lead_of(tx, webhook.board_id)
}

/// The message. Everything that the agent is to do stands before the fence.
fn text(webhook: &Webhook, payload_id: Uuid, board_name: &str, preview: &str) -> String {
    format!(
        "WEBHOOK EVENT RECEIVED\n\
         Webhook ID: {}\n\
         Payload ID: {payload_id}\n\
         \n\
         Take action:\n\
         1. Triage this payload against the webhook's instruction.\n\
         2. Create tasks for what it asks for, or update the tasks it belongs to.\n\
         3. Quote payload ID {payload_id} in the description of every task that comes of it.\n\
         \n\
         Board memory holds this and earlier events:\n\
         GET /api/v1/agent/boards/{}/memory?is_chat=false\n\
         \n\
         {}",
        webhook.id,
        webhook.board_id,
        fence::around(&[("Board", board_name), ("Instruction", &webhook.description)], preview)
    )
}
