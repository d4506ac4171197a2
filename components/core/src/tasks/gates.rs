//! The board's rules about changing the status of a task, in the order in which they are asked.

use uuid::Uuid;

use super::status::{Progress, enters_review};
use super::{Task, TaskStatus, conflict};
use crate::activity;
use crate::approvals::{self, Decision};
use crate::boards::Board;
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// Which of a board's rules apply to a change of status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Asked {
    no_pending_approval: bool,
    review_first: bool,
    approval: bool,
}

impl Asked {
    fn of(board: &Board, from: TaskStatus, to: TaskStatus) -> Self {
        let changes = from != to;
        let finishes = changes && to == TaskStatus::Done;
        Self {
            no_pending_approval: changes && board.block_status_changes_with_pending_approval,
            review_first: finishes && board.require_review_before_done && from != TaskStatus::Review,
            approval: finishes && board.require_approval_for_done,
        }
    }
}

/// The rules for everyone: no approval pending, review before done, an approval for done.
///
/// # Errors
/// 409 with the first rule that forbids the change.
pub(super) fn require_status_change(tx: &mut Tx<'_>, board: &Board, task: &Task, to: TaskStatus) -> ApiResult<()> {
    let asked = Asked::of(board, task.status, to);
    if asked.no_pending_approval && approvals::store::any_pending(tx, board.id, task.id)? {
        let message = "Task status cannot be changed while a linked approval is pending.";
        return Err(conflict(message, "task_approval_pending", &[]));
    }
    if asked.review_first {
        let message = "Task can only be marked done from review when the board rule is enabled.";
        return Err(conflict(message, "task_review_required", &[]));
    }
    if asked.approval && approvals::store::newest_decision(tx, board.id, task.id)? != Some(Decision::Approved) {
        let message = "Task can only be marked done when a linked approval has been approved.";
        return Err(conflict(message, "task_approval_required", &[]));
    }
    Ok(())
}

/// Whose comment since when opens the way into review, when the request itself has none.
fn commenter(before: Progress, after: Progress) -> Option<(Uuid, Timestamp)> {
    let author = after.assignee.or(before.assignee)?;
    let since = after.previous_started_at.or(before.started_at)?;
    Some((author, since))
}

/// The rule for people and workers: who brings a task into review says something about it.
///
/// # Errors
/// 422 without a comment in the request or, since work started, from the one who did it.
pub(super) fn require_review_comment(
    tx: &mut Tx<'_>,
    board: &Board,
    task: &Task,
    after: Progress,
    comment: Option<&str>,
) -> ApiResult<()> {
    let before = Progress::of(task);
    if !board.comment_required_for_review || !enters_review(before, after) || comment.is_some() {
        return Ok(());
    }
    let commented = match commenter(before, after) {
        Some((author, since)) => activity::comments::newest_by_since(tx, task.id, author, since)?
            .is_some_and(|message| !message.trim().is_empty()),
        None => false,
    };
    if commented { Ok(()) } else { Err(ApiError::unprocessable("Comment is required.")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Option<Timestamp> {
        Timestamp::from_micros(micros)
    }

    fn progress(assignee: Option<Uuid>, started: Option<Timestamp>, previous: Option<Timestamp>) -> Progress {
        Progress { status: TaskStatus::Review, assignee, started_at: started, previous_started_at: previous }
    }

    #[test]
    fn the_commenter_is_who_worked_since_work_started() {
        let (ada, bob) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let before = progress(Some(ada), at(5), None);
        assert_eq!(commenter(before, progress(None, None, at(5))), Some((ada, at(5).unwrap())));
        assert_eq!(commenter(before, progress(Some(bob), None, at(5))), Some((bob, at(5).unwrap())));
        assert_eq!(commenter(progress(None, at(5), None), progress(None, None, at(5))), None);
        assert_eq!(commenter(progress(Some(ada), None, None), progress(None, None, None)), None);
    }
}
