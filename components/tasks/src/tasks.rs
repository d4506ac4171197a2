//! Tasks of a board, for people and agents.

use mission_control_core::agents::Actor;
use mission_control_core::guards::{ActorReadsBoard, ActorWritesBoard, OnTask, UserWritesBoard};
use mission_control_core::tasks;
use mission_control_core::tasks::wire::{TaskCreate, TaskFilter, TaskRead, TaskStreamQuery, TaskUpdate};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, OkResponse, Query, Raw, done};
use mission_control_web::sse;

/// Lists the tasks of a board, newest first.
pub async fn list_tasks(
    cx: Cx,
    board: ActorReadsBoard,
    filter: Query<TaskFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<TaskRead>>> {
    let filter = filter.parse()?;
    Ok(Json(cx.db.read::<_, DbError>(|tx| tasks::list(tx, board.id, &filter, &paging))?))
}

/// Streams what happens to the tasks of a board.
pub async fn stream_tasks(cx: Cx, board: ActorReadsBoard, query: Query<TaskStreamQuery>) -> ApiResult<Raw> {
    sse::follow::<ActorReadsBoard>(&cx, tasks::stream::feed(&cx, board.id, &query)).await
}

/// Makes a task and tells the board's lead and the assignee.
pub async fn create_task(cx: Cx, writer: UserWritesBoard, body: Body<TaskCreate>) -> ApiResult<Json<TaskRead>> {
    let UserWritesBoard { board, caller } = writer;
    cx.db.write(|tx| tasks::create(tx, &board, &Actor::User(caller), body.0)).await.map(Json)
}

/// Answers one task.
pub async fn get_task(cx: Cx, found: OnTask<ActorReadsBoard>) -> ApiResult<Json<TaskRead>> {
    let task = cx.db.read::<_, DbError>(|tx| tasks::one(tx, found.board.id, found.task.id))?;
    task.map(Json).ok_or_else(ApiError::not_found)
}

/// Changes a task, as far as the caller's kind may.
pub async fn update_task(cx: Cx, found: OnTask<ActorWritesBoard>, body: Body<TaskUpdate>) -> ApiResult<Json<TaskRead>> {
    cx.db.write(|tx| tasks::update(tx, &found.board, &found.actor, found.task.id, &body)).await.map(Json)
}

/// Deletes a task with everything that belongs to it.
pub async fn delete_task(cx: Cx, found: OnTask<UserWritesBoard>) -> ApiResult<Json<OkResponse>> {
    let OnTask { guard: UserWritesBoard { board, caller }, task } = found;
    cx.db.write(|tx| tasks::delete(tx, &board, &Actor::User(caller), task.id)).await?;
    Ok(done())
}
