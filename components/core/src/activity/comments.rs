//! SQL of comments: the events of type `task.comment`.

use uuid::Uuid;

use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record};

record! {
    /// A comment on a task.
    #[derive(Clone, Debug)]
    pub struct Comment {
        /// Identifier.
        pub id: Uuid,
        /// The text.
        pub message: Option<String>,
        /// The agent who wrote it; none for people.
        pub agent_id: Option<Uuid>,
        /// The task.
        pub task_id: Option<Uuid>,
        /// When it was written.
        pub created_at: Timestamp,
    }
}

/// The type of the events that are comments.
pub const COMMENT: &str = "task.comment";

/// One page of a task's comments, oldest first.
///
/// # Errors
/// A database failure.
pub fn of_task(tx: &mut Tx<'_>, task_id: Uuid, paging: &Paging) -> Result<Page<Comment>, DbError> {
    let count = "SELECT count(*) FROM activity_events WHERE task_id = $1 AND event_type = 'task.comment'";
    let sql = format!(
        "SELECT {}, ({count}) FROM activity_events WHERE task_id = $1 AND event_type = 'task.comment'
         ORDER BY created_at, id LIMIT $2 OFFSET $3",
        Comment::COLUMNS.join(", ")
    );
    let rows = tx.all(&sql, &params![task_id, paging.limit(), paging.offset()])?;
    paging.counted(rows, || tx.one(count, &params![task_id]))
}

/// The newest comment of an agent on a task, not older than `since`.
///
/// # Errors
/// A database failure.
pub fn newest_by_since(
    tx: &mut Tx<'_>,
    task_id: Uuid,
    agent_id: Uuid,
    since: Timestamp,
) -> Result<Option<String>, DbError> {
    let found: Option<Option<String>> = tx.first(
        "SELECT message FROM activity_events
         WHERE task_id = $1 AND event_type = 'task.comment' AND agent_id = $2 AND created_at >= $3
         ORDER BY created_at DESC, id DESC LIMIT 1",
        &params![task_id, agent_id, since],
    )?;
    Ok(found.flatten())
}

/// The newest comment of an agent on a task.
///
/// # Errors
/// A database failure.
pub fn newest_by(tx: &mut Tx<'_>, task_id: Uuid, agent_id: Uuid) -> Result<Option<String>, DbError> {
    newest_by_since(tx, task_id, agent_id, Timestamp::MIN)
}

/// Comments that are read at a time: each may be a million characters long.
const BATCH: i64 = 10;

/// Whether any comment on a task that may mention somebody is what is looked for, the oldest first.
///
/// # Errors
/// A database failure.
pub fn any_with_at_sign(tx: &mut Tx<'_>, task_id: Uuid, wanted: impl Fn(&str) -> bool) -> Result<bool, DbError> {
    let (mut time, mut id) = (Timestamp::MIN, Uuid::nil());
    loop {
        let batch: Vec<(Timestamp, Uuid, String)> = tx.all(
            "SELECT created_at, id, message FROM activity_events
             WHERE task_id = $1 AND event_type = 'task.comment' AND (created_at, id) > ($2, $3)
             AND (message LIKE '%@%' OR message LIKE '%＠%' OR message LIKE '%﹫%') ORDER BY created_at, id LIMIT $4",
            &params![task_id, time, id, BATCH],
        )?;
        if batch.iter().any(|(_, _, message)| wanted(message)) {
            return Ok(true);
        }
        match batch.last() {
            Some(last) => (time, id) = (last.0, last.1),
            None => return Ok(false),
        }
    }
}
