//! SQL of dependencies.

use std::time::Duration;

use uuid::Uuid;

use super::{BATCH, with_ids};
use crate::tasks::Task;
use crate::tasks::dependencies::Dependency;
use mission_control_platform::db::{DbError, Tx, Value, columns_as, placeholders, values_rows};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// What these tasks wait for: task and dependency, in the order in which they were added.
pub fn of(tx: &mut Tx<'_>, task_ids: &[Uuid]) -> Result<Vec<(Uuid, Dependency)>, DbError> {
    let mut found = Vec::new();
    for ids in task_ids.chunks(BATCH) {
        let sql = format!(
            "SELECT d.task_id, d.depends_on_task_id, t.status FROM task_dependencies d
             LEFT JOIN tasks t ON t.id = d.depends_on_task_id WHERE d.task_id IN ({}) ORDER BY d.created_at, d.id",
            placeholders(1, ids.len())
        );
        found.extend(tx.all::<(Uuid, Dependency)>(&sql, &with_ids([], ids))?);
    }
    Ok(found)
}

/// What the tasks of a board wait for: task and dependency, in the order in which they were added.
pub fn of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<(Uuid, Dependency)>, DbError> {
    tx.all(
        "SELECT d.task_id, d.depends_on_task_id, t.status FROM task_dependencies d
         LEFT JOIN tasks t ON t.id = d.depends_on_task_id WHERE d.board_id = $1 ORDER BY d.created_at, d.id",
        &params![board_id],
    )
}

/// Every edge of a board's graph: who waits, for whom.
pub fn edges_of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    tx.all("SELECT task_id, depends_on_task_id FROM task_dependencies WHERE board_id = $1", &params![board_id])
}

/// The unfinished tasks that wait for this one, locked.
pub fn unfinished_dependents(tx: &mut Tx<'_>, task_id: Uuid) -> Result<Vec<Task>, DbError> {
    let sql = format!(
        "SELECT {} FROM tasks t JOIN task_dependencies d ON d.task_id = t.id
         WHERE d.depends_on_task_id = $1 AND t.status <> 'done' ORDER BY t.created_at, t.id{}",
        columns_as("t", Task::COLUMNS),
        tx.for_update()
    );
    tx.all(&sql, &params![task_id])
}

/// Adds what a task waits for, keeping the order.
pub fn add(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid, dependencies: &[Dependency]) -> Result<(), DbError> {
    // Each a microsecond later than the one before: readers order by time.
    let mut created_at = Timestamp::now();
    for dependencies in dependencies.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO task_dependencies (id, board_id, task_id, depends_on_task_id, created_at) VALUES {}",
            values_rows(dependencies.len(), 5)
        );
        let mut parameters: Vec<Value> = Vec::with_capacity(dependencies.len() * 5);
        for dependency in dependencies {
            parameters.extend(params![Uuid::new_v4(), board_id, task_id, dependency.id, created_at]);
            created_at = created_at.plus(Duration::from_micros(1));
        }
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
}

/// Makes these everything that a task waits for.
pub fn replace(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid, dependencies: &[Dependency]) -> Result<(), DbError> {
    tx.execute("DELETE FROM task_dependencies WHERE task_id = $1", &params![task_id])?;
    add(tx, board_id, task_id, dependencies)
}
