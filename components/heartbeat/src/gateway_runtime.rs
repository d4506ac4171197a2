//! Gateways at work.

use mission_control_core::gateway_runtime as runtime;
use mission_control_core::gateway_runtime::commands::{EVENTS, METHODS, PROTOCOL_VERSION};
use mission_control_core::gateway_runtime::wire::{
    GatewayBoardQuery, GatewayCommandsResponse, GatewaySessionHistoryResponse, GatewaySessionMessageRequest,
    GatewaySessionResponse, GatewaySessionsResponse, GatewayStatusQuery, GatewayTemplatesSyncResult,
    GatewaysStatusResponse, SessionPath, TemplatesSyncQuery,
};
use mission_control_core::gateways::wire::GatewayPath;
use mission_control_core::guards::OrgAdmin;
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Path, Query, done};

/// Answers how a gateway is: that of a board, or one at an address.
pub async fn gateways_status(
    cx: Cx,
    caller: OrgAdmin,
    query: Query<GatewayStatusQuery>,
) -> ApiResult<Json<GatewaysStatusResponse>> {
    cx.db.read(|tx| runtime::status(tx, &caller, &query)).map(Json)
}

/// Lists the sessions of a board's gateway.
pub async fn list_gateway_sessions(
    cx: Cx,
    caller: OrgAdmin,
    query: Query<GatewayBoardQuery>,
) -> ApiResult<Json<GatewaySessionsResponse>> {
    cx.db.read(|tx| runtime::sessions(tx, &caller, query.board_id)).map(Json)
}

/// Answers one session of a board's gateway.
pub async fn get_gateway_session(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<SessionPath>,
    query: Query<GatewayBoardQuery>,
) -> ApiResult<Json<GatewaySessionResponse>> {
    cx.db.read(|tx| runtime::one(tx, &caller, query.board_id, &path.session_id)).map(Json)
}

/// Answers what was sent to a session of a board's gateway.
pub async fn get_session_history(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<SessionPath>,
    query: Query<GatewayBoardQuery>,
) -> ApiResult<Json<GatewaySessionHistoryResponse>> {
    cx.db.read(|tx| runtime::history(tx, &caller, query.board_id, &path.session_id)).map(Json)
}

/// Sends a message to a session of a board's gateway.
pub async fn send_gateway_session_message(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<SessionPath>,
    query: Query<GatewayBoardQuery>,
    body: Body<GatewaySessionMessageRequest>,
) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| runtime::send(tx, &caller, query.board_id, &path.session_id, &body.content)).await?;
    Ok(done())
}

/// Lists what gateways understand and tell.
pub async fn gateway_commands(_: OrgAdmin) -> ApiResult<Json<GatewayCommandsResponse>> {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Ok(Json(GatewayCommandsResponse {
        protocol_version: PROTOCOL_VERSION,
        methods: texts(METHODS),
        events: texts(EVENTS),
    }))
}

/// Brings the workspace files of a gateway's agents up to date.
pub async fn sync_gateway_templates(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<GatewayPath>,
    query: Query<TemplatesSyncQuery>,
) -> ApiResult<Json<GatewayTemplatesSyncResult>> {
    let organization_id = caller.membership.organization_id;
    cx.db.read(|tx| runtime::sync_templates(tx, organization_id, path.gateway_id, &query)).map(Json)
}
