//! Making a task.

use uuid::Uuid;

use super::notifications::Notifier;
use super::status::Progress;
use super::wire::{TaskCreate, TaskRead};
use super::{
    Task, TaskStatus, assignable, assignable_by_lead, blocked, custom_fields, dependencies, require_tags, store,
};
use crate::activity::{self, NewEvent};
use crate::agents::{Actor, Agent};
use crate::boards::{self, Board};
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiResult;

/// Makes a task on the board: a person in any status, an agent in the inbox or, when it assigns it at once, in
/// progress. The board's lead hears of tasks that people make, the assignee of its own.
///
/// # Errors
/// 404 for unknown dependencies, tags or assignee, 409 when it is blocked or the assignee is on another board, 403 when
/// a lead assigns a lead, 422 for custom field values.
pub fn create(tx: &mut Tx<'_>, board: &Board, actor: &Actor, body: TaskCreate) -> ApiResult<TaskRead> {
    if !body.depends_on_task_ids.0.is_empty() {
        // In the order in which changes lock: the board, then its tasks.
        boards::store::lock_shared(tx, board.id)?;
    }
    let dependencies = dependencies::require(tx, board.id, None, &body.depends_on_task_ids.0)?;
    let tags = require_tags(tx, board, &body.tag_ids.0)?;
    let open = dependencies::open(&dependencies);
    if !open.is_empty() && (body.assigned_agent_id.is_some() || body.status != TaskStatus::Inbox) {
        return Err(blocked(&open));
    }
    let assignee = match (actor, body.assigned_agent_id) {
        (_, None) => None,
        (Actor::User(_), Some(id)) => Some(assignable(tx, board, id)?),
        (Actor::Agent(_), Some(id)) => Some(assignable_by_lead(tx, board, id)?),
    };
    let fields = store::custom_fields::of_board(tx, board.id)?;
    let values = custom_fields::for_new_task(&fields, &body.custom_field_values.0)?;

    let task = new_task(board, actor, body, assignee.as_ref());
    store::insert(tx, &task)?;
    store::dependencies::add(tx, board.id, task.id, &dependencies)?;
    store::tags::add(tx, task.id, &tags)?;
    store::custom_fields::put(tx, task.id, &values)?;
    activity::store::record(tx, created(board, actor, &task))?;
    let mut notifier = Notifier::new(tx, board, actor);
    if actor.agent().is_none() {
        notifier.task_added(&task)?;
    }
    if let Some(assignee) = &assignee {
        notifier.assigned(&task, assignee)?;
    }
    let dependencies = dependencies.iter().map(|dependency| dependency.id).collect();
    Ok(TaskRead::new(task, dependencies, open, tags, custom_fields::shown_of_new_task(&fields, &values)))
}

fn new_task(board: &Board, actor: &Actor, body: TaskCreate, assignee: Option<&Agent>) -> Task {
    let now = Timestamp::now();
    let status = match actor {
        Actor::User(_) => body.status,
        Actor::Agent(_) => status_from_lead(body.status, assignee.is_some()),
    };
    let mut task = Task {
        id: Uuid::new_v4(),
        board_id: Some(board.id),
        title: body.title.0,
        description: body.description.map(|text| text.0),
        status,
        priority: body.priority.0,
        due_at: body.due_at,
        in_progress_at: None,
        previous_in_progress_at: None,
        created_by_user_id: actor.user_id(),
        assigned_agent_id: None,
        auto_created: actor.agent().is_some(),
        auto_reason: actor.agent_id().map(Task::made_by_lead),
        created_at: now,
        updated_at: now,
    };
    Progress::new(status, assignee.map(|agent| agent.id), now).apply_to(&mut task);
    task
}

/// A lead starts work by assigning it; what else it might ask for would pass by the board's gates.
fn status_from_lead(requested: TaskStatus, assigned: bool) -> TaskStatus {
    if requested == TaskStatus::InProgress && assigned { requested } else { TaskStatus::Inbox }
}

fn created(board: &Board, actor: &Actor, task: &Task) -> NewEvent {
    let by = if actor.agent().is_some() { " by lead" } else { "" };
    NewEvent {
        event_type: "task.created",
        message: format!("Task created{by}: {}.", task.title),
        agent_id: actor.agent_id(),
        user_id: actor.user_id(),
        task_id: Some(task.id),
        board_id: Some(board.id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_makes_tasks_for_the_inbox_or_assigned_and_started() {
        use TaskStatus::{Done, InProgress, Inbox, Review};
        assert_eq!(status_from_lead(InProgress, true), InProgress);
        for (requested, assigned) in [(Inbox, true), (InProgress, false), (Review, true), (Done, true), (Done, false)] {
            assert_eq!(status_from_lead(requested, assigned), Inbox);
        }
    }
}
