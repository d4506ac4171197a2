//! Bodies of the routes of gateways.

use uuid::Uuid;

use super::Gateway;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::NonBlankName;
use mission_control_web::{request, response};

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
        /// Always null: the secret is never shown.
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
            token: None,
            created_at: gateway.created_at,
            updated_at: gateway.updated_at,
            has_token: gateway.token.is_some(),
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
