//! Comments on tasks: who may write them, and who hears of them.

use super::notifications::Notifier;
use super::wire::TaskCommentRead;
use super::{Task, TaskStatus, store};
use crate::activity::comments::{COMMENT, Comment};
use crate::activity::{self, NewEvent};
use crate::agents::{Actor, Agent};
use crate::boards::Board;
use crate::messaging::mentions;
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_web::http::{ApiError, ApiResult};
use uuid::Uuid;

/// One page of a task's comments, oldest first.
///
/// # Errors
/// A database failure.
pub fn list(tx: &mut Tx<'_>, task_id: Uuid, paging: &Paging) -> Result<Page<TaskCommentRead>, DbError> {
    Ok(activity::comments::of_task(tx, task_id, paging)?.map(TaskCommentRead::from))
}

/// Adds a comment and tells whom it concerns. A lead comments only where it has a say.
///
/// # Errors
/// 404 when the task is gone, 403 for a lead who was not asked.
pub fn create(
    tx: &mut Tx<'_>,
    board: &Board,
    actor: &Actor,
    task_id: Uuid,
    message: &str,
) -> ApiResult<TaskCommentRead> {
    let task = store::find(tx, board.id, task_id)?.ok_or_else(ApiError::not_found)?;
    if let Some(lead) = actor.agent().filter(|agent| agent.is_board_lead) {
        require_say(tx, &task, lead)?;
    }
    Ok(add(tx, board, actor, &task, message)?.into())
}

/// Records a comment and tells whom it concerns.
pub(super) fn add(
    tx: &mut Tx<'_>,
    board: &Board,
    actor: &Actor,
    task: &Task,
    message: &str,
) -> Result<Comment, DbError> {
    let event = NewEvent {
        event_type: COMMENT,
        message: message.to_owned(),
        agent_id: actor.agent_id(),
        user_id: actor.user_id(),
        task_id: Some(task.id),
        board_id: Some(board.id),
    };
    let recorded = activity::store::record(tx, event)?;
    Notifier::new(tx, board, actor).commented(task, message)?;
    Ok(Comment {
        id: recorded.id,
        message: Some(message.to_owned()),
        agent_id: actor.agent_id(),
        task_id: Some(task.id),
        created_at: recorded.created_at,
    })
}

/// A lead has a say in review, on tasks that it made, and where a comment mentions it.
fn require_say(tx: &mut Tx<'_>, task: &Task, lead: &Agent) -> ApiResult<()> {
    if task.status == TaskStatus::Review || task.was_made_by(lead.id) {
        return Ok(());
    }
    let mentions_lead = |text: &str| mentions::mentioned(text, &[lead.callable()]).contains(&true);
    if activity::comments::any_with_at_sign(tx, task.id, mentions_lead)? {
        return Ok(());
    }
    Err(ApiError::forbidden_because(
        "Board leads can only comment during review, when mentioned, or on tasks they created.",
    ))
}
