//! What groups show of the tasks of their boards: how many there are, and the most urgent.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::TaskStatus;
use super::store::{summaries, tags};
use crate::tags::wire::TagRef;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

record! {
    /// A task in a few words.
    #[derive(Clone, Debug)]
    pub struct Summary {
        /// Identifier.
        pub id: Uuid,
        /// Its board.
        pub board_id: Uuid,
        /// What is to be done, in a line.
        pub title: String,
        /// Where it stands.
        pub status: TaskStatus,
        /// `high`, `medium`, `low` or any other text.
        pub priority: String,
        /// Who works on it.
        pub assigned_agent_id: Option<Uuid>,
        /// The name of who works on it.
        pub assignee: Option<String>,
        /// When it is due.
        pub due_at: Option<Timestamp>,
        /// When work on it started last.
        pub in_progress_at: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

/// The tasks of one board, in short.
#[derive(Debug, Default)]
pub struct BoardSummary {
    /// How many tasks are in each status that occurs.
    pub counts: BTreeMap<String, i64>,
    /// The most urgent, each with its tags.
    pub tasks: Vec<(Summary, Vec<TagRef>)>,
}

/// The tasks of these boards in short, of each at most `limit`; boards without tasks are left out.
///
/// # Errors
/// A database failure.
pub fn of_boards(
    tx: &mut Tx<'_>,
    boards: &[Uuid],
    include_done: bool,
    limit: i64,
) -> Result<HashMap<Uuid, BoardSummary>, DbError> {
    let mut found: HashMap<Uuid, BoardSummary> = HashMap::new();
    if boards.is_empty() {
        return Ok(found);
    }
    for (board_id, status, count) in summaries::counts(tx, boards)? {
        found.entry(board_id).or_default().counts.insert(status, count);
    }
    if limit == 0 {
        return Ok(found);
    }
    let tasks = summaries::most_urgent(tx, boards, include_done, limit)?;
    let mut tags_of: HashMap<Uuid, Vec<TagRef>> = HashMap::new();
    for (task_id, tag) in tags::of(tx, &tasks.iter().map(|task| task.id).collect::<Vec<_>>())? {
        tags_of.entry(task_id).or_default().push(tag);
    }
    for task in tasks {
        let tags = tags_of.remove(&task.id).unwrap_or_default();
        found.entry(task.board_id).or_default().tasks.push((task, tags));
    }
    Ok(found)
}
