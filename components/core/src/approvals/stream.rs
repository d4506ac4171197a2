//! Approvals of a board as they are made and decided.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use uuid::Uuid;

use super::wire::ApprovalRead;
use super::{TaskCounts, requests, store};
use mission_control_platform::db::{DbError, Position, Tx};
use mission_control_web::http::Cx;
use mission_control_web::request;
use mission_control_web::sse::{Feed, Item};

request! {
    /// Which part of a stream is wanted.
    pub struct StreamQuery {
        /// From when on; now when absent or unreadable.
        pub since: Option<String> = None,
    }
}

/// What an event of the stream carries.
#[derive(Serialize)]
struct ApprovalEvent<'a> {
    approval: &'a ApprovalRead,
    pending_approvals_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_counts: Option<Counts>,
}

/// An object for one task, a list for several.
#[derive(Serialize)]
#[serde(untagged)]
enum Counts {
    One(Count),
    Many(Vec<Count>),
}

#[derive(Serialize)]
struct Count {
    task_id: Uuid,
    approvals_count: i64,
    approvals_pending_count: i64,
}

impl From<&TaskCounts> for Count {
    fn from(counts: &TaskCounts) -> Self {
        Self { task_id: counts.task_id, approvals_count: counts.all, approvals_pending_count: counts.pending }
    }
}

/// The approvals of a board that are made or decided from the query's moment on.
#[must_use]
pub fn feed(cx: &Cx, board_id: Uuid, query: &StreamQuery) -> Feed {
    let db = cx.db.clone();
    Feed::new(cx, format!("approvals {board_id}"), query.since.as_deref(), move |position, limit| {
        db.read(|tx| changed(tx, board_id, position, limit))
    })
}

/// The events of what was made or decided behind a position, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn changed(tx: &mut Tx<'_>, board_id: Uuid, position: Position, limit: i64) -> Result<Vec<Item>, DbError> {
    let changed = store::changed_after(tx, board_id, position, limit)?;
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let positions: Vec<Position> =
        changed.iter().map(|(approval, _)| Position { at: approval.changed_at, id: approval.id }).collect();
    let approvals = requests::read(tx, changed)?;
    let pending_approvals_count = store::count_pending(tx, board_id)?;
    let tasks: BTreeSet<Uuid> = approvals.iter().flat_map(|approval| approval.task_ids.iter().copied()).collect();
    let counts = store::task_counts(tx, board_id, Some(&tasks.into_iter().collect::<Vec<_>>()))?;
    let counts: HashMap<Uuid, TaskCounts> = counts.into_iter().map(|counts| (counts.task_id, counts)).collect();
    let item = |(approval, position): (&ApprovalRead, Position)| {
        let task_counts = task_counts(approval, &counts);
        Item::new("approval", position, &ApprovalEvent { approval, pending_approvals_count, task_counts })
    };
    Ok(approvals.iter().zip(positions).map(item).collect())
}

fn task_counts(approval: &ApprovalRead, counts: &HashMap<Uuid, TaskCounts>) -> Option<Counts> {
    let mut found: Vec<Count> = approval.task_ids.iter().filter_map(|id| counts.get(id)).map(Count::from).collect();
    match found.len() {
        0 => None,
        1 => found.pop().map(Counts::One),
        _ => Some(Counts::Many(found)),
    }
}
