//! Gateways at work: whether they can be used, and what their agents are told.
//!
//! A mailbox has no server: it is always there, its sessions are its agents', and what was said is what was sent to them.

pub mod commands;
pub mod wire;

use uuid::Uuid;

use self::wire::{
    GatewaySessionHistoryResponse, GatewaySessionResponse, GatewaySessionsResponse, GatewayStatusQuery,
    GatewayTemplatesSyncError, GatewayTemplatesSyncResult, GatewaysStatusResponse, TemplatesSyncQuery, said, session,
};
use crate::agents::{self, Contact, access};
use crate::boards::{Board, BoardRight};
use crate::gateway_changes::not_found;
use crate::gateways::{self, Gateway, NO_WEBSOCKET};
use crate::messaging::{self, Message, Sent, Transport, inbox};
use crate::organizations::SignedIn;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::schema::Object;

/// Sessions and messages that a list shows at the most.
const MOST: i64 = 200;

/// How a gateway is: that of a board, or one at an address, which need not be stored.
///
/// # Errors
/// 422 when neither is named, and without a usable gateway of the board; 404 and 403 for boards that are not the caller's.
pub fn status(tx: &mut Tx<'_>, caller: &SignedIn, query: &GatewayStatusQuery) -> ApiResult<GatewaysStatusResponse> {
    let Some(url) = query.gateway_url.as_deref() else {
        let (_, gateway) = of_board(tx, caller, query.board_id, BoardRight::Read)?;
        if gateway.transport() != Transport::Mailbox {
            return Ok(unreachable(gateway.url));
        }
        let (sessions, main_session) = sessions_of(tx, &gateway)?;
        return Ok(GatewaysStatusResponse { main_session, ..connected(gateway.url, sessions) });
    };
    match Transport::of(url) {
        Transport::Nowhere => Err(ApiError::unprocessable(NEITHER)),
        Transport::Mailbox => Ok(connected(url.trim().to_owned(), Vec::new())),
        Transport::WebSocket => Ok(unreachable(url.trim().to_owned())),
    }
}

const NEITHER: &str = "board_id or gateway_url is required";

fn connected(gateway_url: String, sessions: Vec<Object>) -> GatewaysStatusResponse {
    GatewaysStatusResponse {
        connected: true,
        gateway_url,
        sessions_count: i64::try_from(sessions.len()).ok(),
        sessions: Some(sessions),
        main_session: None,
        main_session_error: None,
        error: None,
    }
}

fn unreachable(gateway_url: String) -> GatewaysStatusResponse {
    GatewaysStatusResponse {
        connected: false,
        gateway_url,
        sessions_count: None,
        sessions: None,
        main_session: None,
        main_session_error: None,
        error: Some(NO_WEBSOCKET.to_owned()),
    }
}

/// The sessions of a board's gateway.
///
/// # Errors
/// As [`status`]; 502 when the gateway cannot be reached.
pub fn sessions(tx: &mut Tx<'_>, caller: &SignedIn, board_id: Option<Uuid>) -> ApiResult<GatewaySessionsResponse> {
    let gateway = reachable(tx, caller, board_id, BoardRight::Read)?;
    let (sessions, main_session) = sessions_of(tx, &gateway)?;
    Ok(GatewaySessionsResponse { sessions, main_session })
}

/// One session of a board's gateway.
///
/// # Errors
/// As [`sessions`]; 404 when no agent of the gateway has it.
pub fn one(tx: &mut Tx<'_>, caller: &SignedIn, board_id: Option<Uuid>, key: &str) -> ApiResult<GatewaySessionResponse> {
    let gateway = reachable(tx, caller, board_id, BoardRight::Read)?;
    let agent = agent_of(tx, &gateway, key)?;
    Ok(GatewaySessionResponse { session: session(&agent).ok_or_else(no_session)? })
}

/// What was sent to a session of a board's gateway, oldest first: the newest 200.
///
/// # Errors
/// As [`one`].
pub fn history(
    tx: &mut Tx<'_>,
    caller: &SignedIn,
    board_id: Option<Uuid>,
    key: &str,
) -> ApiResult<GatewaySessionHistoryResponse> {
    let gateway = reachable(tx, caller, board_id, BoardRight::Read)?;
    let agent = agent_of(tx, &gateway, key)?;
    let messages = inbox::newest(tx, agent.id, MOST)?;
    Ok(GatewaySessionHistoryResponse { history: messages.iter().map(said).collect() })
}

