//! Comments on a task, for people and agents.

use mission_control_core::guards::{ActorReadsBoard, ActorWritesBoard, OnTask};
use mission_control_core::tasks::comments;
use mission_control_core::tasks::wire::{TaskCommentCreate, TaskCommentRead};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json};

/// Lists the comments on a task, oldest first.
pub async fn list_task_comments(
    cx: Cx,
    found: OnTask<ActorReadsBoard>,
    paging: Paging,
) -> ApiResult<Json<Page<TaskCommentRead>>> {
    Ok(Json(cx.db.read::<_, DbError>(|tx| comments::list(tx, found.task.id, &paging))?))
}

/// Comments on a task and tells whom it concerns.
pub async fn create_task_comment(
    cx: Cx,
    found: OnTask<ActorWritesBoard>,
    body: Body<TaskCommentCreate>,
) -> ApiResult<Json<TaskCommentRead>> {
    cx.db.write(|tx| comments::create(tx, &found.board, &found.actor, found.task.id, &body.message)).await.map(Json)
}
