//! Agents: found at once by the indexed hash of their token.

use std::ops::Deref;

use super::{attempts, bearer};
use crate::agents::Agent;
use crate::agents::auth::{self, Found};
use mission_control_platform::limits::{self, Namespace};
use mission_control_platform::{telemetry, tokens};
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation, rate_limit_headers};
use mission_control_web::schema::Faults;

/// An authenticated agent with the organization of its gateway.
#[derive(Clone, Debug)]
pub struct AgentCaller(pub Agent);

impl Deref for AgentCaller {
    type Target = Agent;

    fn deref(&self) -> &Agent {
        &self.0
    }
}

impl AgentCaller {
    /// Finds the agent of the presented token and touches its presence. `None` without a match.
    pub(super) async fn authenticate(cx: &Cx) -> ApiResult<Option<Self>> {
        match Self::identify(cx).await? {
            Some(agent) => Ok(Some(Self(auth::touch_presence(&cx.db, agent).await?))),
            None => Ok(None),
        }
    }

    /// Finds the agent of the presented token. Only failures count against the address: agents that share one never
    /// block each other. An agent may have a limit of its own.
    async fn identify(cx: &Cx) -> ApiResult<Option<Agent>> {
        let Some(token) = bearer::agent_token(cx) else { return Ok(None) };
        let found = match cx.db.read(|tx| auth::find_by_token(tx, &token))? {
            Some(found) => Some(found),
            // Imported agents still have a slow hash. An address that failed too often does not get to spend our time.
            None if limits::peek(&cx.settings, Namespace::AgentAuth, &cx.client_address).await.allowed => {
                auth::find_imported(&cx.db, &token).await?
            }
            None => None,
        };
        let Some(Found { agent, is_first_use }) = found else { return Ok(None) };
        cx.called_by(format!("agent {}", agent.id));
        let decision = limits::check(&cx.settings, Namespace::Agent, &agent.id.to_string()).await;
        if !decision.allowed {
            return Err(ApiError::too_many_requests(rate_limit_headers(&decision, Namespace::Agent)));
        }
        if is_first_use {
            cx.db.write(|tx| auth::note_use(tx, &token)).await?;
        }
        Ok(Some(agent))
    }

    /// 401, or 429 once the address has failed too often.
    pub(super) async fn refuse(cx: &Cx) -> ApiError {
        let hint = bearer::agent_token(cx).map(|token| tokens::log_hint(&token));
        telemetry::sign_in_failed(&cx.request_id, &cx.path, "agent", hint.as_deref());
        attempts::failed(cx, Namespace::AgentAuth, ApiError::unauthorized()).await
    }
}

impl Extract for AgentCaller {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        match Self::authenticate(cx).await? {
            Some(agent) => Ok(Some(agent)),
            None => Err(Self::refuse(cx).await),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.agent_auth();
    }
}

/// An agent that is about to note by itself that it is alive, so that its presence is not touched.
#[derive(Clone, Debug)]
pub struct AgentCheckingIn(pub Agent);

impl Extract for AgentCheckingIn {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        match AgentCaller::identify(cx).await? {
            Some(agent) => Ok(Some(Self(agent))),
            None => Err(AgentCaller::refuse(cx).await),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        AgentCaller::describe(operation);
    }
}

/// An agent that leads its board.
#[derive(Clone, Debug)]
pub struct LeadCaller(pub Agent);

impl LeadCaller {
    /// The lead, or 403 with the text that says why not.
    pub(super) fn require(agent: Agent) -> ApiResult<Self> {
        if !agent.is_board_lead {
            return Err(ApiError::forbidden_because("Only board leads can perform this action"));
        }
        if agent.board_id.is_none() {
            return Err(ApiError::forbidden_because("Board lead must be assigned to a board"));
        }
        Ok(Self(agent))
    }
}

impl Extract for LeadCaller {
    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        let Some(agent) = AgentCaller::extract(cx, faults).await? else { return Ok(None) };
        Self::require(agent.0).map(Some)
    }

    fn describe(operation: &mut Operation<'_>) {
        AgentCaller::describe(operation);
        operation.refuses(403);
    }
}
