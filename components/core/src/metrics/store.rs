//! SQL of the figures: it reads what other nouns store, and writes nothing. Rows are counted by hour or day; the buckets of
//! longer parts of time are sums of those.

use std::collections::HashMap;

use uuid::Uuid;

use super::buckets::{Slot, Window};
use super::wire::DashboardPendingApproval;
use crate::organizations::Membership;
use crate::organizations::store::readable_by_member;
use crate::tasks::TaskStatus;
use mission_control_platform::db::{DbError, FromRow, Row, Tx, Value};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// The boards that figures are about.
#[derive(Debug)]
pub(super) struct Scope {
    /// What is asked of a board `b`; each has one parameter, which stands where the brackets are.
    conditions: Vec<(&'static str, Uuid)>,
}

impl Scope {
    /// The boards that a member may read, or one of them, or those of a group.
    pub(super) fn new(member: &Membership, board_id: Option<Uuid>, group_id: Option<Uuid>) -> Self {
        let mut conditions = vec![("b.organization_id = {}", member.organization_id)];
        conditions.extend(board_id.map(|id| ("b.id = {}", id)));
        conditions.extend(group_id.map(|id| ("b.board_group_id = {}", id)));
        if !member.reads_all_boards() {
            conditions.push(("b.id IN ({})", member.id));
        }
        Self { conditions }
    }

    /// The ids of the boards, as a subquery whose parameters begin with this number.
    fn boards(&self, first: usize) -> String {
        let conditions = self.conditions.iter().enumerate().map(|(index, (text, _))| {
            let number = first + index;
            let value = if text.contains(" IN ") { readable_by_member(number) } else { format!("${number}") };
            text.replace("{}", &value)
        });
        format!("SELECT b.id FROM boards b WHERE {}", conditions.collect::<Vec<_>>().join(" AND "))
    }

    /// These parameters, then the scope's own, then those.
    fn params(&self, before: &[Value], behind: &[Value]) -> Vec<Value> {
        let own: Vec<Value> = self.conditions.iter().map(|(_, id)| Value::from(*id)).collect();
        [before, &own, behind].concat()
    }

    /// The number of the first parameter behind the scope's own, which begin with this number.
    fn behind(&self, first: usize) -> usize {
        first + self.conditions.len()
    }
}

/// An hour or day as text.
fn slot(text: &str, is_primary: bool, boundary: Timestamp) -> Result<Slot, DbError> {
    let whole = if text.len() > 10 { format!("{text}:00:00") } else { text.to_owned() };
    let start = Timestamp::parse_iso(&whole).map_err(|_| DbError::decode("an hour or day is none"))?;
    Ok(Slot { start, is_primary, boundary })
}

/// How many tasks came to stand where, in an hour or day.
#[derive(Debug)]
pub(super) struct Moved {
    pub(super) status: TaskStatus,
    pub(super) at: Slot,
    pub(super) count: i64,
}

/// When tasks came to where they stand: those in the inbox when they were made, others when they were changed last.
pub(super) fn tasks_moved(tx: &mut Tx<'_>, scope: &Scope, windows: &[Window; 2]) -> Result<Vec<Moved>, DbError> {
    let [primary, comparison] = windows;
    let (from, to) = (scope.behind(2), scope.behind(2) + 1);
    let time = "CASE WHEN t.status = 'inbox' THEN t.created_at ELSE t.updated_at END";
    let part = tx.start_of_time("moved_at", primary.range.part());
    let sql = format!(
        "SELECT status, slot, is_primary, count(*) FROM (
             SELECT status, {part} AS slot, CASE WHEN moved_at >= $1 THEN 1 ELSE 0 END AS is_primary FROM (
                 SELECT t.status, {time} AS moved_at FROM tasks t
                 WHERE t.board_id IN ({}) AND t.status IN ('inbox', 'in_progress', 'review', 'done')
             ) AS moved WHERE moved_at >= ${from} AND moved_at <= ${to}
         ) AS slots GROUP BY status, slot, is_primary",
        scope.boards(2)
    );
    let params = scope.params(&params![primary.start], &params![comparison.start, primary.end]);
    let rows: Vec<((TaskStatus, String), (i64, i64))> = tx.all(&sql, &params)?;
    let moved = |((status, text), (is_primary, count)): ((TaskStatus, String), (i64, i64))| {
        Ok(Moved { status, at: slot(&text, is_primary == 1, primary.start)?, count })
    };
    rows.into_iter().map(moved).collect()
}

/// From the start of a task to its review.
#[derive(Debug)]
pub(super) struct Cycle {
    started_at: Timestamp,
    pub(super) ended_at: Timestamp,
}

