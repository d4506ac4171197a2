//! Bodies of the routes of agents.

use serde_json::Value;
use uuid::Uuid;

use super::profile::IdentityProfile;
use super::{Agent, status};
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Name, NonBlankName, Nullable, Object, Patch};
use mission_control_web::{request, response};

response! {
    /// An agent.
    pub struct AgentRead {
        /// Its board; none for a gateway's main agent.
        pub board_id: Option<Uuid>,
        /// Shown to people and matched by mentions.
        pub name: String,
        /// Computed from what was stored last and the last sign of life.
        pub status: String,
        /// How often it checks in, and the like.
        pub heartbeat_config: Option<Object>,
        /// Role, style and other texts by key.
        pub identity_profile: Option<Object>,
        /// Overrides the text of IDENTITY.md.
        pub identity_template: Option<String>,
        /// Overrides the text of SOUL.md.
        pub soul_template: Option<String>,
        /// Identifier.
        pub id: Uuid,
        /// The gateway that carries messages to it.
        pub gateway_id: Uuid,
        /// Whether it leads its board.
        pub is_board_lead: bool,
        /// Whether it is its gateway's main agent: it has no board.
        pub is_gateway_main: bool,
        /// The key of its session on the gateway.
        pub openclaw_session_id: Option<String>,
        /// The last sign of life.
        pub last_seen_at: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
        /// The agent's token, only in the answer that makes it on a mailbox gateway.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub agent_token: Option<String>,
        /// Messages in the agent's inbox that it has not acknowledged, only in the answer to its own heartbeat.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub pending_messages: Option<i64>,
    }
}

impl From<Agent> for AgentRead {
    fn from(agent: Agent) -> Self {
        Self {
            status: status::shown(&agent.status, agent.last_seen_at, Timestamp::now()).to_owned(),
            is_gateway_main: agent.is_gateway_main(),
            identity_profile: agent.identity_profile.and_then(|profile| IdentityProfile::of(&profile).0).map(Object),
            heartbeat_config: match agent.heartbeat_config {
                Some(Value::Object(config)) => Some(Object(config)),
                _ => None,
            },
            board_id: agent.board_id,
            name: agent.name,
            identity_template: agent.identity_template,
            soul_template: agent.soul_template,
            id: agent.id,
            gateway_id: agent.gateway_id,
            is_board_lead: agent.is_board_lead,
            openclaw_session_id: agent.openclaw_session_id,
            last_seen_at: agent.last_seen_at,
            created_at: agent.created_at,
            updated_at: agent.updated_at,
            agent_token: None,
            pending_messages: None,
        }
    }
}

request! {
    /// Which agent the path names.
    pub struct AgentPath {
        pub agent_id: Uuid,
    }
}

request! {
    /// Which agents to list.
    pub struct AgentFilter {
        pub board_id: Option<Uuid> = None,
        pub gateway_id: Option<Uuid> = None,
    }
}

request! {
    /// Which agents to stream.
    pub struct AgentStreamQuery {
        pub board_id: Option<Uuid> = None,
        /// From when on; now when absent or unreadable.
        pub since: Option<String> = None,
    }
}

request! {
    /// Which of the agents that an agent may see to list.
    pub struct ColleagueFilter {
        pub board_id: Option<Uuid> = None,
    }
}

request! {
    /// A new agent.
    pub struct AgentCreate {
        /// Its board; required of people, a lead's own otherwise.
        pub board_id: Option<Uuid> = None,
        /// Shown to people and matched by mentions; unique among the agents of its gateway.
        pub name: NonBlankName,
        /// Accepted and not used: a new agent is always provisioning.
        pub status: String = status::PROVISIONING.to_owned(),
        /// How often it checks in, and the like; a default if left out.
        pub heartbeat_config: Option<Object> = None,
        /// Role, style and other texts by key.
        pub identity_profile: IdentityProfile = IdentityProfile::default(),
        /// Overrides the text of IDENTITY.md.
        pub identity_template: Option<String> = None,
        /// Overrides the text of SOUL.md.
        pub soul_template: Option<String> = None,
        /// Makes the agent the lead of its board. Only for people.
        pub is_board_lead: bool = false,
    }
}

impl AgentCreate {
    /// An agent of which only the name and the board are known.
    #[must_use]
    pub fn named(name: NonBlankName, board_id: Option<Uuid>) -> Self {
        Self {
            board_id,
            name,
            status: status::PROVISIONING.to_owned(),
            heartbeat_config: None,
            identity_profile: IdentityProfile::default(),
            identity_template: None,
            soul_template: None,
            is_board_lead: false,
        }
    }
}

request! {
    /// What to change of an agent; absent members stay as they are.
    pub struct AgentUpdate {
        /// Its new board.
        pub board_id: Nullable<Uuid> = Patch::Keep,
        /// Makes it the main agent of its gateway, or takes that from it.
        pub is_gateway_main: Option<bool> = None,
        /// Shown to people and matched by mentions; unique among the agents of its gateway.
        pub name: Patch<NonBlankName> = Patch::Keep,
        /// Refused: agents report their status themselves.
        pub status: Patch<Value> = Patch::Keep,
        /// How often it checks in, and the like; null is the default.
        pub heartbeat_config: Nullable<Object> = Patch::Keep,
        /// Role, style and other texts by key.
        pub identity_profile: Patch<IdentityProfile> = Patch::Keep,
        /// Overrides the text of IDENTITY.md.
        pub identity_template: Nullable<String> = Patch::Keep,
        /// Overrides the text of SOUL.md.
        pub soul_template: Nullable<String> = Patch::Keep,
    }
}

impl AgentUpdate {
    /// Whether the request asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !(self.board_id.is_set()
            || self.is_gateway_main.is_some()
            || self.name.is_set()
            || self.heartbeat_config.is_set()
            || self.identity_profile.is_set()
            || self.identity_template.is_set()
            || self.soul_template.is_set())
    }
}

request! {
    /// How to change an agent.
    pub struct AgentUpdateQuery {
        /// Whether to tell the agent to begin anew even if nothing changes.
        pub force: bool = false,
    }
}

request! {
    /// A sign of life.
    pub struct AgentHeartbeat {
        /// What the agent is doing; online if left out.
        pub status: Option<Name> = None,
    }
}

request! {
    /// A sign of life of an agent that may not exist yet.
    pub struct AgentHeartbeatCreate {
        /// What the agent is doing; online if left out.
        pub status: Option<Name> = None,
        /// The agent's exact name.
        pub name: NonBlankName,
        /// Its board; required if it does not exist yet.
        pub board_id: Option<Uuid> = None,
    }
}

response! {
    /// Who an agent's token belongs to.
    pub struct AgentHealthStatusResponse {
        pub ok: bool,
        pub agent_id: Uuid,
        pub board_id: Option<Uuid>,
        pub gateway_id: Uuid,
        /// The stored status.
        pub status: String,
        pub is_board_lead: bool,
    }
}

impl From<Agent> for AgentHealthStatusResponse {
    fn from(agent: Agent) -> Self {
        Self {
            ok: true,
            agent_id: agent.id,
            board_id: agent.board_id,
            gateway_id: agent.gateway_id,
            status: agent.status,
            is_board_lead: agent.is_board_lead,
        }
    }
}

response! {
    /// An agent's new token.
    pub struct AgentTokenRead {
        pub agent_id: Uuid,
        /// Shown this once; the former one stays valid for a short time.
        pub agent_token: String,
    }
}