/// Sends a message to a session of a board's gateway.
///
/// # Errors
/// As [`one`], with the right to change the board.
pub fn send(tx: &mut Tx<'_>, caller: &SignedIn, board_id: Option<Uuid>, key: &str, text: &str) -> ApiResult<()> {
    let gateway = reachable(tx, caller, board_id, BoardRight::Write)?;
    let agent = agent_of(tx, &gateway, key)?;
    let message = Message {
        sender: caller.user.display_name(),
        board_id: agent.board_id,
        text: text.to_owned(),
        deliver: false,
        dedupe_key: None,
    };
    match messaging::send(tx, agent.recipient(), &message)? {
        Sent::Accepted => Ok(()),
        Sent::Skipped => Err(ApiError::bad_gateway(NO_WEBSOCKET)),
    }
}

/// Brings the workspace files of a gateway's agents up to date. Agents of a mailbox have none: they are counted, and a
/// token is never changed behind their back.
///
/// # Errors
/// 404 when the organization has no such gateway.
pub fn sync_templates(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    gateway_id: Uuid,
    query: &TemplatesSyncQuery,
) -> ApiResult<GatewayTemplatesSyncResult> {
    let gateway = gateways::store::find(tx, organization_id, gateway_id)?.ok_or_else(not_found)?;
    let mut result = GatewayTemplatesSyncResult {
        gateway_id,
        include_main: query.include_main,
        reset_sessions: query.reset_sessions,
        agents_updated: 0,
        agents_skipped: 0,
        main_updated: false,
        errors: Vec::new(),
    };
    let error = |agent: Option<&Contact>, board_id: Option<Uuid>, message: &str| GatewayTemplatesSyncError {
        agent_id: agent.map(|agent| agent.id),
        agent_name: agent.map(|agent| agent.name.clone()),
        board_id,
        message: message.to_owned(),
    };
    if gateway.transport() != Transport::Mailbox {
        result.errors.push(error(None, None, NO_WEBSOCKET));
        return Ok(result);
    }
    let boards = crate::boards::store::of_gateway(tx, gateway.id)?;
    if let Some(id) = query.board_id.filter(|id| boards.iter().all(|board| board.id != *id)) {
        result.errors.push(error(None, Some(id), "Board does not belong to this gateway."));
        return Ok(result);
    }
    for agent in agents::store::contacts_on_gateway(tx, gateway.id, i64::MAX)? {
        let is_wanted = match agent.board_id {
            None => query.include_main,
            Some(board) => query.board_id.is_none_or(|id| id == board) && (agent.is_board_lead || !query.lead_only),
        };
        if !is_wanted {
            continue;
        }
        if query.rotate_tokens {
            result.agents_skipped += i64::from(agent.board_id.is_some());
            let text = "Skipping agent: its token is given out only by POST /api/v1/agents/{agent_id}/token.";
            result.errors.push(error(Some(&agent), agent.board_id, text));
        } else if agent.board_id.is_none() {
            result.main_updated = true;
        } else {
            result.agents_updated += 1;
        }
    }
    Ok(result)
}

fn of_board(
    tx: &mut Tx<'_>,
    caller: &SignedIn,
    board_id: Option<Uuid>,
    right: BoardRight,
) -> ApiResult<(Board, Gateway)> {
    let board_id = board_id.ok_or_else(|| ApiError::unprocessable(NEITHER))?;
    let board = access::board_for_person(tx, caller, board_id, right)?;
    let board = board.ok_or_else(|| ApiError::not_found_because("Board not found"))?;
    let gateway = match board.gateway_id {
        Some(id) => gateways::store::find(tx, board.organization_id, id)?,
        None => None,
    };
    let gateway = gateways::require_usable(board.gateway_id, gateway)?;
    Ok((board, gateway))
}

fn reachable(tx: &mut Tx<'_>, caller: &SignedIn, board_id: Option<Uuid>, right: BoardRight) -> ApiResult<Gateway> {
    let (_, gateway) = of_board(tx, caller, board_id, right)?;
    if gateway.transport() == Transport::Mailbox { Ok(gateway) } else { Err(ApiError::bad_gateway(NO_WEBSOCKET)) }
}

/// The sessions of a mailbox's agents, and that of its main agent.
fn sessions_of(tx: &mut Tx<'_>, gateway: &Gateway) -> ApiResult<(Vec<Object>, Option<Object>)> {
    let agents = agents::store::contacts_on_gateway(tx, gateway.id, MOST)?;
    let main = agents.iter().find(|agent| agent.board_id.is_none()).and_then(session);
    Ok((agents.iter().filter_map(session).collect(), main))
}

fn agent_of(tx: &mut Tx<'_>, gateway: &Gateway, key: &str) -> ApiResult<Contact> {
    agents::store::contact_of_session(tx, gateway.id, key)?.ok_or_else(no_session)
}

fn no_session() -> ApiError {
    ApiError::not_found_because("Session not found")
}
