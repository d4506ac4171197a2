//! SQL of the tags on tasks.

use std::time::Duration;

use uuid::Uuid;

use super::{BATCH, with_ids};
use crate::tags::wire::TagRef;
use mission_control_platform::db::{DbError, Tx, Value, placeholders, values_rows};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// The tags of these tasks: task and tag, in the order in which they were put on.
pub fn of(tx: &mut Tx<'_>, task_ids: &[Uuid]) -> Result<Vec<(Uuid, TagRef)>, DbError> {
    let mut found = Vec::new();
    for ids in task_ids.chunks(BATCH) {
        let sql = format!(
            "SELECT a.task_id, g.id, g.name, g.slug, g.color FROM tag_assignments a JOIN tags g ON g.id = a.tag_id
             WHERE a.task_id IN ({}) ORDER BY a.created_at, a.id",
            placeholders(1, ids.len())
        );
        found.extend(tx.all::<(Uuid, TagRef)>(&sql, &with_ids([], ids))?);
    }
    Ok(found)
}

/// The tags of the tasks of a board: task and tag, in the order in which they were put on.
pub fn of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<(Uuid, TagRef)>, DbError> {
    tx.all(
        "SELECT a.task_id, g.id, g.name, g.slug, g.color FROM tasks t
         JOIN tag_assignments a ON a.task_id = t.id JOIN tags g ON g.id = a.tag_id
         WHERE t.board_id = $1 ORDER BY a.created_at, a.id",
        &params![board_id],
    )
}

/// Puts tags on a task, keeping the order.
pub fn add(tx: &mut Tx<'_>, task_id: Uuid, tags: &[TagRef]) -> Result<(), DbError> {
    // Each a microsecond later than the one before: readers order by time.
    let mut created_at = Timestamp::now();
    for tags in tags.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO tag_assignments (id, task_id, tag_id, created_at) VALUES {}",
            values_rows(tags.len(), 4)
        );
        let mut parameters: Vec<Value> = Vec::with_capacity(tags.len() * 4);
        for tag in tags {
            parameters.extend(params![Uuid::new_v4(), task_id, tag.id, created_at]);
            created_at = created_at.plus(Duration::from_micros(1));
        }
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
}

/// Makes these all the tags of a task.
pub fn replace(tx: &mut Tx<'_>, task_id: Uuid, tags: &[TagRef]) -> Result<(), DbError> {
    tx.execute("DELETE FROM tag_assignments WHERE task_id = $1", &params![task_id])?;
    add(tx, task_id, tags)
}
