//! Tasks with everything that clients see of them.

use std::collections::HashMap;

use uuid::Uuid;

use super::Task;
use super::custom_fields::Shown;
use super::dependencies::{self, Dependency};
use super::store::custom_fields::Stored;
use super::store::{self, Filter, Related};
use super::wire::TaskRead;
use crate::tags::wire::TagRef;
use mission_control_platform::db::{DbError, Page, Paging, Tx};

/// One page of a board's tasks, newest first.
///
/// # Errors
/// A database failure.
pub fn list(tx: &mut Tx<'_>, board_id: Uuid, filter: &Filter, paging: &Paging) -> Result<Page<TaskRead>, DbError> {
    let page = store::page(tx, board_id, filter, paging)?;
    Ok(paging.page(complete(tx, board_id, page.items)?, page.total))
}

/// One task, if it is on this board.
///
/// # Errors
/// A database failure.
pub fn one(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid) -> Result<Option<TaskRead>, DbError> {
    let found = store::find_related(tx, board_id, task_id)?;
    Ok(complete(tx, board_id, found.into_iter().collect())?.pop())
}

/// Those of the ids that are tasks of this board, in any order.
///
/// # Errors
/// A database failure.
pub(super) fn those(tx: &mut Tx<'_>, board_id: Uuid, ids: &[Uuid]) -> Result<Vec<TaskRead>, DbError> {
    let found = store::those(tx, board_id, ids)?;
    complete(tx, board_id, found)
}

/// All tasks of a board, newest first, in a fixed number of statements.
///
/// # Errors
/// A database failure.
pub fn all_of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<TaskRead>, DbError> {
    let tasks = store::all_of_board(tx, board_id)?;
    let dependencies = store::dependencies::of_board(tx, board_id)?;
    let tags = store::tags::of_board(tx, board_id)?;
    let values = store::custom_fields::of_all_tasks(tx, board_id)?;
    Ok(assembled(tasks, dependencies, tags, values))
}

/// Reads what there is about these tasks of one board, each kind in one statement and only if any task has it.
fn complete(tx: &mut Tx<'_>, board_id: Uuid, tasks: Vec<(Task, Related)>) -> Result<Vec<TaskRead>, DbError> {
    let having = |has: fn(&Related) -> bool| -> Vec<Uuid> {
        tasks.iter().filter(|(_, related)| has(related)).map(|(task, _)| task.id).collect()
    };
    let waiting = having(|related| related.dependencies);
    let tagged = having(|related| related.tags);
    let with_fields = having(|related| related.custom_fields);
    let dependencies = store::dependencies::of(tx, &waiting)?;
    let tags = store::tags::of(tx, &tagged)?;
    let values = match with_fields.as_slice() {
        [] => Vec::new(),
        ids => store::custom_fields::of_tasks(tx, board_id, ids)?,
    };
    Ok(assembled(tasks.into_iter().map(|(task, _)| task).collect(), dependencies, tags, values))
}

/// The tasks of one board with what was read about them.
fn assembled(
    tasks: Vec<Task>,
    dependencies: Vec<(Uuid, Dependency)>,
    tags: Vec<(Uuid, TagRef)>,
    values: Vec<Stored>,
) -> Vec<TaskRead> {
    let mut dependencies_of = by_task(dependencies);
    let mut tags_of = by_task(tags);
    let mut shown = Shown::new(values);
    let whole = tasks.into_iter().map(|task| {
        let dependencies = dependencies_of.remove(&task.id).unwrap_or_default();
        let tags = tags_of.remove(&task.id).unwrap_or_default();
        let values = shown.of(task.id);
        let ids = dependencies.iter().map(|dependency| dependency.id).collect();
        TaskRead::new(task, ids, dependencies::open(&dependencies), tags, values)
    });
    whole.collect()
}

fn by_task<T>(rows: Vec<(Uuid, T)>) -> HashMap<Uuid, Vec<T>> {
    let mut grouped: HashMap<Uuid, Vec<T>> = HashMap::new();
    for (task_id, item) in rows {
        grouped.entry(task_id).or_default().push(item);
    }
    grouped
}