impl Cycle {
    pub(super) fn hours(&self) -> f64 {
        self.ended_at.since(self.started_at).as_secs_f64() / 3600.0
    }
}

impl FromRow for Cycle {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { started_at: row.next()?, ended_at: row.next()? })
    }
}

/// The tasks that are in review and came there within the windows.
pub(super) fn cycles(tx: &mut Tx<'_>, scope: &Scope, windows: &[Window; 2]) -> Result<Vec<Cycle>, DbError> {
    let [primary, comparison] = windows;
    let sql = format!(
        "SELECT t.in_progress_at, t.updated_at FROM tasks t WHERE t.board_id IN ({}) AND t.status = 'review'
         AND t.in_progress_at IS NOT NULL AND t.updated_at >= ${} AND t.updated_at <= ${}",
        scope.boards(1),
        scope.behind(1),
        scope.behind(1) + 1
    );
    tx.all(&sql, &scope.params(&[], &params![comparison.start, primary.end]))
}

/// How many events about tasks there were in an hour or day, and how many of them failures.
#[derive(Debug)]
pub(super) struct Events {
    pub(super) at: Slot,
    pub(super) all: i64,
    pub(super) failed: i64,
}

/// The events about tasks within the windows.
pub(super) fn events(tx: &mut Tx<'_>, scope: &Scope, windows: &[Window; 2]) -> Result<Vec<Events>, DbError> {
    let [primary, comparison] = windows;
    let (from, to) = (scope.behind(2), scope.behind(2) + 1);
    let part = tx.start_of_time("e.created_at", primary.range.part());
    let sql = format!(
        "SELECT slot, is_primary, count(*), count(CASE WHEN event_type LIKE '%failed' THEN 1 END) FROM (
             SELECT {part} AS slot, CASE WHEN e.created_at >= $1 THEN 1 ELSE 0 END AS is_primary, e.event_type
             FROM activity_events e WHERE e.board_id IN ({}) AND e.created_at >= ${from} AND e.created_at <= ${to}
             AND e.task_id IS NOT NULL
         ) AS slots GROUP BY slot, is_primary",
        scope.boards(2)
    );
    let params = scope.params(&params![primary.start], &params![comparison.start, primary.end]);
    let rows: Vec<((String, i64), (i64, i64))> = tx.all(&sql, &params)?;
    let events = |((text, is_primary), (all, failed)): ((String, i64), (i64, i64))| {
        Ok(Events { at: slot(&text, is_primary == 1, primary.start)?, all, failed })
    };
    rows.into_iter().map(events).collect()
}

/// How many tasks there are by status.
pub(super) fn current_tasks(tx: &mut Tx<'_>, scope: &Scope) -> Result<HashMap<String, i64>, DbError> {
    let sql =
        format!("SELECT t.status, count(*) FROM tasks t WHERE t.board_id IN ({}) GROUP BY t.status", scope.boards(1));
    Ok(tx.all::<(String, i64)>(&sql, &scope.params(&[], &[]))?.into_iter().collect())
}

/// How many agents of the boards were seen in the window.
pub(super) fn active_agents(tx: &mut Tx<'_>, scope: &Scope, window: Window) -> Result<i64, DbError> {
    let sql = format!(
        "SELECT count(*) FROM agents a WHERE a.board_id IN ({}) AND a.last_seen_at >= ${} AND a.last_seen_at <= ${}",
        scope.boards(1),
        scope.behind(1),
        scope.behind(1) + 1
    );
    tx.one(&sql, &scope.params(&[], &params![window.start, window.end]))
}

impl FromRow for DashboardPendingApproval {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            approval_id: row.next()?,
            board_id: row.next()?,
            board_name: row.next()?,
            action_type: row.next()?,
            confidence: row.next()?,
            created_at: row.next()?,
            task_title: row.next()?,
        })
    }
}

/// How many decisions wait, and the newest ten.
pub(super) fn pending_approvals(
    tx: &mut Tx<'_>,
    scope: &Scope,
) -> Result<(i64, Vec<DashboardPendingApproval>), DbError> {
    let pending = format!("a.status = 'pending' AND a.board_id IN ({})", scope.boards(1));
    let params = scope.params(&[], &[]);
    let total = tx.one(&format!("SELECT count(*) FROM approvals a WHERE {pending}"), &params)?;
    let sql = format!(
        "SELECT a.id, o.id, o.name, a.action_type, a.confidence, a.created_at, t.title FROM approvals a
         JOIN boards o ON o.id = a.board_id LEFT JOIN tasks t ON t.id = a.task_id
         WHERE {pending} ORDER BY a.created_at DESC, a.id DESC LIMIT 10"
    );
    Ok((total, tx.all(&sql, &params)?))
}
