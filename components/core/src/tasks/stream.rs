//! What happens to the tasks of a board, as it happens.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use uuid::Uuid;

use super::read;
use super::wire::{TaskCommentRead, TaskRead, TaskStreamQuery};
use crate::activity::comments::{COMMENT, Comment};
use crate::activity::{self, Event};
use mission_control_platform::db::{DbError, Position, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_web::http::Cx;
use mission_control_web::sse::{Feed, Item};

/// What an event of the stream carries: a comment, or the task as it is now.
#[derive(Serialize)]
struct TaskEvent<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    activity: Activity<'a>,
    #[serde(flatten)]
    subject: Subject<'a>,
}

#[derive(Serialize)]
struct Activity<'a> {
    id: Uuid,
    event_type: &'a str,
    message: Option<&'a str>,
    agent_id: Option<Uuid>,
    task_id: Option<Uuid>,
    created_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Subject<'a> {
    Task(Option<&'a TaskRead>),
    Comment(TaskCommentRead),
}

/// What happens to the tasks of a board from the query's moment on.
#[must_use]
pub fn feed(cx: &Cx, board_id: Uuid, query: &TaskStreamQuery) -> Feed {
    let db = cx.db.clone();
    Feed::new(cx, format!("tasks {board_id}"), query.since.as_deref(), move |position, limit| {
        db.read(|tx| happened(tx, board_id, position, limit))
    })
}

/// The events of what happened behind a position, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn happened(tx: &mut Tx<'_>, board_id: Uuid, position: Position, limit: i64) -> Result<Vec<Item>, DbError> {
    let events = activity::store::of_tasks_after(tx, board_id, position, limit)?;
    let changed = events.iter().filter(|event| event.event_type != COMMENT).filter_map(|event| event.task_id);
    let changed: BTreeSet<Uuid> = changed.collect();
    let tasks = match changed.is_empty() {
        true => Vec::new(),
        false => read::those(tx, board_id, &changed.into_iter().collect::<Vec<_>>())?,
    };
    let tasks: HashMap<Uuid, TaskRead> = tasks.into_iter().map(|task| (task.id, task)).collect();
    Ok(events.iter().map(|event| item(event, &tasks)).collect())
}

fn item(event: &Event, tasks: &HashMap<Uuid, TaskRead>) -> Item {
    let subject = if event.event_type == COMMENT {
        Subject::Comment(TaskCommentRead::from(Comment {
            id: event.id,
            message: event.message.clone(),
            agent_id: event.agent_id,
            task_id: event.task_id,
            created_at: event.created_at,
        }))
    } else {
        Subject::Task(event.task_id.and_then(|id| tasks.get(&id)))
    };
    let activity = Activity {
        id: event.id,
        event_type: &event.event_type,
        message: event.message.as_deref(),
        agent_id: event.agent_id,
        task_id: event.task_id,
        created_at: event.created_at,
    };
    let position = Position { at: event.created_at, id: event.id };
    Item::new("task", position, &TaskEvent { kind: &event.event_type, activity, subject })
}
