//! Tasks and comments in the agents' own API.

use mission_control_core::agents::Actor;
use mission_control_core::guards::{AgentOnBoard, LeadOnBoard, OnTask};
use mission_control_core::tasks::wire::{
    TaskCommentCreate, TaskCommentRead, TaskCreate, TaskFilter, TaskRead, TaskUpdate,
};
use mission_control_core::tasks::{self, comments};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Query, done};

/// Lists the tasks of the agent's board, newest first.
pub async fn list_tasks(
    cx: Cx,
    board: AgentOnBoard,
    filter: Query<TaskFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<TaskRead>>> {
    let filter = filter.parse()?;
    Ok(Json(cx.db.read::<_, DbError>(|tx| tasks::list(tx, board.id, &filter, &paging))?))
}

/// Makes a task as the board's lead and tells the assignee.
pub async fn create_task(cx: Cx, lead: LeadOnBoard, body: Body<TaskCreate>) -> ApiResult<Json<TaskRead>> {
    let LeadOnBoard { board, agent } = lead;
    cx.db.write(|tx| tasks::create(tx, &board, &Actor::Agent(agent), body.0)).await.map(Json)
}

/// Changes a task, as far as a worker or the lead may.
pub async fn update_task(cx: Cx, found: OnTask<AgentOnBoard>, body: Body<TaskUpdate>) -> ApiResult<Json<TaskRead>> {
    let OnTask { guard: AgentOnBoard { board, agent }, task } = found;
    cx.db.write(|tx| tasks::update(tx, &board, &Actor::Agent(agent), task.id, &body)).await.map(Json)
}

/// Deletes a task with everything that belongs to it, as the board's lead.
pub async fn delete_task(cx: Cx, found: OnTask<LeadOnBoard>) -> ApiResult<Json<OkResponse>> {
    let OnTask { guard: LeadOnBoard { board, agent }, task } = found;
    cx.db.write(|tx| tasks::delete(tx, &board, &Actor::Agent(agent), task.id)).await?;
    Ok(done())
}

/// Lists the comments on a task, oldest first.
pub async fn list_task_comments(
    cx: Cx,
    found: OnTask<AgentOnBoard>,
    paging: Paging,
) -> ApiResult<Json<Page<TaskCommentRead>>> {
    Ok(Json(cx.db.read::<_, DbError>(|tx| comments::list(tx, found.task.id, &paging))?))
}

/// Comments on a task and tells whom it concerns.
pub async fn create_task_comment(
    cx: Cx,
    found: OnTask<AgentOnBoard>,
    body: Body<TaskCommentCreate>,
) -> ApiResult<Json<TaskCommentRead>> {
    let OnTask { guard: AgentOnBoard { board, agent }, task } = found;
    cx.db.write(|tx| comments::create(tx, &board, &Actor::Agent(agent), task.id, &body.message)).await.map(Json)
}
