//! The souls of agents: the text that says who they are.

use uuid::Uuid;

use super::wire::SoulUpdateRequest;
use super::{gateway_of, record, target};
use crate::agents::{self, Agent};
use crate::boards::Board;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};

/// What an agent is before anybody writes a soul for it.
const DEFAULT_SOUL: &str = "# Soul\n\nYou are a careful colleague. Do what you said you would, say what you did and what you \
     found, and ask when you are not sure. Leave every task so that another agent can go on with it.";

/// The soul of an agent of the board: its lead may read each, others their own.
///
/// # Errors
/// 403 for the soul of another, 404 when the board has no such agent, 422 without a usable gateway.
pub fn soul_of(tx: &mut Tx<'_>, board: &Board, caller: &Agent, agent_id: Uuid) -> ApiResult<String> {
    if !caller.is_board_lead && caller.id != agent_id {
        return Err(ApiError::forbidden());
    }
    let agent = target(tx, board, agent_id)?;
    gateway_of(tx, board)?;
    Ok(agent.soul_template.unwrap_or_else(|| DEFAULT_SOUL.to_owned()))
}

/// Writes the soul of an agent of the board.
///
/// # Errors
/// 404 when the board has no such agent, 422 for a blank text and without a usable gateway.
pub fn update_soul(
    tx: &mut Tx<'_>,
    board: &Board,
    lead: &Agent,
    agent_id: Uuid,
    request: &SoulUpdateRequest,
) -> ApiResult<()> {
    let agent = target(tx, board, agent_id)?;
    let content = request.content.trim();
    if content.is_empty() {
        return Err(ApiError::unprocessable("content is required"));
    }
    gateway_of(tx, board)?;
    agents::store::save_soul(tx, agent.id, content)?;
    let mut message = format!("SOUL.md updated for {}.", agent.name);
    for (label, text) in [("Reason", &request.reason), ("Source", &request.source_url)] {
        if let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            message.push_str(&format!(" {label}: {text}"));
        }
    }
    record(tx, "agent.soul.updated", message, lead.id, Some(board.id))
}
