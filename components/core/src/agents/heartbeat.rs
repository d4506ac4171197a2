//! Signs of life.

use std::time::Duration;

use uuid::Uuid;

use super::wire::{AgentCreate, AgentHeartbeatCreate};
use super::{Agent, access, creation, status, store};
use crate::activity::{self, NewEvent};
use crate::agents::Actor;
use crate::boards::BoardRight;
use mission_control_platform::db::Tx;
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// An agent right after its heartbeat.
#[derive(Debug)]
pub struct Alive {
    /// The agent.
    pub agent: Agent,
    /// How many messages wait in its inbox.
    pub pending_messages: i64,
}

/// Notes that the agent of this name is alive, and makes it first if the organization has none; then the token is given
/// too. An agent that calls is alive itself, whatever the body names.
///
/// # Errors
/// 403 to whoever may not, and as [`creation::create`] and [`commit`].
pub fn commit_or_create(
    tx: &mut Tx<'_>,
    settings: &Settings,
    actor: &Actor,
    body: AgentHeartbeatCreate,
) -> ApiResult<(Alive, Option<String>)> {
    let caller = match actor {
        Actor::Agent(agent) => return Ok((commit(tx, settings, agent.clone(), body.status.as_deref(), None)?, None)),
        Actor::User(caller) => caller,
    };
    if !caller.membership.role.is_admin() {
        return Err(ApiError::forbidden());
    }
    let (agent, token) = match store::find_named(tx, caller.membership.organization_id, &body.name, body.board_id)? {
        Some(agent) => {
            let mut agent = access::require(tx, caller, agent, BoardRight::Write)?;
            if agent.correct_session_key() {
                store::save_post(tx, &agent)?;
            }
            (agent, None)
        }
        None => {
            let made = creation::create(tx, actor, AgentCreate::named(body.name, body.board_id))?;
            (made.agent, Some(made.token))
        }
    };
    Ok((commit(tx, settings, agent, body.status.as_deref(), Some(caller.user.id))?, token))
}

/// Notes that the agent is alive: whatever it was before, it is online again unless the heartbeat says what it is doing
/// or it is being deleted. `user_id` is the person who says so, if it is not the agent itself. While nothing changes, the
/// activity log shows a heartbeat from time to time only.
///
/// # Errors
/// 404 when it was deleted meanwhile, 422 for a status that only the server sets, or a database failure.
pub fn commit(
    tx: &mut Tx<'_>,
    settings: &Settings,
    mut agent: Agent,
    status: Option<&str>,
    user_id: Option<Uuid>,
) -> ApiResult<Alive> {
    let status = status.filter(|status| !status.is_empty()).unwrap_or(status::ONLINE);
    if status::is_reserved(status) {
        return Err(ApiError::unprocessable(format!("status {status} is set by the server only")));
    }
    let now = Timestamp::now();
    let log_again = now.minus(Duration::from_secs(settings.heartbeat_event_seconds.into()));
    let noted = store::save_heartbeat(tx, agent.id, status, now, log_again)?.ok_or_else(ApiError::not_found)?;
    if noted.is_news {
        let event = NewEvent {
            event_type: "agent.heartbeat",
            message: format!("Heartbeat received from {}.", agent.name),
            agent_id: Some(agent.id),
            user_id,
            board_id: agent.board_id,
            task_id: None,
        };
        activity::store::record(tx, event)?;
    }
    agent.status = noted.status;
    agent.last_seen_at = Some(now);
    agent.updated_at = now;
    Ok(Alive { agent, pending_messages: noted.pending_messages })
}

#[cfg(test)]
#[path = "heartbeat_tests.rs"]
mod tests;
