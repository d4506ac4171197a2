//! What people may do with agents.

use uuid::Uuid;

use super::wire::AgentFilter;
use super::{Agent, store};
use crate::boards::{self, Board, BoardRight};
use crate::gateways;
use crate::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_web::http::{ApiError, ApiResult};

/// The agent, for a person who may see it (`Read`) or act on it (`Write`): a main agent by the active organization
/// alone, a board's agent by the right on its board.
///
/// # Errors
/// 404 when it does not exist in the active organization, 403 without the right, or a database failure.
pub fn for_person(tx: &mut Tx<'_>, caller: &SignedIn, agent_id: Uuid, right: BoardRight) -> ApiResult<Agent> {
    let agent = store::find(tx, agent_id)?
        .filter(|agent| agent.organization_id == caller.membership.organization_id)
        .ok_or_else(ApiError::not_found)?;
    require(tx, caller, agent, right)
}

/// As [`for_person`], for an agent that was found already.
///
/// # Errors
/// As [`for_person`].
pub fn require(tx: &mut Tx<'_>, caller: &SignedIn, agent: Agent, right: BoardRight) -> ApiResult<Agent> {
    if let Some(board_id) = agent.board_id {
        board_for_person(tx, caller, board_id, right)?.ok_or_else(ApiError::not_found)?;
    }
    Ok(agent)
}

/// The board of the active organization; none if there is none of this id.
///
/// # Errors
/// 403 without the right, or a database failure.
pub fn board_for_person(
    tx: &mut Tx<'_>,
    caller: &SignedIn,
    board_id: Uuid,
    right: BoardRight,
) -> ApiResult<Option<Board>> {
    match may(tx, caller, board_id, right)? {
        Some((board, true)) => Ok(Some(board)),
        Some((_, false)) => Err(ApiError::forbidden_because("Board access denied")),
        None => Ok(None),
    }
}

/// The board of the active organization, and whether the person has the right on it.
fn may(
    tx: &mut Tx<'_>,
    caller: &SignedIn,
    board_id: Uuid,
    right: BoardRight,
) -> Result<Option<(Board, bool)>, DbError> {
    let found = boards::store::with_rights(tx, caller.user.id, board_id)?;
    Ok(found
        .filter(|(board, _)| board.organization_id == caller.membership.organization_id)
        .map(|(board, rights)| (board, rights.is_some_and(|rights| rights.allows(right)))))
}

/// The agents that a person may see: main agents of the organization, and those of boards they may read.
///
/// # Errors
/// 403 for a board that they may not read, 404 for a gateway that the organization does not have, or a database failure.
pub fn list_for_person(
    tx: &mut Tx<'_>,
    caller: &SignedIn,
    filter: &AgentFilter,
    paging: &Paging,
) -> ApiResult<Page<Agent>> {
    let filter = filter_for_person(tx, caller, filter)?;
    Ok(store::page(tx, caller.membership.organization_id, filter, paging)?)
}

/// What the filter of a person means: never more than they may see.
///
/// # Errors
/// As [`list_for_person`].
pub fn filter_for_person(tx: &mut Tx<'_>, caller: &SignedIn, filter: &AgentFilter) -> ApiResult<store::Filter> {
    if let Some(board_id) = filter.board_id {
        // Whether the board does not exist or may not be read makes no difference here.
        if !may(tx, caller, board_id, BoardRight::Read)?.is_some_and(|(_, allowed)| allowed) {
            return Err(ApiError::forbidden());
        }
    }
    let membership = &caller.membership;
    if let Some(gateway_id) = filter.gateway_id {
        gateways::store::find(tx, membership.organization_id, gateway_id)?.ok_or_else(ApiError::not_found)?;
    }
    Ok(store::Filter {
        board_id: filter.board_id,
        gateway_id: filter.gateway_id,
        readable_by_member: (!membership.reads_all_boards()).then_some(membership.id),
    })
}

/// The agents that an agent may see: those of its board; a main agent those of its organization.
///
/// # Errors
/// 403 for another board than its own, or a database failure.
pub fn list_for_agent(
    tx: &mut Tx<'_>,
    caller: &Agent,
    board_id: Option<Uuid>,
    paging: &Paging,
) -> ApiResult<Page<Agent>> {
    if let (Some(own), Some(wanted)) = (caller.board_id, board_id)
        && own != wanted
    {
        return Err(ApiError::forbidden());
    }
    let filter = store::Filter { board_id: caller.board_id.or(board_id), ..store::Filter::default() };
    Ok(store::page(tx, caller.organization_id, filter, paging)?)
}
