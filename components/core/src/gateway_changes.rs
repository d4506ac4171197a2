//! Changing and deleting gateways, and what their agents get of it.

use uuid::Uuid;

use crate::agent_changes;
use crate::agents::gateway_creation::main_agent_name;
use crate::agents::{profile, store as agents};
use crate::boards;
use crate::gateways::wire::{GatewayUpdate, TOKEN_MASK};
use crate::gateways::{Gateway, check_compatibility, store};
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::schema::Patch;

/// Changes what the request carries of a gateway. Its main agent is called like it.
///
/// # Errors
/// 404 when the organization has no such gateway, 502 when none can be used at the new address.
pub fn update(tx: &mut Tx<'_>, organization_id: Uuid, gateway_id: Uuid, request: GatewayUpdate) -> ApiResult<Gateway> {
    let before = store::lock(tx, organization_id, gateway_id)?.ok_or_else(not_found)?;
    let mut gateway = before.clone();
    apply(&mut gateway, request);
    if gateway.url != before.url {
        check_compatibility(&gateway.url)?;
    }
    gateway.updated_at = Timestamp::now();
    store::save(tx, &gateway)?;
    if gateway.name != before.name
        && let Some(main) = agents::main_of_gateway(tx, gateway.id)?
        && let Some(mut main) = agents::find(tx, main.id)?
    {
        main.name = main_agent_name(&gateway);
        main.updated_at = gateway.updated_at;
        agents::save_post(tx, &main)?;
    }
    Ok(gateway)
}

fn apply(gateway: &mut Gateway, request: GatewayUpdate) {
    if let Patch::Set(name) = request.name {
        gateway.name = name.0;
    }
    request.url.apply_to(&mut gateway.url);
    request.workspace_root.apply_to(&mut gateway.workspace_root);
    request.allow_insecure_tls.apply_to(&mut gateway.allow_insecure_tls);
    request.disable_device_pairing.apply_to(&mut gateway.disable_device_pairing);
    if let Patch::Set(token) = request.token
        && token.as_deref() != Some(TOKEN_MASK)
    {
        gateway.token = profile::not_blank(token);
    }
}

/// Deletes a gateway with its main agent.
///
/// # Errors
/// 404 when the organization has no such gateway, 409 while boards or their agents use it.
pub fn delete(tx: &mut Tx<'_>, organization_id: Uuid, gateway_id: Uuid, user_id: Uuid) -> ApiResult<()> {
    let gateway = store::lock(tx, organization_id, gateway_id)?.ok_or_else(not_found)?;
    if !boards::store::of_gateway(tx, gateway.id)?.is_empty() || agents::count_of_boards(tx, gateway.id)? > 0 {
        return Err(ApiError::conflict("Gateway is used by boards or agents: move or delete them first."));
    }
    if let Some(main) = agents::main_of_gateway(tx, gateway.id)?
        && let Some(main) = agents::find(tx, main.id)?
    {
        agent_changes::delete(tx, &main, Some(user_id))?;
    }
    store::delete(tx, gateway.id)?;
    Ok(())
}

/// What a gateway that does not exist for the caller answers.
#[must_use]
pub fn not_found() -> ApiError {
    ApiError::not_found_because("Gateway not found")
}
