//! SQL of approvals.
//!
//! An approval is linked to tasks by rows of their own; older ones without such rows name their only task themselves.

use std::time::Duration;

use uuid::Uuid;

use super::{Approval, ApprovalStatus, Decision, Linked, TaskCounts};
use mission_control_platform::db::{
    DbError, FromRow, List, Page, Paging, Position, Row, Tx, Value, columns_as, placeholders, values_rows,
};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

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

/// One page of a board's approvals, newest first, each with the title of its first task.
///
/// # Errors
/// A database failure.
pub fn page(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    status: Option<ApprovalStatus>,
    paging: &Paging,
) -> Result<Page<(Approval, Option<String>)>, DbError> {
    let mut wanted = "a.board_id = $1".to_owned();
    let mut params = params![board_id].to_vec();
    if let Some(status) = status {
        wanted.push_str(" AND a.status = $2");
        params.push(status.into());
    }
    let list = List {
        columns: columns(),
        from: "approvals a",
        total: format!("SELECT count(*) FROM approvals a WHERE {wanted}"),
        conditions: vec![wanted],
        order: "a.created_at DESC, a.id DESC",
        params,
    };
    list.page(tx, paging)
}

/// The approvals of a board that were made or changed behind a position, in that order, at most `limit`.
///
/// # Errors
/// A database failure.
pub(super) fn changed_after(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    position: Position,
    limit: i64,
) -> Result<Vec<(Approval, Option<String>)>, DbError> {
    let sql = format!(
        "SELECT {} FROM approvals a WHERE a.board_id = $1 AND (a.changed_at, a.id) > ($2, $3)
         ORDER BY a.changed_at, a.id LIMIT $4",
        columns()
    );
    tx.all(&sql, &params![board_id, position.at, position.id, limit])
}

/// The columns of an approval and the title of its first task.
fn columns() -> String {
    format!("{}, (SELECT t.title FROM tasks t WHERE t.id = a.task_id)", columns_as("a", Approval::COLUMNS))
}

/// The board's approval of this id, locked until the end of the transaction, with the title of its first task.
///
/// # Errors
/// A database failure.
pub(super) fn lock(tx: &mut Tx<'_>, board_id: Uuid, id: Uuid) -> Result<Option<(Approval, Option<String>)>, DbError> {
    let sql = format!("SELECT {} FROM approvals a WHERE a.id = $1 AND a.board_id = $2{}", columns(), tx.for_update());
    tx.first(&sql, &params![id, board_id])
}

impl FromRow for Linked {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.next()?, title: row.next()? })
    }
}

/// The tasks that these approvals are linked to, in the order in which they were linked: approval and task.
///
/// # Errors
/// A database failure.
pub(super) fn linked(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<Vec<(Uuid, Linked)>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT l.approval_id, t.id, t.title FROM approval_task_links l JOIN tasks t ON t.id = l.task_id
         WHERE l.approval_id IN ({}) ORDER BY l.created_at, l.id",
        placeholders(1, ids.len())
    );
    tx.all(&sql, &ids.iter().map(|id| Value::from(*id)).collect::<Vec<_>>())
}

/// Those of the ids that are tasks of this board, locked until the end of the transaction.
///
/// # Errors
/// A database failure.
pub(super) fn lock_tasks(tx: &mut Tx<'_>, board_id: Uuid, ids: &[Uuid]) -> Result<Vec<Linked>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT id, title FROM tasks WHERE board_id = $1 AND id IN ({}) ORDER BY id{}",
        placeholders(2, ids.len()),
        tx.for_update()
    );
    tx.all(&sql, &with_ids(board_id, ids))
}

/// The pending approvals of a board about any of these tasks: task, approval and when it was made.
///
/// # Errors
/// A database failure.
pub(super) fn pending_about(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    tasks: &[Uuid],
) -> Result<Vec<(Uuid, Uuid, Timestamp)>, DbError> {
    if tasks.is_empty() {
        return Ok(Vec::new());
    }
    let ids = placeholders(2, tasks.len());
    let sql = format!(
        "SELECT l.task_id, a.id, a.created_at FROM approval_task_links l JOIN approvals a ON a.id = l.approval_id
         WHERE a.board_id = $1 AND a.status = 'pending' AND l.task_id IN ({ids})
         UNION ALL SELECT a.task_id, a.id, a.created_at FROM approvals a
         WHERE a.board_id = $1 AND a.status = 'pending' AND a.task_id IN ({ids}) AND {UNLINKED}"
    );
    tx.all(&sql, &with_ids(board_id, tasks))
}

