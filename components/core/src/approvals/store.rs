//! SQL of approvals.
//!
//! An approval is linked to tasks by rows of their own; older ones without such rows name their only task themselves.

use uuid::Uuid;

use super::Decision;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::params;

/// Whether an approval about this task is pending.
///
/// # Errors
/// A database failure.
pub fn any_pending(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid) -> Result<bool, DbError> {
    tx.exists(
        "SELECT 1 FROM approvals a WHERE a.board_id = $1 AND a.status = 'pending' AND (
             EXISTS (SELECT 1 FROM approval_task_links l WHERE l.approval_id = a.id AND l.task_id = $2)
             OR (a.task_id = $2 AND NOT EXISTS (SELECT 1 FROM approval_task_links l WHERE l.approval_id = a.id))
         ) LIMIT 1",
        &params![board_id, task_id],
    )
}

/// The newest decision about this task, if there was one. Only it counts: an approval does not outlive a rejection.
///
/// # Errors
/// A database failure.
pub fn newest_decision(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid) -> Result<Option<Decision>, DbError> {
    tx.first(
        "SELECT a.status FROM approvals a WHERE a.board_id = $1 AND a.status IN ('approved', 'rejected') AND (
             a.task_id = $2 OR EXISTS (SELECT 1 FROM approval_task_links l WHERE l.approval_id = a.id AND l.task_id = $2)
         ) ORDER BY COALESCE(a.resolved_at, a.created_at) DESC, a.created_at DESC, a.id LIMIT 1",
        &params![board_id, task_id],
    )
}

/// Takes a task that is about to be deleted out of all approvals. One about other tasks too is then about those; one
/// about nothing else is deleted.
///
/// # Errors
/// A database failure.
pub fn take_out_task(tx: &mut Tx<'_>, task_id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM approval_task_links WHERE task_id = $1", &params![task_id])?;
    tx.execute(
        "DELETE FROM approvals WHERE task_id = $1
         AND NOT EXISTS (SELECT 1 FROM approval_task_links l WHERE l.approval_id = approvals.id)",
        &params![task_id],
    )?;
    tx.execute(
        "UPDATE approvals SET task_id = (
             SELECT l.task_id FROM approval_task_links l WHERE l.approval_id = approvals.id ORDER BY l.created_at, l.id LIMIT 1
         ) WHERE task_id = $1",
        &params![task_id],
    )
}
