//! What a task waits for: tasks of the same board, never itself, never in a circle.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{Task, TaskStatus, missing_ids, status, store};
use crate::activity::{self, NewEvent};
use mission_control_platform::db::{DbError, FromRow, Row, Tx};
use mission_control_web::http::{ApiError, ApiResult};

/// A task that another waits for. One that is gone counts as not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    /// The task that is waited for.
    pub id: Uuid,
    /// Where it stands.
    pub status: Option<TaskStatus>,
}

impl FromRow for Dependency {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.next()?, status: row.next()? })
    }
}

/// The dependencies that are not done, in their order.
pub(super) fn open(dependencies: &[Dependency]) -> Vec<Uuid> {
    let is_open = |dependency: &&Dependency| dependency.status != Some(TaskStatus::Done);
    dependencies.iter().filter(is_open).map(|dependency| dependency.id).collect()
}

/// The requested dependencies with their statuses, in the order of the request.
///
/// # Errors
/// 422 when the task is to wait for itself, 404 that names the ids that are no tasks of the board.
pub(super) fn require(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    task_id: Option<Uuid>,
    requested: &[Uuid],
) -> ApiResult<Vec<Dependency>> {
    if task_id.is_some_and(|id| requested.contains(&id)) {
        return Err(ApiError::unprocessable("Task cannot depend on itself."));
    }
    let found: HashMap<Uuid, TaskStatus> = store::lock_statuses(tx, board_id, requested)?.into_iter().collect();
    let missing: Vec<Uuid> = requested.iter().copied().filter(|id| !found.contains_key(id)).collect();
    if !missing.is_empty() {
        let message = "One or more dependency tasks were not found on this board.";
        return Err(ApiError::not_found_because(missing_ids(message, "missing_task_ids", &missing)));
    }
    Ok(requested.iter().map(|id| Dependency { id: *id, status: found.get(id).copied() }).collect())
}

/// Refuses dependencies that lead back to the task. The board is locked: nobody adds an edge meanwhile.
///
/// # Errors
/// 409 for a circle.
pub(super) fn require_no_cycle(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    task_id: Uuid,
    requested: &[Dependency],
) -> ApiResult<()> {
    let requested: Vec<Uuid> = requested.iter().map(|dependency| dependency.id).collect();
    if requested.is_empty() {
        return Ok(());
    }
    let edges = store::dependencies::edges_of_board(tx, board_id)?;
    if leads_back(task_id, &requested, &edges) {
        return Err(ApiError::conflict("Dependency cycle detected. Remove the cycle before saving."));
    }
    Ok(())
}

/// Whether `task`, once it waits for `requested`, waits for itself. Looks at what can be reached from there only, so an
/// old circle elsewhere is nobody's obstacle; its own stack instead of recursion, so no chain is too deep.
fn leads_back(task: Uuid, requested: &[Uuid], edges: &[(Uuid, Uuid)]) -> bool {
    let mut next: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
    for (from, to) in edges.iter().filter(|(from, _)| *from != task) {
        next.entry(*from).or_default().push(*to);
    }
    let mut seen = HashSet::new();
    let mut open = requested.to_vec();
    while let Some(current) = open.pop() {
        if current == task {
            return true;
        }
        if seen.insert(current) {
            open.extend(next.get(&current).into_iter().flatten());
        }
    }
    false
}

/// Tells the tasks that wait for this one that it became done or not done. One that is under way although it now waits
/// again goes back to the inbox; finished ones stay as they are.
pub(super) fn tell_dependents(tx: &mut Tx<'_>, task: &Task, actor: NewEvent) -> Result<(), DbError> {
    let reopened = task.status != TaskStatus::Done;
    let dependents = store::dependencies::unfinished_dependents(tx, task.id)?;
    let (returned, told): (Vec<Task>, Vec<Task>) = dependents.into_iter().partition(|dependent| {
        reopened && {
            let progress = status::Progress::of(dependent);
            progress.status != TaskStatus::Inbox || progress.assignee.is_some() || progress.started_at.is_some()
        }
    });
    let ids: Vec<Uuid> = returned.iter().map(|dependent| dependent.id).collect();
    store::return_to_inbox(tx, &ids)?;
    let returned = returned.iter().map(|dependent| NewEvent {
        event_type: "task.status_changed",
        message: format!("Task returned to inbox: dependency reopened ({}).", task.title),
        task_id: Some(dependent.id),
        ..actor.clone()
    });
    let told = told.iter().map(|dependent| changed(task, dependent.id, &actor));
    activity::store::record_all(tx, &returned.chain(told).collect::<Vec<_>>())
}

/// Tells the tasks that wait for this one, which is about to be deleted unfinished, that they no longer do.
pub(super) fn tell_dependents_of_deletion(tx: &mut Tx<'_>, task: &Task, actor: NewEvent) -> Result<(), DbError> {
    if task.status == TaskStatus::Done {
        return Ok(());
    }
    let dependents = store::dependencies::unfinished_dependents(tx, task.id)?;
    let events: Vec<NewEvent> = dependents.iter().map(|dependent| changed(task, dependent.id, &actor)).collect();
    activity::store::record_all(tx, &events)
}

fn changed(task: &Task, dependent_id: Uuid, actor: &NewEvent) -> NewEvent {
    NewEvent {
        event_type: "task.updated",
        message: format!("Dependency completion changed: {}.", task.title),
        task_id: Some(dependent_id),
        ..actor.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_circle_through_the_edited_task_is_found() {
        let edges = [(id(2), id(3)), (id(3), id(1))];
        assert!(leads_back(id(1), &[id(2)], &edges));
        assert!(leads_back(id(1), &[id(9), id(3)], &edges));
        assert!(!leads_back(id(1), &[id(9)], &edges));
    }

    #[test]
    fn the_edges_that_are_being_replaced_do_not_count() {
        assert!(!leads_back(id(1), &[id(3)], &[(id(1), id(2)), (id(2), id(1))]));
    }

    #[test]
    fn an_old_circle_elsewhere_is_no_obstacle() {
        assert!(!leads_back(id(1), &[id(2)], &[(id(2), id(3)), (id(3), id(2))]));
    }

    #[test]
    fn a_very_deep_chain_does_not_overflow() {
        let edges: Vec<(Uuid, Uuid)> = (2..200_000).map(|number| (id(number), id(number + 1))).collect();
        assert!(!leads_back(id(1), &[id(2)], &edges));
    }

    #[test]
    fn what_is_gone_counts_as_not_done() {
        let dependency = |number, status| Dependency { id: id(number), status };
        let dependencies =
            [dependency(1, Some(TaskStatus::Done)), dependency(2, None), dependency(3, Some(TaskStatus::Review))];
        assert_eq!(open(&dependencies), [id(2), id(3)]);
    }
}
