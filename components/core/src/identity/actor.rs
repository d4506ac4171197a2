//! A person or an agent, on routes that serve both.

use super::{AgentCaller, SignedIn, bearer};
use crate::agents::Agent;
use crate::http::{ApiResult, Cx, Extract, Operation};
use crate::schema::Faults;
use uuid::Uuid;

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

impl Extract for Actor {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        if !bearer::has_agent_header(cx)
            && let Some(signed_in) = SignedIn::authenticate(cx).await?
        {
            return Ok(Some(Self::User(signed_in)));
        }
        match AgentCaller::authenticate(cx).await? {
            Some(agent) => Ok(Some(Self::Agent(agent.0))),
            // Whoever presented nothing did not attempt anything: plain 401, without touching the limiter.
            None if bearer::agent_token(cx).is_none() => Err(crate::http::ApiError::unauthorized()),
            None => Err(AgentCaller::refuse(cx).await),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.user_auth();
        operation.agent_auth();
    }
}
