//! How agents reach each other, and what leads do with their workers.

use mission_control_core::agent_changes;
use mission_control_core::agents::wire::AgentPath;
use mission_control_core::boards::wire::BoardPath;
use mission_control_core::coordination;
use mission_control_core::coordination::wire::{
    AgentNudge, GatewayLeadBroadcastRequest, GatewayLeadBroadcastResponse, GatewayLeadMessageRequest,
    GatewayLeadMessageResponse, GatewayMainAskUserRequest, GatewayMainAskUserResponse, SoulUpdateRequest,
};
use mission_control_core::guards::{AgentCaller, AgentOnBoard, LeadOnBoard};
use mission_control_core::onboarding;
use mission_control_core::onboarding::wire::{AgentUpdate, BoardOnboardingRead};
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Nudges an agent of the caller's board: it is to act at once.
pub async fn nudge_agent(
    cx: Cx,
    on: LeadOnBoard,
    path: Path<AgentPath>,
    body: Body<AgentNudge>,
) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| coordination::nudge(tx, &on.board, &on.agent, path.agent_id, &body.message)).await?;
    Ok(done())
}

/// Answers the soul of an agent of the board: leads may read each, others their own.
pub async fn get_agent_soul(cx: Cx, on: AgentOnBoard, path: Path<AgentPath>) -> ApiResult<Json<String>> {
    cx.db.read(|tx| coordination::soul_of(tx, &on.board, &on.agent, path.agent_id)).map(Json)
}

/// Writes the soul of an agent of the caller's board.
pub async fn update_agent_soul(
    cx: Cx,
    on: LeadOnBoard,
    path: Path<AgentPath>,
    body: Body<SoulUpdateRequest>,
) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| coordination::update_soul(tx, &on.board, &on.agent, path.agent_id, &body)).await?;
    Ok(done())
}

/// Deletes a worker of the caller's board.
pub async fn delete_board_agent(cx: Cx, on: LeadOnBoard, path: Path<AgentPath>) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| agent_changes::delete_for_lead(tx, &on.board, path.agent_id)).await?;
    Ok(done())
}

/// Has the gateway's main agent put a question to the user.
pub async fn ask_user_via_gateway_main(
    cx: Cx,
    on: LeadOnBoard,
    body: Body<GatewayMainAskUserRequest>,
) -> ApiResult<Json<GatewayMainAskUserResponse>> {
    cx.db.write(|tx| coordination::ask_user(tx, &on.board, &on.agent, &body, &cx.settings.base_url)).await.map(Json)
}

/// Sends a message to the lead of a board of the caller's gateway.
pub async fn message_gateway_board_lead(
    cx: Cx,
    caller: AgentCaller,
    path: Path<BoardPath>,
    body: Body<GatewayLeadMessageRequest>,
) -> ApiResult<Json<GatewayLeadMessageResponse>> {
    cx.db
        .write(|tx| coordination::message_lead(tx, &caller, path.board_id, &body, &cx.settings.base_url))
        .await
        .map(Json)
}

/// Sends a message to the leads of the boards of the caller's gateway.
pub async fn broadcast_gateway_lead_message(
    cx: Cx,
    caller: AgentCaller,
    body: Body<GatewayLeadBroadcastRequest>,
) -> ApiResult<Json<GatewayLeadBroadcastResponse>> {
    cx.db.write(|tx| coordination::broadcast(tx, &caller, &body, &cx.settings.base_url)).await.map(Json)
}

/// Takes a question or the draft of a board's onboarding.
pub async fn update_onboarding(
    cx: Cx,
    on: AgentOnBoard,
    body: Body<AgentUpdate>,
) -> ApiResult<Json<BoardOnboardingRead>> {
    cx.db.write(|tx| onboarding::update_by_agent(tx, &on.board, &on.agent, &body)).await.map(Json)
}
