//! Agents, as people manage them and as agents of either kind report themselves.

use std::time::Duration;

use mission_control_core::agent_changes;
use mission_control_core::agents::Actor;
use mission_control_core::agents::wire::{
    AgentCreate, AgentFilter, AgentHeartbeat, AgentHeartbeatCreate, AgentPath, AgentRead, AgentStreamQuery,
    AgentTokenRead, AgentUpdate, AgentUpdateQuery,
};
use mission_control_core::agents::{Agent, access, auth, creation, heartbeat, store, stream};
use mission_control_core::boards::BoardRight;
use mission_control_core::guards::OrgAdmin;
use mission_control_platform::db::{Page, Paging, Tx};
use mission_control_platform::tokens;
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, OkResponse, Path, Query, Raw, done};
use mission_control_web::sse;
use uuid::Uuid;

/// Lists the agents that the caller may see, newest first.
pub async fn list_agents(
    cx: Cx,
    caller: OrgAdmin,
    filter: Query<AgentFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<AgentRead>>> {
    let page = cx.db.read(|tx| access::list_for_person(tx, &caller, &filter, &paging))?;
    Ok(Json(page.map(Into::into)))
}

/// Streams the agents that the caller may see as they change and check in.
pub async fn stream_agents(cx: Cx, caller: OrgAdmin, query: Query<AgentStreamQuery>) -> ApiResult<Raw> {
    let filter = AgentFilter { board_id: query.board_id, gateway_id: None };
    let filter = cx.db.read(|tx| access::filter_for_person(tx, &caller, &filter))?;
    let feed = stream::feed(&cx, caller.0.membership, filter, query.since.as_deref());
    sse::follow::<OrgAdmin>(&cx, feed).await
}

/// Makes an agent on a board; its token is answered this once.
pub async fn create_agent(cx: Cx, actor: Actor, body: Body<AgentCreate>) -> ApiResult<Json<AgentRead>> {
    let made = cx.db.write(|tx| creation::create(tx, &actor, body.0)).await?;
    Ok(Json(AgentRead { agent_token: Some(made.token), ..made.agent.into() }))
}

/// Answers one agent.
pub async fn get_agent(cx: Cx, caller: OrgAdmin, path: Path<AgentPath>) -> ApiResult<Json<AgentRead>> {
    let agent = cx.db.read(|tx| access::for_person(tx, &caller, path.agent_id, BoardRight::Read))?;
    Ok(Json(agent.into()))
}

/// Changes what the request carries of an agent, and tells it to begin anew.
pub async fn update_agent(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<AgentPath>,
    query: Query<AgentUpdateQuery>,
    body: Body<AgentUpdate>,
) -> ApiResult<Json<AgentRead>> {
    let agent = cx.db.write(|tx| agent_changes::update(tx, &caller, path.agent_id, body.0, query.force)).await?;
    Ok(Json(agent.into()))
}

/// Deletes an agent; what it worked on waits again.
pub async fn delete_agent(cx: Cx, caller: OrgAdmin, path: Path<AgentPath>) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| agent_changes::delete_for_person(tx, &caller, path.agent_id)).await?;
    Ok(done())
}

/// Gives the agent a new token; the former one stays valid for a short time.
pub async fn rotate_agent_token(cx: Cx, caller: OrgAdmin, path: Path<AgentPath>) -> ApiResult<Json<AgentTokenRead>> {
    let agent_token = tokens::generate::<32>()?;
    let grace = Duration::from_secs(cx.settings.agent_token_grace_seconds.into());
    cx.db
        .write(|tx| {
            let agent = access::for_person(tx, &caller, path.agent_id, BoardRight::Write)?;
            auth::set_token(tx, agent.id, &agent_token, grace)?;
            Ok(Json(AgentTokenRead { agent_id: agent.id, agent_token }))
        })
        .await
}

/// Notes that the agent is alive: it says so itself, or an admin does.
pub async fn heartbeat_agent(
    cx: Cx,
    actor: Actor,
    path: Path<AgentPath>,
    body: Body<AgentHeartbeat>,
) -> ApiResult<Json<AgentRead>> {
    cx.db
        .write(|tx| {
            let agent = match &actor {
                Actor::User(caller) if caller.membership.role.is_admin() => {
                    access::for_person(tx, caller, path.agent_id, BoardRight::Write)?
                }
                Actor::User(_) => return Err(ApiError::forbidden()),
                Actor::Agent(agent) => oneself(tx, agent, path.agent_id)?,
            };
            let alive = heartbeat::commit(tx, &cx.settings, agent, body.status.as_deref(), actor.user_id())?;
            Ok(Json(alive.agent.into()))
        })
        .await
}

/// An agent speaks for itself only.
fn oneself(tx: &mut Tx<'_>, caller: &Agent, agent_id: Uuid) -> ApiResult<Agent> {
    if caller.id == agent_id {
        return Ok(caller.clone());
    }
    match store::find(tx, agent_id)? {
        Some(agent) if agent.organization_id == caller.organization_id => Err(ApiError::forbidden()),
        _ => Err(ApiError::not_found()),
    }
}

/// Notes that the agent of this name is alive, and makes it first if there is none.
pub async fn heartbeat_or_create_agent(
    cx: Cx,
    actor: Actor,
    body: Body<AgentHeartbeatCreate>,
) -> ApiResult<Json<AgentRead>> {
    let (alive, agent_token) = cx.db.write(|tx| heartbeat::commit_or_create(tx, &cx.settings, &actor, body.0)).await?;
    Ok(Json(AgentRead { agent_token, ..alive.agent.into() }))
}
