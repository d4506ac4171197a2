//! Making, changing and deleting boards: what is checked, stored and told, in the caller's transaction.

use uuid::Uuid;

mod notices;

use crate::board_groups::{self, BoardGroup};
use crate::boards::wire::{BoardCreate, BoardUpdate, GATEWAY_REQUIRED};
use crate::boards::{Board, store};
use crate::messaging::Transport;
use crate::{agents, gateways};
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// Makes a board. Nobody is told, and its maker gets no grant on it.
///
/// # Errors
/// 422 when the gateway or the group is not this organization's, or the gateway has no main agent.
pub fn create(tx: &mut Tx<'_>, organization_id: Uuid, request: BoardCreate) -> ApiResult<Board> {
    let board = request.into_board(Uuid::new_v4(), organization_id, Timestamp::now());
    require_gateway(tx, &board)?;
    if let Some(group_id) = board.board_group_id {
        require_group(tx, organization_id, group_id)?;
    }
    store::insert(tx, &board)?;
    Ok(board)
}

/// Changes a board and tells its lead what changed, and the boards of a group that it joins or leaves.
///
/// What the request leaves alone or repeats is not checked again, so that a gateway that lost its main agent blocks nothing
/// else.
///
/// # Errors
/// 404 when the board is gone; 422 as for [`create`], for an incomplete goal, and for a board without a gateway.
pub fn update(tx: &mut Tx<'_>, board_id: Uuid, request: BoardUpdate, sender: &str) -> ApiResult<Board> {
    let before = store::lock(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let mut board = before.clone();
    request.apply(&mut board);
    if board.gateway_id.is_some() && board.gateway_id != before.gateway_id {
        require_gateway(tx, &board)?;
    }
    let joined = match board.board_group_id {
        Some(group_id) if before.board_group_id != Some(group_id) => {
            Some(require_group(tx, board.organization_id, group_id)?)
        }
        _ => None,
    };
    if board.has_other_goal_than(&before) && board.goal_is_incomplete() {
        return Err(ApiError::unprocessable("Goal boards require objective and success_metrics"));
    }
    if board.gateway_id.is_none() {
        return Err(ApiError::unprocessable(GATEWAY_REQUIRED));
    }
    board.updated_at = Timestamp::now();
    store::save(tx, &board)?;
    tell(tx, &before, &board, joined.as_ref(), sender)?;
    Ok(board)
}

fn tell(
    tx: &mut Tx<'_>,
    before: &Board,
    board: &Board,
    joined: Option<&BoardGroup>,
    sender: &str,
) -> Result<(), DbError> {
    if let Some(left) = before.board_group_id.filter(|left| board.board_group_id != Some(*left))
        && let Some(group) = board_groups::store::find_in(tx, board.organization_id, left)?
    {
        notices::tell_group(tx, notices::GroupMove::Leave, board, &group, sender)?;
    }
    if let Some(group) = joined {
        notices::tell_group(tx, notices::GroupMove::Join, board, group, sender)?;
    }
    notices::tell_lead(tx, before, board, sender)
}

/// Deletes a board with everything on it. Nobody is told.
///
/// # Errors
/// 404 when it is gone; 422 when agents of the board run on a gateway that is not usable, 502 when they cannot be
/// removed from it.
pub fn delete(tx: &mut Tx<'_>, board_id: Uuid) -> ApiResult<()> {
    let board = store::lock(tx, board_id)?.ok_or_else(ApiError::not_found)?;
    let gateways = agents::store::gateway_urls_of_board(tx, board_id)?;
    // Agents of a mailbox live in our rows alone; there is nothing to remove anywhere else.
    if gateways.iter().any(|url| Transport::of(url) != Transport::Mailbox) {
        require_removable_agents(tx, &board)?;
    }
    store::delete(tx, board_id)?;
    Ok(())
}

fn require_removable_agents(tx: &mut Tx<'_>, board: &Board) -> ApiResult<()> {
    let Some(gateway_id) = board.gateway_id else { return Ok(()) };
    let gateway = gateways::store::find(tx, board.organization_id, gateway_id)?;
    match gateways::require_usable(board.gateway_id, gateway)?.transport() {
        Transport::Mailbox | Transport::Nowhere => Ok(()),
        Transport::WebSocket => {
            Err(ApiError::bad_gateway(format!("Gateway cleanup failed: {}", gateways::NO_WEBSOCKET)))
        }
    }
}

/// A board's agents need a gateway of the same organization, with a main agent to set them up.
fn require_gateway(tx: &mut Tx<'_>, board: &Board) -> ApiResult<()> {
    let Some(gateway_id) = board.gateway_id else { return Err(ApiError::unprocessable(GATEWAY_REQUIRED)) };
    if gateways::store::find(tx, board.organization_id, gateway_id)?.is_none() {
        return Err(ApiError::unprocessable("gateway_id is invalid"));
    }
    if !agents::store::has_main_agent(tx, gateway_id)? {
        return Err(ApiError::unprocessable(
            "gateway must have a gateway main agent before boards can be created or updated",
        ));
    }
    Ok(())
}

fn require_group(tx: &mut Tx<'_>, organization_id: Uuid, group_id: Uuid) -> ApiResult<BoardGroup> {
    board_groups::store::find_in(tx, organization_id, group_id)?
        .ok_or_else(|| ApiError::unprocessable("board_group_id is invalid"))
}
