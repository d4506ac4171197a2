//! Changing and deleting agents: what is checked, stored and told, in the caller's transaction.

use uuid::Uuid;

use crate::activity::{self, NewEvent};
use crate::agents::creation::{HAS_A_LEAD, check_name, no_board};
use crate::agents::session::Post;
use crate::agents::wire::AgentUpdate;
use crate::agents::{Agent, access, default_heartbeat_config, profile, provisioning, store};
use crate::boards::{self, Board, BoardRight};
use crate::gateways::{self, Gateway, NO_WEBSOCKET};
use crate::messaging::Transport;
use crate::organizations::SignedIn;
use crate::tasks;
use mission_control_platform::db::{DbErrorKind, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::schema::Patch;

/// Changes what the request carries of an agent, and tells it to begin anew. Its token stays valid.
///
/// # Errors
/// 403 for a status, which is the agent's own to report; 404 and 403 for boards that are not the caller's; 422 without a
/// usable gateway; 409 for a name or post that is taken; 502 when the gateway cannot carry anything to it.
pub fn update(
    tx: &mut Tx<'_>,
    caller: &SignedIn,
    agent_id: Uuid,
    request: AgentUpdate,
    force: bool,
) -> ApiResult<Agent> {
    let before = access::for_person(tx, caller, agent_id, BoardRight::Write)?;
    if request.status.is_set() {
        return Err(ApiError::forbidden_because("status is controlled by agent heartbeat"));
    }
    let wanted = wanted_board(tx, caller, &request)?;
    if request.is_empty() && !force {
        return Ok(before);
    }
    let mut agent = before.clone();
    move_to(tx, &mut agent, &request, wanted)?;
    apply(&mut agent, request);
    agent.correct_session_key();
    agent.updated_at = Timestamp::now();
    require_free_name(tx, &before, &agent)?;
    if Transport::of(&agent.gateway_url) != Transport::Mailbox {
        return Err(ApiError::bad_gateway(format!("Gateway update failed: {NO_WEBSOCKET}")));
    }
    store::save(tx, &agent).map_err(|error| match error.kind() {
        DbErrorKind::Unique if agent.is_board_lead => ApiError::conflict(HAS_A_LEAD),
        DbErrorKind::Unique => ApiError::conflict("This gateway already has a main agent."),
        _ => error.into(),
    })?;
    provisioning::wake(tx, &agent, "updated")?;
    provisioning::record_update(tx, &agent, Some(caller.user.id))?;
    Ok(agent)
}

/// The board that the request names, if the caller may change it.
fn wanted_board(tx: &mut Tx<'_>, caller: &SignedIn, request: &AgentUpdate) -> ApiResult<Option<Board>> {
    match request.board_id.as_ref().copied().flatten() {
        Some(id) => access::board_for_person(tx, caller, id, BoardRight::Write)?.ok_or_else(no_board).map(Some),
        None => Ok(None),
    }
}

/// Where the agent serves from now on.
fn move_to(tx: &mut Tx<'_>, agent: &mut Agent, request: &AgentUpdate, wanted: Option<Board>) -> ApiResult<()> {
    let (board, is_main) = match (request.is_gateway_main, wanted) {
        (Some(true), wanted) => {
            let own = match (wanted, agent.board_id) {
                (Some(board), _) => Some(board),
                (None, Some(id)) => boards::store::find(tx, id)?,
                (None, None) => None,
            };
            (own.ok_or_else(|| ApiError::unprocessable("board_id is required"))?, true)
        }
        (Some(false), None) => {
            let text = "board_id is required when converting a gateway-main agent to board scope";
            return Err(ApiError::unprocessable(text));
        }
        (None, None) if request.board_id == Patch::Set(None) => {
            return Err(ApiError::unprocessable("board_id is required"));
        }
        // A main agent stays one unless the request says otherwise.
        (None, Some(_)) if agent.is_gateway_main() => return Ok(()),
        (None, None) => return Ok(()),
        (Some(false) | None, Some(board)) => (board, false),
    };
    let gateway = usable_gateway(tx, &board)?;
    agent.board_id = (!is_main).then_some(board.id);
    agent.is_board_lead &= !is_main;
    agent.gateway_id = gateway.id;
    agent.gateway_url = gateway.url;
    Ok(())
}

fn usable_gateway(tx: &mut Tx<'_>, board: &Board) -> ApiResult<Gateway> {
    let gateway = match board.gateway_id {
        Some(id) => gateways::store::lock(tx, board.organization_id, id)?,
        None => None,
    };
    gateways::require_usable(board.gateway_id, gateway)
}

fn apply(agent: &mut Agent, request: AgentUpdate) {
    if let Patch::Set(name) = request.name {
        agent.name = name.0;
    }
    if let Patch::Set(config) = request.heartbeat_config {
        agent.heartbeat_config = Some(config.map_or_else(default_heartbeat_config, Into::into));
    }
    if let Patch::Set(identity) = request.identity_profile {
        agent.identity_profile = identity.0.map(Into::into);
    }
    if let Patch::Set(template) = request.identity_template {
        agent.identity_template = profile::not_blank(template);
    }
    if let Patch::Set(template) = request.soul_template {
        agent.soul_template = profile::not_blank(template);
    }
}

/// A name is looked up only where it is new: names that are doubled already stay.
fn require_free_name(tx: &mut Tx<'_>, before: &Agent, agent: &Agent) -> ApiResult<()> {
    let renamed = before.name.to_lowercase() != agent.name.to_lowercase();
    let moved = before.board_id != agent.board_id || before.gateway_id != agent.gateway_id;
    match agent.board_id {
        Some(board_id) if renamed || moved => {
            check_name(store::name_taken_by_other(tx, board_id, agent.gateway_id, &agent.name, agent.id)?)
        }
        _ => Ok(()),
    }
}

/// Deletes an agent; what it worked on waits again. Nothing happens if there is none.
///
/// # Errors
/// 502 when it cannot be removed from its gateway: nothing is deleted then.
pub fn delete(tx: &mut Tx<'_>, agent: &Agent, user_id: Option<Uuid>) -> ApiResult<()> {
    if let Transport::WebSocket = Transport::of(&agent.gateway_url) {
        return Err(ApiError::bad_gateway(format!("Gateway cleanup failed: {NO_WEBSOCKET}")));
    }
    let event = NewEvent {
        event_type: "agent.delete.direct",
        message: format!("Deleted agent {}.", agent.name),
        board_id: agent.board_id,
        user_id,
        ..NewEvent::default()
    };
    activity::store::record(tx, event)?;
    tasks::release_of(tx, agent.id, Timestamp::now())?;
    store::delete(tx, agent.id)?;
    Ok(())
}

/// Deletes an agent for a person; nothing happens if there is none.
///
/// # Errors
/// 403 without the right to change its board; as [`delete`].
pub fn delete_for_person(tx: &mut Tx<'_>, caller: &SignedIn, agent_id: Uuid) -> ApiResult<()> {
    let found = store::find(tx, agent_id)?;
    let own = found.filter(|agent| agent.organization_id == caller.membership.organization_id);
    let Some(agent) = own else { return Ok(()) };
    let agent = access::require(tx, caller, agent, BoardRight::Write)?;
    delete(tx, &agent, Some(caller.user.id))
}

/// Deletes a worker for the lead of its board; nothing happens if there is none.
///
/// # Errors
/// 403 for main agents and leads, 404 for agents of other boards; as [`delete`].
pub fn delete_for_lead(tx: &mut Tx<'_>, board: &Board, agent_id: Uuid) -> ApiResult<()> {
    let found = store::find(tx, agent_id)?;
    let Some(agent) = found.filter(|agent| agent.organization_id == board.organization_id) else { return Ok(()) };
    match agent.post() {
        Post::GatewayMain => Err(ApiError::forbidden_because("Board leads cannot delete gateway main agents")),
        Post::BoardLead(own) | Post::Worker(own) if own != board.id => Err(ApiError::not_found()),
        Post::BoardLead(_) => Err(ApiError::forbidden_because("Board leads cannot delete lead agents")),
        Post::Worker(_) => delete(tx, &agent, None),
    }
}
