//! SQL of what groups show of the tasks of their boards.

use uuid::Uuid;

use super::with_ids;
use crate::tasks::summary::Summary;
use mission_control_platform::db::{DbError, Tx, placeholders};

/// What matters most comes first: what is worked on, then what waits for a decision, then what waits; of these by priority.
const BY_URGENCY: &str = "CASE t.status WHEN 'in_progress' THEN 0 WHEN 'review' THEN 1 WHEN 'inbox' THEN 2 WHEN 'done' THEN 3 ELSE 99 END, \
    CASE t.priority WHEN 'high' THEN 0 WHEN 'medium' THEN 1 WHEN 'low' THEN 2 ELSE 99 END, \
    t.updated_at DESC, t.created_at DESC, t.id";

/// The most urgent tasks of each of these boards, at most `limit` of each, the most urgent first.
pub fn most_urgent(tx: &mut Tx<'_>, boards: &[Uuid], include_done: bool, limit: i64) -> Result<Vec<Summary>, DbError> {
    let open = if include_done { "" } else { " AND t.status <> 'done'" };
    let sql = format!(
        "SELECT id, board_id, title, status, priority, assigned_agent_id, assignee, due_at, in_progress_at, created_at,
         updated_at FROM (
             SELECT t.id, t.board_id, t.title, t.status, t.priority, t.assigned_agent_id, t.due_at, t.in_progress_at,
             t.created_at, t.updated_at, (SELECT a.name FROM agents a WHERE a.id = t.assigned_agent_id) AS assignee,
             row_number() OVER (PARTITION BY t.board_id ORDER BY {BY_URGENCY}) AS place
             FROM tasks t WHERE t.board_id IN ({}){open}
         ) AS ranked WHERE place <= ${} ORDER BY place",
        placeholders(1, boards.len()),
        boards.len() + 1
    );
    let mut parameters = with_ids([], boards);
    parameters.push(limit.into());
    tx.all(&sql, &parameters)
}

/// How many tasks each of these boards has in each status that occurs: board, status and number.
pub fn counts(tx: &mut Tx<'_>, boards: &[Uuid]) -> Result<Vec<(Uuid, String, i64)>, DbError> {
    let sql = format!(
        "SELECT board_id, status, count(*) FROM tasks WHERE board_id IN ({}) GROUP BY board_id, status",
        placeholders(1, boards.len())
    );
    tx.all(&sql, &with_ids([], boards))
}
