//! A person or an agent: who acts, where both may.

use uuid::Uuid;

use super::Agent;
use crate::organizations::SignedIn;

/// Whoever is calling.
#[derive(Clone, Debug)]
pub enum Actor {
    /// A signed-in person.
    User(SignedIn),
    /// An agent.
    Agent(Agent),
}

impl Actor {
    /// The agent, if it is one.
    #[must_use]
    pub fn agent(&self) -> Option<&Agent> {
        match self {
            Self::User(_) => None,
            Self::Agent(agent) => Some(agent),
        }
    }

    /// The agent's id, if it is one: what activity events and comments record.
    #[must_use]
    pub fn agent_id(&self) -> Option<Uuid> {
        self.agent().map(|agent| agent.id)
    }

    /// The person's id, if it is one.
    #[must_use]
    pub fn user_id(&self) -> Option<Uuid> {
        match self {
            Self::User(signed_in) => Some(signed_in.user.id),
            Self::Agent(_) => None,
        }
    }

    /// How messages name the actor: an agent's name; a person's preferred name, else name, else `User`.
    #[must_use]
    pub fn display_name(&self) -> &str {
        match self {
            Self::Agent(agent) => &agent.name,
            Self::User(signed_in) => signed_in.user.display_name(),
        }
    }
}
