//! A person or an agent, on routes that serve both.

use super::{AgentCaller, bearer};
use crate::agents::Actor;
use crate::organizations::SignedIn;
use mission_control_web::http::{ApiResult, Cx, Extract, Operation};
use mission_control_web::schema::Faults;

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
            None if bearer::agent_token(cx).is_none() => Err(mission_control_web::http::ApiError::unauthorized()),
            None => Err(AgentCaller::refuse(cx).await),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        SignedIn::describe(operation);
        operation.agent_auth();
    }
}
