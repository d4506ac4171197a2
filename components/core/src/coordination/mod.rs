//! How agents reach each other: leads their workers and the user, main agents the leads of their boards.

mod leads;
mod souls;
mod user;
pub mod wire;

use uuid::Uuid;

use crate::activity::{self, NewEvent};
use crate::agents::{self, Agent};
use crate::boards::Board;
use crate::gateways::{self, Gateway, NO_WEBSOCKET};
use crate::messaging::{self, Message, Sent};
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};

pub use leads::{broadcast, message_lead};
pub use souls::{soul_of, update_soul};
pub use user::ask_user;

/// Nudges an agent: it gets the text as it is, and is to act at once.
///
/// # Errors
/// 404 when the lead's board has no such agent, 422 when nothing can be sent to it, 502 when the gateway cannot carry it.
pub fn nudge(tx: &mut Tx<'_>, board: &Board, lead: &Agent, agent_id: Uuid, text: &str) -> ApiResult<()> {
    let target = target(tx, board, agent_id)?;
    if target.openclaw_session_id.is_none() {
        return Err(ApiError::unprocessable("Target agent has no session key"));
    }
    gateway_of(tx, board)?;
    let message = Message {
        sender: &lead.name,
        board_id: Some(board.id),
        text: text.to_owned(),
        deliver: true,
        dedupe_key: None,
    };
    if messaging::send(tx, target.recipient(), &message)? == Sent::Skipped {
        return Err(ApiError::bad_gateway(format!("Gateway nudge failed: {NO_WEBSOCKET}")));
    }
    record(tx, "agent.nudge.sent", format!("Nudge sent to {}.", target.name), lead.id, Some(board.id))
}

/// The agent of the board, or the main agent of its gateway.
fn target(tx: &mut Tx<'_>, board: &Board, agent_id: Uuid) -> ApiResult<Agent> {
    let found = agents::store::find(tx, agent_id)?;
    let is_near = |agent: &Agent| match agent.board_id {
        Some(own) => own == board.id,
        None => Some(agent.gateway_id) == board.gateway_id,
    };
    found.filter(is_near).ok_or_else(ApiError::not_found)
}

fn gateway_of(tx: &mut Tx<'_>, board: &Board) -> ApiResult<Gateway> {
    let gateway = match board.gateway_id {
        Some(id) => gateways::store::find(tx, board.organization_id, id)?,
        None => None,
    };
    gateways::require_usable(board.gateway_id, gateway)
}

fn record(
    tx: &mut Tx<'_>,
    event_type: &'static str,
    message: String,
    agent_id: Uuid,
    board_id: Option<Uuid>,
) -> ApiResult<()> {
    let event = NewEvent { event_type, message, agent_id: Some(agent_id), board_id, ..NewEvent::default() };
    activity::store::record(tx, event)?;
    Ok(())
}

/// How an answer comes back: as an entry of the board's memory that is no chat.
fn reply_instructions(base_url: &str, board_id: Uuid, tags: &[String], source: &str) -> String {
    let tags = serde_json::Value::from(tags.to_vec());
    let source = serde_json::Value::from(source);
    format!(
        "Write the answer as an entry of the board's memory that is no chat:\n\
         POST {base_url}/api/v1/agent/boards/{board_id}/memory\n\
         Body: {{\"content\":\"<answer>\",\"tags\":{tags},\"source\":{source}}}\n\
         Do not answer in the gateway's chat."
    )
}
