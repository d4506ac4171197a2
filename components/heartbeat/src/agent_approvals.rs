//! Approvals, for the agents that ask for them.

use mission_control_core::agents::Actor;
use mission_control_core::approvals;
use mission_control_core::approvals::wire::{ApprovalCreate, ApprovalFilter, ApprovalRead};
use mission_control_core::guards::AgentOnBoard;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, Query};

/// Lists the approvals of a board, newest first.
pub async fn list_approvals(
    cx: Cx,
    on: AgentOnBoard,
    filter: Query<ApprovalFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<ApprovalRead>>> {
    Ok(Json(cx.db.read::<_, DbError>(|tx| approvals::list(tx, on.board.id, filter.status, &paging))?))
}

/// Asks people for a decision.
pub async fn create_approval(cx: Cx, on: AgentOnBoard, body: Body<ApprovalCreate>) -> ApiResult<Json<ApprovalRead>> {
    let AgentOnBoard { board, agent } = on;
    cx.db.write(|tx| approvals::create(tx, &board, &Actor::Agent(agent), body.0)).await.map(Json)
}
