//! Making an agent: its record, its token and its first message.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::session::Post;
use super::{Agent, status, store};
use crate::activity::{self, NewEvent};
use crate::gateways::{Gateway, NO_WEBSOCKET};
use crate::messaging::{self, Message, Transport};
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_platform::tokens;
use mission_control_web::http::{ApiError, ApiResult};

/// How the server signs its own messages.
const SENDER: &str = "Mission Control";

/// An agent to be.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// Where it will serve.
    pub post: Post,
    /// Shown to people and matched by mentions.
    pub name: String,
    /// How often it checks in.
    pub heartbeat_config: Value,
    /// Role, style and other texts by key.
    pub identity_profile: Option<Map<String, Value>>,
    /// Overrides the text of IDENTITY.md.
    pub identity_template: Option<String>,
    /// Overrides the text of SOUL.md.
    pub soul_template: Option<String>,
}

/// A new agent and the only copy of its token.
#[derive(Debug)]
pub struct Provisioned {
    /// The agent.
    pub agent: Agent,
    /// Its token, of which only the hash is stored.
    pub token: String,
}

/// Makes the agent and wakes it, in the caller's transaction.
///
/// # Errors
/// 502 when the gateway cannot carry anything to it. A database failure; `Unique` when the post is taken.
pub fn provision(tx: &mut Tx<'_>, gateway: &Gateway, new: NewAgent) -> ApiResult<Provisioned> {
    if gateway.transport() != Transport::Mailbox {
        return Err(ApiError::bad_gateway(format!("Gateway provision failed: {NO_WEBSOCKET}")));
    }
    let token = tokens::generate::<32>()?;
    let (id, now) = (Uuid::new_v4(), Timestamp::now());
    let agent = Agent {
        id,
        board_id: new.post.board_id(),
        gateway_id: gateway.id,
        name: new.name,
        status: status::PROVISIONING.to_owned(),
        openclaw_session_id: Some(new.post.session_key(gateway.id, id)),
        heartbeat_config: Some(new.heartbeat_config),
        identity_profile: new.identity_profile.map(Value::Object),
        identity_template: new.identity_template,
        soul_template: new.soul_template,
        last_seen_at: None,
        is_board_lead: matches!(new.post, Post::BoardLead(_)),
        created_at: now,
        updated_at: now,
        organization_id: gateway.organization_id,
        gateway_url: gateway.url.clone(),
    };
    store::insert(tx, &agent, &tokens::lookup_hash(&token))?;
    wake(tx, &agent, "provisioned")?;
    Ok(Provisioned { agent, token })
}

/// Tells the agent that it may begin.
///
/// # Errors
/// A database failure.
pub fn wake(tx: &mut Tx<'_>, agent: &Agent, verb: &str) -> Result<(), DbError> {
    let text = format!(
        "Hello {}. Your workspace has been {verb}.\n\nBegin now: read BOOTSTRAP.md first if you have one, then AGENTS.md, \
         and send your first heartbeat. Keep sending heartbeats from then on.",
        agent.name
    );
    let message = Message { sender: SENDER, board_id: agent.board_id, text, deliver: true, dedupe_key: None };
    messaging::send(tx, agent.recipient(), &message).map(drop)
}

/// Records that somebody made the agent. Agents that the server makes by itself are not recorded.
///
/// # Errors
/// A database failure.
pub fn record(tx: &mut Tx<'_>, agent: &Agent, user_id: Option<Uuid>) -> Result<(), DbError> {
    // The text is misspelt in the reference, and clients may look for it.
    let made = format!("Provisiond directly for {}.", agent.name);
    record_step(tx, agent, user_id, ("agent.provision.direct", made))
}

/// Records that somebody changed the agent.
///
/// # Errors
/// A database failure.
pub fn record_update(tx: &mut Tx<'_>, agent: &Agent, user_id: Option<Uuid>) -> Result<(), DbError> {
    let changed = format!("Updated directly for {}.", agent.name);
    record_step(tx, agent, user_id, ("agent.update.direct", changed))
}

fn record_step(
    tx: &mut Tx<'_>,
    agent: &Agent,
    user_id: Option<Uuid>,
    step: (&'static str, String),
) -> Result<(), DbError> {
    let events = [step, ("agent.wakeup.sent", format!("Wakeup message sent to {}.", agent.name))];
    for (event_type, message) in events {
        let (agent_id, board_id) = (Some(agent.id), agent.board_id);
        activity::store::record(tx, NewEvent { event_type, message, agent_id, user_id, board_id, task_id: None })?;
    }
    Ok(())
}
