//! Gateways: what carries messages to agents.
//!
//! A `mailbox:` gateway needs no server: its agents poll their inbox. It is the only kind that can be made; gateways
//! reached over WebSocket exist only where an older database brought them along.

pub mod store;
pub mod wire;

use uuid::Uuid;

use crate::messaging::Transport;
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// Why a gateway that is reached over WebSocket cannot be used.
pub const NO_WEBSOCKET: &str = "WebSocket gateways are not available in this build.";

record! {
    /// A gateway.
    #[derive(Clone, Debug)]
    pub struct Gateway {
        /// Identifier.
        pub id: Uuid,
        /// The tenant.
        pub organization_id: Uuid,
        /// Shown to people.
        pub name: String,
        /// Its address; `mailbox:` needs no server.
        pub url: String,
        /// The secret that its server asks for. Never shown.
        pub token: Option<String>,
        /// Where its server keeps the agents' files.
        pub workspace_root: String,
        /// Whether its server's certificate is not verified.
        pub allow_insecure_tls: bool,
        /// Whether connections do without a device identity.
        pub disable_device_pairing: bool,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

impl Gateway {
    /// How it carries messages.
    #[must_use]
    pub fn transport(&self) -> Transport {
        Transport::of(&self.url)
    }
}

/// Whether a gateway of this address can be used, as the reference finds out by connecting to it.
///
/// # Errors
/// 502 with the reason when it cannot.
pub fn check_compatibility(url: &str) -> ApiResult<()> {
    let reason = match Transport::of(url) {
        Transport::Mailbox => return Ok(()),
        Transport::Nowhere => "Gateway URL is not configured.",
        Transport::WebSocket => NO_WEBSOCKET,
    };
    Err(ApiError::bad_gateway(format!("Gateway compatibility check failed: {reason}")))
}

/// The gateway that a board names, if messages can be sent through it.
///
/// # Errors
/// 422 with what is missing.
pub fn require_usable(gateway_id: Option<Uuid>, gateway: Option<Gateway>) -> ApiResult<Gateway> {
    if gateway_id.is_none() {
        return Err(ApiError::unprocessable("Board gateway_id is required"));
    }
    let gateway = gateway.ok_or_else(|| ApiError::unprocessable("Board gateway_id is invalid"))?;
    match gateway.transport() {
        // It has neither a server nor files.
        Transport::Mailbox => Ok(gateway),
        _ if gateway.workspace_root.trim().is_empty() => {
            Err(ApiError::unprocessable("Gateway workspace_root is required"))
        }
        Transport::Nowhere => Err(ApiError::unprocessable("Gateway url is required")),
        Transport::WebSocket => Ok(gateway),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mailbox_can_be_used() {
        assert!(check_compatibility("mailbox:team").is_ok());
        let refused = check_compatibility(" ").unwrap_err();
        assert_eq!(refused.status_code(), 502);
        assert_eq!(refused.detail(), "Gateway compatibility check failed: Gateway URL is not configured.");
        let refused = check_compatibility("ws://127.0.0.1:18789").unwrap_err();
        assert!(refused.detail().as_str().unwrap().ends_with(NO_WEBSOCKET));
    }
}