/// An older approval: it has no links.
const UNLINKED: &str = "NOT EXISTS (SELECT 1 FROM approval_task_links x WHERE x.approval_id = a.id)";

impl FromRow for TaskCounts {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { task_id: row.next()?, all: row.next()?, pending: row.next()? })
    }
}

/// How many approvals of a board there are about each task that has any, or about each of these.
///
/// # Errors
/// A database failure.
pub fn task_counts(tx: &mut Tx<'_>, board_id: Uuid, tasks: Option<&[Uuid]>) -> Result<Vec<TaskCounts>, DbError> {
    let among = |column: &str| match tasks {
        Some(tasks) => format!(" AND {column} IN ({})", placeholders(2, tasks.len())),
        None => String::new(),
    };
    if tasks.is_some_and(<[Uuid]>::is_empty) {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT task_id, count(*), count(CASE WHEN status = 'pending' THEN 1 END) FROM (
             SELECT l.task_id, a.status FROM approvals a JOIN approval_task_links l ON l.approval_id = a.id
             WHERE a.board_id = $1{}
             UNION ALL SELECT a.task_id, a.status FROM approvals a
             WHERE a.board_id = $1 AND a.task_id IS NOT NULL{} AND {UNLINKED}
         ) AS about GROUP BY task_id",
        among("l.task_id"),
        among("a.task_id")
    );
    tx.all(&sql, &with_ids(board_id, tasks.unwrap_or_default()))
}

/// How many approvals of a board are pending.
///
/// # Errors
/// A database failure.
pub fn count_pending(tx: &mut Tx<'_>, board_id: Uuid) -> Result<i64, DbError> {
    tx.one("SELECT count(*) FROM approvals WHERE board_id = $1 AND status = 'pending'", &params![board_id])
}

fn with_ids(board_id: Uuid, ids: &[Uuid]) -> Vec<Value> {
    std::iter::once(board_id).chain(ids.iter().copied()).map(Value::from).collect()
}

/// Stores a new approval about these tasks.
///
/// # Errors
/// A database failure.
pub(super) fn insert(tx: &mut Tx<'_>, approval: &Approval, tasks: &[Uuid]) -> Result<(), DbError> {
    let columns = Approval::COLUMNS;
    let sql = format!("INSERT INTO approvals ({}) VALUES ({})", columns.join(", "), placeholders(1, columns.len()));
    tx.execute(
        &sql,
        &params![
            approval.id,
            approval.board_id,
            approval.task_id,
            approval.agent_id,
            &approval.action_type,
            &approval.payload,
            approval.confidence,
            &approval.rubric_scores,
            approval.status,
            approval.created_at,
            approval.resolved_at,
            approval.resolved_by_user_id,
            approval.changed_at
        ],
    )?;
    if tasks.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO approval_task_links (id, approval_id, task_id, created_at) VALUES {}",
        values_rows(tasks.len(), 4)
    );
    // Each a microsecond later than the one before: readers order by time.
    let mut linked_at = approval.created_at;
    let mut parameters: Vec<Value> = Vec::with_capacity(tasks.len() * 4);
    for task in tasks {
        parameters.extend(params![Uuid::new_v4(), approval.id, *task, linked_at]);
        linked_at = linked_at.plus(Duration::from_micros(1));
    }
    tx.execute(&sql, &parameters)
}

/// Overwrites what a decision changes of an approval.
///
/// # Errors
/// A database failure.
pub(super) fn save(tx: &mut Tx<'_>, approval: &Approval) -> Result<(), DbError> {
    tx.execute(
        "UPDATE approvals SET status = $1, resolved_at = $2, resolved_by_user_id = $3, changed_at = $4 WHERE id = $5",
        &params![approval.status, approval.resolved_at, approval.resolved_by_user_id, approval.changed_at, approval.id],
    )
}
