//! Messages of a gateway's main agent to the leads of its boards.

use uuid::Uuid;

use super::wire::{
    GatewayLeadBroadcastBoardResult, GatewayLeadBroadcastRequest, GatewayLeadBroadcastResponse,
    GatewayLeadMessageRequest, GatewayLeadMessageResponse, LeadMessage, MessageKind, texts_or,
};
use super::{record, reply_instructions};
use crate::agents::Agent;
use crate::agents::lead::{self, Lead};
use crate::agents::profile::IdentityProfile;
use crate::boards::{self, Board};
use crate::gateways::{self, Gateway, NO_WEBSOCKET};
use crate::messaging::text::one_line;
use crate::messaging::{self, Message, Sent};
use mission_control_platform::db::{DbError, Tx};
use mission_control_web::http::{ApiError, ApiResult};

const REPLY_TAGS: [&str; 2] = ["gateway_main", "lead_reply"];
const REPLY_SOURCE: &str = "lead_to_gateway_main";

/// Sends a message to the lead of a board of the main agent's gateway; a board without a lead gets one.
///
/// # Errors
/// 403 for other agents and boards of other gateways, 404 for a board that does not exist for them, 422 without a usable
/// gateway, 502 when it cannot carry the message.
pub fn message_lead(
    tx: &mut Tx<'_>,
    caller: &Agent,
    board_id: Uuid,
    request: &GatewayLeadMessageRequest,
    base_url: &str,
) -> ApiResult<GatewayLeadMessageResponse> {
    let gateway = gateway_of_main(tx, caller)?;
    let board = boards::store::lock(tx, board_id)?
        .filter(|board| board.organization_id == caller.organization_id)
        .ok_or_else(|| ApiError::not_found_because("Board not found"))?;
    if board.gateway_id != Some(gateway.id) {
        return Err(ApiError::forbidden());
    }
    let message = request.message();
    let (lead, lead_created) = tell(tx, caller, &board, &gateway, &message, base_url)
        .map_err(|failure| failure.into_error("Gateway lead message dispatch failed"))?;
    let told = format!("Sent {} to lead for board: {}.", message.kind, board.name);
    record(tx, "gateway.main.lead_message.sent", told, caller.id, Some(board.id))?;
    Ok(GatewayLeadMessageResponse {
        ok: true,
        board_id,
        lead_agent_id: Some(lead.id),
        lead_agent_name: Some(lead.name),
        lead_created,
    })
}

/// Sends a message to the leads of all boards of the main agent's gateway, or of those that the request names.
///
/// # Errors
/// As [`message_lead`]; what cannot be sent to a board stands in the answer.
pub fn broadcast(
    tx: &mut Tx<'_>,
    caller: &Agent,
    request: &GatewayLeadBroadcastRequest,
    base_url: &str,
) -> ApiResult<GatewayLeadBroadcastResponse> {
    let gateway = gateway_of_main(tx, caller)?;
    let wanted = request.board_ids.as_deref().filter(|ids| !ids.is_empty());
    let mut boards = boards::store::of_gateway(tx, gateway.id)?;
    boards.retain(|board| wanted.is_none_or(|ids| ids.contains(&board.id)));
    let message = request.message();
    let mut results = Vec::with_capacity(boards.len());
    for board in boards {
        let told = tell(tx, caller, &board, &gateway, &message, base_url);
        results.push(match told {
            Ok((lead, _)) => GatewayLeadBroadcastBoardResult {
                board_id: board.id,
                lead_agent_id: Some(lead.id),
                lead_agent_name: Some(lead.name),
                ok: true,
                error: None,
            },
            Err(Failure::Undeliverable(reason)) => GatewayLeadBroadcastBoardResult {
                board_id: board.id,
                lead_agent_id: None,
                lead_agent_name: None,
                ok: false,
                error: Some(format!("Gateway lead broadcast dispatch failed: {reason}")),
            },
            Err(Failure::Other(error)) => return Err(error),
        });
    }
    let sent = results.iter().filter(|result| result.ok).count();
    let failed = results.len() - sent;
    let told = format!("Broadcast {} to {sent} board leads (failed: {failed}).", message.kind);
    record(tx, "gateway.main.lead_broadcast.sent", told, caller.id, None)?;
    let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(GatewayLeadBroadcastResponse { ok: true, sent: count(sent), failed: count(failed), results })
}

/// The gateway whose main agent the caller is, locked.
fn gateway_of_main(tx: &mut Tx<'_>, caller: &Agent) -> ApiResult<Gateway> {
    if !caller.is_gateway_main() {
        return Err(ApiError::forbidden());
    }
    let gateway = gateways::store::lock(tx, caller.organization_id, caller.gateway_id)?;
    let gateway = gateway
        .ok_or_else(|| ApiError::forbidden_because("Only the dedicated gateway agent may call this endpoint."))?;
    if gateway.url.trim().is_empty() {
        return Err(ApiError::unprocessable("Gateway url is required"));
    }
    Ok(gateway)
}

/// Why a lead was not told.
enum Failure {
    Undeliverable(&'static str),
    Other(ApiError),
}

impl Failure {
    fn into_error(self, what: &str) -> ApiError {
        match self {
            Self::Undeliverable(reason) => ApiError::bad_gateway(format!("{what}: {reason}")),
            Self::Other(error) => error,
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Other(error.into())
    }
}

/// Tells the lead of a board, which it may be given for that; whether it was.
fn tell(
    tx: &mut Tx<'_>,
    caller: &Agent,
    board: &Board,
    gateway: &Gateway,
    message: &LeadMessage<'_>,
    base_url: &str,
) -> Result<(Agent, bool), Failure> {
    let (lead, is_new) = match lead::ensure(tx, board, gateway, None, IdentityProfile::default())? {
        Lead::Existing(lead) => (lead, false),
        Lead::New(made) => (made.agent, true),
    };
    let text = text(caller, board, message, base_url);
    let message = Message { sender: &caller.name, board_id: Some(board.id), text, deliver: false, dedupe_key: None };
    match messaging::send(tx, lead.recipient(), &message)? {
        Sent::Accepted => Ok((lead, is_new)),
        Sent::Skipped => Err(Failure::Undeliverable(NO_WEBSOCKET)),
    }
}

fn text(caller: &Agent, board: &Board, message: &LeadMessage<'_>, base_url: &str) -> String {
    let header = match message.kind {
        MessageKind::Question => "GATEWAY MAIN QUESTION",
        MessageKind::Handoff => "GATEWAY MAIN HANDOFF",
    };
    let correlation = match message.correlation_id.map(str::trim) {
        Some(id) if !id.is_empty() => format!("Correlation ID: {}\n", one_line(id)),
        _ => String::new(),
    };
    let tags = texts_or(message.reply_tags, &REPLY_TAGS);
    let source = message.reply_source.filter(|source| !source.is_empty()).unwrap_or(REPLY_SOURCE);
    format!(
        "{header}\nBoard: {}\nBoard ID: {}\nFrom agent: {}\n{correlation}\n{}\n\n{}",
        one_line(&board.name),
        board.id,
        one_line(&caller.name),
        message.content,
        reply_instructions(base_url, board.id, &tags, source)
    )
}
