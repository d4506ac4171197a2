//! Gateways of the active organization.

use mission_control_core::agents::gateway_creation;
use mission_control_core::gateway_changes;
use mission_control_core::gateways::store;
use mission_control_core::gateways::wire::{GatewayCreate, GatewayPath, GatewayRead, GatewayUpdate};
use mission_control_core::guards::OrgAdmin;
use mission_control_platform::db::{Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Lists the organization's gateways, newest first.
pub async fn list_gateways(cx: Cx, caller: OrgAdmin, paging: Paging) -> ApiResult<Json<Page<GatewayRead>>> {
    let page = cx.db.read::<_, ApiError>(|tx| Ok(store::page(tx, caller.membership.organization_id, &paging)?))?;
    Ok(Json(page.map(Into::into)))
}

/// Makes a gateway with its main agent.
pub async fn create_gateway(cx: Cx, caller: OrgAdmin, body: Body<GatewayCreate>) -> ApiResult<Json<GatewayRead>> {
    cx.db.write(|tx| gateway_creation::create(tx, caller.membership.organization_id, body.0)).await.map(Json)
}

/// Answers one gateway.
pub async fn get_gateway(cx: Cx, caller: OrgAdmin, path: Path<GatewayPath>) -> ApiResult<Json<GatewayRead>> {
    let gateway =
        cx.db.read::<_, ApiError>(|tx| Ok(store::find(tx, caller.membership.organization_id, path.gateway_id)?))?;
    gateway.map(|gateway| Json(gateway.into())).ok_or_else(gateway_changes::not_found)
}

/// Changes what the request carries of a gateway.
pub async fn update_gateway(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<GatewayPath>,
    body: Body<GatewayUpdate>,
) -> ApiResult<Json<GatewayRead>> {
    let organization_id = caller.membership.organization_id;
    let gateway = cx.db.write(|tx| gateway_changes::update(tx, organization_id, path.gateway_id, body.0)).await?;
    Ok(Json(gateway.into()))
}

/// Deletes a gateway that no board uses, with its main agent.
pub async fn delete_gateway(cx: Cx, caller: OrgAdmin, path: Path<GatewayPath>) -> ApiResult<Json<OkResponse>> {
    let (organization_id, user_id) = (caller.membership.organization_id, caller.user.id);
    cx.db.write(|tx| gateway_changes::delete(tx, organization_id, path.gateway_id, user_id)).await?;
    Ok(done())
}
