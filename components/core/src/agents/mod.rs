//! Agents: autonomous workers with a token, a board and a heartbeat.

pub mod access;
mod actor;
pub mod auth;
pub mod creation;
pub mod gateway_creation;
pub mod group_heartbeat;
pub mod heartbeat;
pub mod lead;
pub mod main_agent;
pub mod profile;
pub mod provisioning;
pub mod session;
pub mod status;
pub mod store;
pub mod stream;
#[cfg(test)]
pub(crate) mod test_world;
pub mod wire;

pub use actor::Actor;

use crate::messaging::Recipient;
use crate::messaging::mentions::Callable;

use serde_json::{Value, json};
use uuid::Uuid;

use self::session::Post;
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

record! {
    /// An agent; its last column is its gateway's.
    #[derive(Clone, Debug)]
    pub struct Agent {
        /// Identifier.
        pub id: Uuid,
        /// Its board; none for a gateway's main agent.
        pub board_id: Option<Uuid>,
        /// The gateway that carries messages to it.
        pub gateway_id: Uuid,
        /// Shown to people and matched by mentions.
        pub name: String,
        /// The stored status; what clients see is computed from it and the last sign of life.
        pub status: String,
        /// The key of its session on the gateway.
        pub openclaw_session_id: Option<String>,
        /// How often it checks in, and the like; the gateway's matter.
        pub heartbeat_config: Option<Value>,
        /// Role, style and other texts by key.
        pub identity_profile: Option<Value>,
        /// Overrides the text of IDENTITY.md.
        pub identity_template: Option<String>,
        /// Overrides the text of SOUL.md.
        pub soul_template: Option<String>,
        /// The last sign of life.
        pub last_seen_at: Option<Timestamp>,
        /// Whether it leads its board.
        pub is_board_lead: bool,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
        /// The organization of its gateway: the agent's tenant.
        pub organization_id: Uuid,
        /// The address of its gateway.
        pub gateway_url: String,
    }
}

record! {
    /// What is needed of an agent to tell it something, without the long texts that it may have; its last column is its
    /// gateway's.
    #[derive(Clone, Debug)]
    pub struct Contact {
        /// Identifier.
        pub id: Uuid,
        /// Its board; none for a gateway's main agent.
        pub board_id: Option<Uuid>,
        /// Shown to people and matched by mentions.
        pub name: String,
        /// Whether it leads its board.
        pub is_board_lead: bool,
        /// The key of its session on the gateway.
        pub openclaw_session_id: Option<String>,
        /// The address of its gateway.
        pub gateway_url: String,
    }
}

impl Contact {
    /// How texts mention it.
    #[must_use]
    pub fn callable(&self) -> Callable<'_> {
        Callable { name: &self.name, is_lead: self.is_board_lead }
    }

    /// Where messages for it go.
    #[must_use]
    pub fn recipient(&self) -> Recipient<'_> {
        Recipient {
            agent_id: self.id,
            session_key: self.openclaw_session_id.as_deref(),
            gateway_url: &self.gateway_url,
        }
    }
}

impl From<Agent> for Contact {
    fn from(agent: Agent) -> Self {
        Self {
            id: agent.id,
            board_id: agent.board_id,
            name: agent.name,
            is_board_lead: agent.is_board_lead,
            openclaw_session_id: agent.openclaw_session_id,
            gateway_url: agent.gateway_url,
        }
    }
}

impl Agent {
    /// Where messages for it go.
    #[must_use]
    pub fn recipient(&self) -> Recipient<'_> {
        Recipient {
            agent_id: self.id,
            session_key: self.openclaw_session_id.as_deref(),
            gateway_url: &self.gateway_url,
        }
    }

    /// How texts mention it.
    #[must_use]
    pub fn callable(&self) -> Callable<'_> {
        Callable { name: &self.name, is_lead: self.is_board_lead }
    }

    /// A gateway's main agent: it has no board.
    #[must_use]
    pub fn is_gateway_main(&self) -> bool {
        self.board_id.is_none()
    }

    /// Where it serves.
    #[must_use]
    pub fn post(&self) -> Post {
        match self.board_id {
            None => Post::GatewayMain,
            Some(board_id) if self.is_board_lead => Post::BoardLead(board_id),
            Some(board_id) => Post::Worker(board_id),
        }
    }

    /// Gives it the session key of its post; `false` if it has it already.
    pub fn correct_session_key(&mut self) -> bool {
        let key = Some(self.post().session_key(self.gateway_id, self.id));
        let differs = self.openclaw_session_id != key;
        self.openclaw_session_id = key;
        differs
    }
}

/// How often an agent checks in, unless it was made with something else.
#[must_use]
pub fn default_heartbeat_config() -> Value {
    json!({"every": "10m", "target": "last", "includeReasoning": false})
}
