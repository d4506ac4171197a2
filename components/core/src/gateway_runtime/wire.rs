//! Bodies of the routes about gateways at work.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::agents::Contact;
use crate::messaging::inbox::Entry;
use mission_control_web::schema::{NonBlank, Object};
use mission_control_web::{request, response};

request! {
    /// Which gateway is meant: that of a board, or one at an address.
    pub struct GatewayStatusQuery {
        pub board_id: Option<Uuid> = None,
        pub gateway_url: Option<String> = None,
        pub gateway_token: Option<String> = None,
        pub gateway_disable_device_pairing: Option<bool> = None,
        pub gateway_allow_insecure_tls: Option<bool> = None,
    }
}

request! {
    /// Which gateway is meant: that of a board.
    pub struct GatewayBoardQuery {
        pub board_id: Option<Uuid> = None,
    }
}

request! {
    /// Which session the path names.
    pub struct SessionPath {
        /// Its key, such as `agent:lead-<board>:main`.
        pub session_id: String,
    }
}

request! {
    /// A message to a session.
    pub struct GatewaySessionMessageRequest {
        pub content: NonBlank,
    }
}

request! {
    /// What a sync of workspace files does.
    pub struct TemplatesSyncQuery {
        /// Whether the main agent is synced, too.
        pub include_main: bool = true,
        /// Whether leads alone are synced.
        pub lead_only: bool = false,
        pub reset_sessions: bool = false,
        pub rotate_tokens: bool = false,
        pub force_bootstrap: bool = false,
        pub overwrite: bool = false,
        /// Only the agents of this board.
        pub board_id: Option<Uuid> = None,
    }
}

response! {
    /// How a gateway is.
    pub struct GatewaysStatusResponse {
        pub connected: bool,
        pub gateway_url: String,
        pub sessions_count: Option<i64>,
        pub sessions: Option<Vec<Object>>,
        /// The session of its main agent.
        pub main_session: Option<Object>,
        pub main_session_error: Option<String>,
        /// Why it is not connected.
        pub error: Option<String>,
    }
}

response! {
    /// The sessions of a gateway.
    pub struct GatewaySessionsResponse {
        pub sessions: Vec<Object>,
        pub main_session: Option<Object>,
    }
}

response! {
    /// One session of a gateway.
    pub struct GatewaySessionResponse {
        pub session: Object,
    }
}

response! {
    /// What was said in a session.
    pub struct GatewaySessionHistoryResponse {
        pub history: Vec<Object>,
    }
}

response! {
    /// What gateways understand and tell.
    pub struct GatewayCommandsResponse {
        pub protocol_version: i64,
        pub methods: Vec<String>,
        pub events: Vec<String>,
    }
}

response! {
    /// Something that a sync could not do.
    pub struct GatewayTemplatesSyncError {
        pub agent_id: Option<Uuid>,
        pub agent_name: Option<String>,
        pub board_id: Option<Uuid>,
        pub message: String,
    }
}

response! {
    /// What a sync of workspace files did.
    pub struct GatewayTemplatesSyncResult {
        pub gateway_id: Uuid,
        pub include_main: bool,
        pub reset_sessions: bool,
        pub agents_updated: i64,
        pub agents_skipped: i64,
        pub main_updated: bool,
        pub errors: Vec<GatewayTemplatesSyncError>,
    }
}

/// The session of an agent that has one.
pub(super) fn session(agent: &Contact) -> Option<Object> {
    let key = agent.openclaw_session_id.as_deref()?;
    Some(object(json!({"key": key, "label": agent.name})))
}

/// A message as a session's history has it.
pub(super) fn said(entry: &Entry) -> Object {
    object(json!({"role": "user", "content": entry.message, "timestamp": entry.created_at}))
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => Object(members),
        _ => Object(Map::new()),
    }
}
