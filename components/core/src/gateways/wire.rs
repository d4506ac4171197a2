//! Bodies of the routes of gateways.

use uuid::Uuid;

use super::Gateway;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{NonBlankName, Nullable, Patch};
use mission_control_web::{request, response};

/// What stands for a stored token.
pub const TOKEN_MASK: &str = "********";

response! {
    /// A gateway.
    pub struct GatewayRead {
        pub name: String,
        pub url: String,
        pub workspace_root: String,
        pub allow_insecure_tls: bool,
        pub disable_device_pairing: bool,
        pub id: Uuid,
        pub organization_id: Uuid,
        /// Eight asterisks if a token is stored: the secret is never shown. In a change they mean the stored one.
        pub token: Option<String>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        /// Whether a token is stored.
        pub has_token: bool,
        /// The token of the main agent, only in the answer that makes a mailbox gateway.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub main_agent_token: Option<String>,
    }
}

impl From<Gateway> for GatewayRead {
    fn from(gateway: Gateway) -> Self {
        Self {
            name: gateway.name,
            url: gateway.url,
            workspace_root: gateway.workspace_root,
            allow_insecure_tls: gateway.allow_insecure_tls,
            disable_device_pairing: gateway.disable_device_pairing,
            id: gateway.id,
            organization_id: gateway.organization_id,
            has_token: gateway.token.is_some(),
            token: gateway.token.map(|_| TOKEN_MASK.to_owned()),
            created_at: gateway.created_at,
            updated_at: gateway.updated_at,
            main_agent_token: None,
        }
    }
}

request! {
    /// Which gateway the path names.
    pub struct GatewayPath {
        pub gateway_id: Uuid,
    }
}

request! {
    /// A new gateway.
    pub struct GatewayCreate {
        pub name: NonBlankName,
        /// `mailbox:` for a gateway without a server.
        pub url: String,
        pub workspace_root: String,
        pub allow_insecure_tls: bool = false,
        pub disable_device_pairing: bool = false,
        pub token: Option<String> = None,
    }
}

request! {
    /// What to change of a gateway; absent members stay as they are.
    pub struct GatewayUpdate {
        pub name: Patch<NonBlankName> = Patch::Keep,
        /// `mailbox:` for a gateway without a server.
        pub url: Patch<String> = Patch::Keep,
        pub workspace_root: Patch<String> = Patch::Keep,
        pub allow_insecure_tls: Patch<bool> = Patch::Keep,
        pub disable_device_pairing: Patch<bool> = Patch::Keep,
        /// Null or blank clears it, eight asterisks keep it.
        pub token: Nullable<String> = Patch::Keep,
    }
}
