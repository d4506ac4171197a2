//! Deleting a task.

use uuid::Uuid;

use super::{dependencies, store};
use crate::activity::{self, NewEvent};
use crate::agents::Actor;
use crate::approvals;
use crate::boards::Board;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};

/// Deletes a task with its comments and events, dependencies in both directions, tags and values, and takes it out of
/// approvals. The tasks that waited for it hear of it, and the board keeps an event that says so.
///
/// # Errors
/// 404 when it is not on the board.
pub fn delete(tx: &mut Tx<'_>, board: &Board, actor: &Actor, task_id: Uuid) -> ApiResult<()> {
    let (board, task) = store::lock(tx, board.id, task_id)?.ok_or_else(ApiError::not_found)?;
    let event = NewEvent {
        event_type: "task.deleted",
        message: format!("Task deleted: {}.", task.title),
        agent_id: actor.agent_id(),
        user_id: actor.user_id(),
        task_id: None,
        board_id: Some(board.id),
    };
    dependencies::tell_dependents_of_deletion(tx, &task, event.clone())?;
    approvals::store::take_out_task(tx, task.id)?;
    store::delete(tx, task.id)?;
    activity::store::record(tx, event)?;
    Ok(())
}
