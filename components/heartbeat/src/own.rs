//! What an agent learns and says about itself, its boards and its colleagues.

use mission_control_core::agents::wire::{AgentCreate, AgentHealthStatusResponse, AgentRead, ColleagueFilter};
use mission_control_core::agents::{Actor, access, creation, heartbeat};
use mission_control_core::guards::{AgentCaller, AgentCheckingIn, LeadCaller};
use mission_control_platform::db::{Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, Query};

/// Answers who the token belongs to.
pub async fn agent_healthz(caller: AgentCaller) -> ApiResult<Json<AgentHealthStatusResponse>> {
    Ok(Json(caller.0.into()))
}

/// Notes that the agent is alive and tells how many messages wait for it.
pub async fn agent_heartbeat(cx: Cx, caller: AgentCheckingIn) -> ApiResult<Json<AgentRead>> {
    let alive = cx.db.write(|tx| heartbeat::commit(tx, &cx.settings, caller.0, None, None)).await?;
    Ok(Json(AgentRead { pending_messages: Some(alive.pending_messages), ..alive.agent.into() }))
}

/// Lists the agents of the caller's board, or of its organization for a main agent, newest first.
pub async fn list_agents(
    cx: Cx,
    caller: AgentCaller,
    filter: Query<ColleagueFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<AgentRead>>> {
    let page = cx.db.read(|tx| access::list_for_agent(tx, &caller, filter.board_id, &paging))?;
    Ok(Json(page.map(Into::into)))
}

/// Makes an agent on the lead's own board, whatever board the body names.
pub async fn create_agent(cx: Cx, lead: LeadCaller, body: Body<AgentCreate>) -> ApiResult<Json<AgentRead>> {
    let body = AgentCreate { board_id: lead.0.board_id, ..body.0 };
    let made = cx.db.write(|tx| creation::create(tx, &Actor::Agent(lead.0), body)).await?;
    Ok(Json(AgentRead { agent_token: Some(made.token), ..made.agent.into() }))
}
