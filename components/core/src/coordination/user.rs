//! Questions of a lead to the user, which the main agent of the gateway passes on.

use super::wire::{GatewayMainAskUserRequest, GatewayMainAskUserResponse, texts_or};
use super::{gateway_of, record, reply_instructions};
use crate::agents::{Agent, main_agent};
use crate::boards::Board;
use crate::messaging::Message;
use crate::messaging::text::one_line;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};

const REPLY_TAGS: [&str; 2] = ["gateway_main", "user_reply"];
const REPLY_SOURCE: &str = "user_via_gateway_main";

/// Asks the main agent of the board's gateway to put a question to the user.
///
/// # Errors
/// 422 without a usable gateway, 502 when its main agent cannot be told.
pub fn ask_user(
    tx: &mut Tx<'_>,
    board: &Board,
    lead: &Agent,
    request: &GatewayMainAskUserRequest,
    base_url: &str,
) -> ApiResult<GatewayMainAskUserResponse> {
    let gateway = gateway_of(tx, board)?;
    let message = Message {
        sender: &lead.name,
        board_id: Some(board.id),
        text: text(board, lead, request, base_url),
        deliver: true,
        dedupe_key: None,
    };
    let main = main_agent::tell(tx, &gateway, &message)?
        .map_err(|reason| ApiError::bad_gateway(format!("Gateway ask-user dispatch failed: {reason}")))?;
    let told = format!("Lead requested user info via gateway agent for board: {}.", board.name);
    record(tx, "gateway.lead.ask_user.sent", told, lead.id, Some(board.id))?;
    Ok(GatewayMainAskUserResponse {
        ok: true,
        board_id: board.id,
        main_agent_id: Some(main.id),
        main_agent_name: Some(main.name),
    })
}

fn text(board: &Board, lead: &Agent, request: &GatewayMainAskUserRequest, base_url: &str) -> String {
    let optional = |label: &str, value: &Option<String>| match value.as_deref().map(str::trim) {
        Some(value) if !value.is_empty() => format!("{label}: {}\n", one_line(value)),
        _ => String::new(),
    };
    let tags = texts_or(&request.reply_tags, &REPLY_TAGS);
    let source = request.reply_source.as_deref().filter(|source| !source.is_empty()).unwrap_or(REPLY_SOURCE);
    format!(
        "LEAD REQUEST: ASK USER\nBoard: {}\nBoard ID: {}\nFrom lead: {}\n{}{}\n{}\n\n\
         Reach the user over the channels that you have; if none works, ask in the board's chat.\n{}",
        one_line(&board.name),
        board.id,
        one_line(&lead.name),
        optional("Correlation ID", &request.correlation_id),
        optional("Preferred channel", &request.preferred_channel),
        request.content.0,
        reply_instructions(base_url, board.id, &tags, source)
    )
}
