//! Making a gateway together with its main agent.

use uuid::Uuid;

use crate::agents::provisioning::{self, NewAgent};
use crate::agents::session::Post;
use crate::agents::{default_heartbeat_config, profile};
use crate::gateways::wire::{GatewayCreate, GatewayRead};
use crate::gateways::{Gateway, check_compatibility, store};
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiResult;

/// Makes a gateway and its main agent; the answer is the only one that carries the agent's token.
///
/// # Errors
/// 502 when no gateway can be used at this address: nothing is stored then. A database failure.
pub fn create(tx: &mut Tx<'_>, organization_id: Uuid, body: GatewayCreate) -> ApiResult<GatewayRead> {
    check_compatibility(&body.url)?;
    let now = Timestamp::now();
    let gateway = Gateway {
        id: Uuid::new_v4(),
        organization_id,
        name: body.name.0,
        url: body.url,
        token: profile::not_blank(body.token),
        workspace_root: body.workspace_root,
        allow_insecure_tls: body.allow_insecure_tls,
        disable_device_pairing: body.disable_device_pairing,
        created_at: now,
        updated_at: now,
    };
    store::insert(tx, &gateway)?;
    let main = NewAgent {
        post: Post::GatewayMain,
        name: main_agent_name(&gateway),
        heartbeat_config: default_heartbeat_config(),
        identity_profile: Some(profile::of_role("Gateway Agent", ":compass:")),
        identity_template: None,
        soul_template: None,
    };
    let token = provisioning::provision(tx, &gateway, main)?.token;
    Ok(GatewayRead { main_agent_token: Some(token), ..gateway.into() })
}

/// What the main agent of a gateway is called.
#[must_use]
pub fn main_agent_name(gateway: &Gateway) -> String {
    format!("{} Gateway Agent", gateway.name)
}
