//! Bodies of the routes of tasks and their comments.

use serde_json::Map;
use uuid::Uuid;

use super::status::Wish;
use super::store::Filter;
use super::{Task, TaskStatus};
use crate::activity::comments::Comment;
use crate::tags::wire::TagRef;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::schema::{Name, NonBlank, Nullable, Object, Patch, Text, UniqueList};
use mission_control_web::{request, response};

/// Longest title, in characters.
const TITLE: usize = 10_000;

/// Longest description or comment, in characters.
const LONG_TEXT: usize = 1_000_000;

response! {
    /// A task.
    pub struct TaskRead {
        pub title: String,
        pub description: Option<String>,
        pub status: TaskStatus,
        pub priority: String,
        pub due_at: Option<Timestamp>,
        pub assigned_agent_id: Option<Uuid>,
        /// The tasks that it waits for, in the order in which they were added.
        pub depends_on_task_ids: Vec<Uuid>,
        pub tag_ids: Vec<Uuid>,
        pub id: Uuid,
        pub board_id: Option<Uuid>,
        pub created_by_user_id: Option<Uuid>,
        /// When work on it started last.
        pub in_progress_at: Option<Timestamp>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        /// Those of the tasks it waits for that are not done; none once it is done itself.
        pub blocked_by_task_ids: Vec<Uuid>,
        pub is_blocked: bool,
        pub tags: Vec<TagRef>,
        /// A value for every custom field of the board.
        pub custom_field_values: Option<Object>,
    }
}

impl TaskRead {
    /// The task, with what was read about it besides its row.
    pub(super) fn new(
        task: Task,
        depends_on_task_ids: Vec<Uuid>,
        open_dependencies: Vec<Uuid>,
        tags: Vec<TagRef>,
        custom_field_values: Map<String, serde_json::Value>,
    ) -> Self {
        let blocked_by_task_ids = if task.status == TaskStatus::Done { Vec::new() } else { open_dependencies };
        Self {
            title: task.title,
            description: task.description,
            status: task.status,
            priority: task.priority,
            due_at: task.due_at,
            assigned_agent_id: task.assigned_agent_id,
            depends_on_task_ids,
            tag_ids: tags.iter().map(|tag| tag.id).collect(),
            id: task.id,
            board_id: task.board_id,
            created_by_user_id: task.created_by_user_id,
            in_progress_at: task.in_progress_at,
            created_at: task.created_at,
            updated_at: task.updated_at,
            is_blocked: !blocked_by_task_ids.is_empty(),
            blocked_by_task_ids,
            tags,
            custom_field_values: Some(Object(custom_field_values)),
        }
    }
}

request! {
    /// A new task.
    pub struct TaskCreate {
        pub title: Text<TITLE>,
        pub description: Option<Text<LONG_TEXT>> = None,
        pub status: TaskStatus = TaskStatus::Inbox,
        /// `high`, `medium`, `low` or any other text.
        pub priority: Name = Text("medium".to_owned()),
        pub due_at: Option<Timestamp> = None,
        pub assigned_agent_id: Option<Uuid> = None,
        pub depends_on_task_ids: UniqueList<Uuid> = UniqueList::default(),
        pub tag_ids: UniqueList<Uuid> = UniqueList::default(),
        /// Not looked at: who makes a task is the caller.
        pub created_by_user_id: Option<Uuid> = None,
        /// Values by the keys of the board's custom fields.
        pub custom_field_values: Object = Object(Map::new()),
    }
}

request! {
    /// What of a task is to change.
    pub struct TaskUpdate {
        pub title: Patch<Text<TITLE>> = Patch::Keep,
        pub description: Nullable<Text<LONG_TEXT>> = Patch::Keep,
        pub status: Nullable<TaskStatus> = Patch::Keep,
        pub priority: Patch<Name> = Patch::Keep,
        pub due_at: Nullable<Timestamp> = Patch::Keep,
        pub assigned_agent_id: Nullable<Uuid> = Patch::Keep,
        /// Replaces everything that the task waits for; null leaves it.
        pub depends_on_task_ids: Nullable<UniqueList<Uuid>> = Patch::Keep,
        /// Replaces all tags; null leaves them.
        pub tag_ids: Nullable<UniqueList<Uuid>> = Patch::Keep,
        /// Values by the keys of the board's custom fields; others stay.
        pub custom_field_values: Nullable<Object> = Patch::Keep,
        /// Is added to the task's comments.
        pub comment: Nullable<Text<LONG_TEXT>> = Patch::Keep,
    }
    check = TaskUpdate::check;
}

impl TaskUpdate {
    fn check(&mut self) -> Result<(), &'static str> {
        if self.status == Patch::Set(None) { Err("status is required") } else { Ok(()) }
    }

    /// What the request wants of the task's progress.
    pub(super) fn wish(&self) -> Wish {
        Wish { status: self.status(), assignee: self.assigned_agent_id.clone() }
    }

    pub(super) fn status(&self) -> Option<TaskStatus> {
        self.status.as_ref().copied().flatten()
    }

    /// The comment, trimmed, if it is not blank.
    pub(super) fn comment(&self) -> Option<&str> {
        let comment = self.comment.as_ref()?.as_ref()?;
        Some(comment.trim()).filter(|text| !text.is_empty())
    }

    pub(super) fn dependencies(&self) -> Option<&[Uuid]> {
        self.depends_on_task_ids.as_ref()?.as_ref().map(|list| list.0.as_slice())
    }

    pub(super) fn tags(&self) -> Option<&[Uuid]> {
        self.tag_ids.as_ref()?.as_ref().map(|list| list.0.as_slice())
    }

    pub(super) fn custom_field_values(&self) -> Option<&Map<String, serde_json::Value>> {
        self.custom_field_values.as_ref()?.as_ref().map(|values| &values.0).filter(|values| !values.is_empty())
    }

    /// The members that only people may send, by name, in the order of the alphabet.
    pub(super) fn members_for_people(&self) -> Vec<&'static str> {
        [
            ("description", self.description.is_set()),
            ("due_at", self.due_at.is_set()),
            ("priority", self.priority.is_set()),
            ("title", self.title.is_set()),
        ]
        .into_iter()
        .filter_map(|(name, is_set)| is_set.then_some(name))
        .collect()
    }
}

request! {
    /// Which tasks of a board a list shows.
    pub struct TaskFilter {
        /// Statuses, separated by commas.
        pub status: Option<String> = None,
        pub assigned_agent_id: Option<Uuid> = None,
        /// Whether to show tasks of nobody only.
        pub unassigned: Option<bool> = None,
    }
}

impl TaskFilter {
    /// The filter that the query means.
    ///
    /// # Errors
    /// 422 when a status is none.
    pub fn parse(&self) -> ApiResult<Filter> {
        let words =
            self.status.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|word| !word.is_empty());
        // However often a status is repeated, there are only so many.
        let mut statuses = Vec::new();
        for word in words {
            let unsupported = || ApiError::unprocessable("Unsupported task status filter.");
            let status = TaskStatus::from_word(word).ok_or_else(unsupported)?;
            if !statuses.contains(&status) {
                statuses.push(status);
            }
        }
        Ok(Filter { statuses, assignee: self.assigned_agent_id, unassigned: self.unassigned == Some(true) })
    }
}

request! {
    /// Which part of a stream is wanted.
    pub struct TaskStreamQuery {
        /// From when on; now when absent or unreadable.
        pub since: Option<String> = None,
    }
}

response! {
    /// A comment on a task.
    pub struct TaskCommentRead {
        pub id: Uuid,
        pub message: Option<String>,
        /// The agent who wrote it; null for people.
        pub agent_id: Option<Uuid>,
        pub task_id: Option<Uuid>,
        pub created_at: Timestamp,
    }
}

impl From<Comment> for TaskCommentRead {
    fn from(comment: Comment) -> Self {
        let Comment { id, message, agent_id, task_id, created_at } = comment;
        Self { id, message, agent_id, task_id, created_at }
    }
}

request! {
    /// A new comment.
    pub struct TaskCommentCreate {
        pub message: NonBlank<LONG_TEXT>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mission_control_web::schema::{Faults, Field, Place};
    use serde_json::json;

    #[test]
    fn a_status_cannot_be_null() {
        let mut faults = Faults::default();
        assert!(TaskUpdate::read(&json!({"status": null}), &Place::root("body"), &mut faults).is_none());
        let entries = serde_json::to_value(faults.into_entries()).unwrap();
        assert_eq!(entries[0]["msg"], "Value error, status is required");
        assert_eq!(entries[0]["loc"], json!(["body"]));
    }

    #[test]
    fn a_status_filter_is_a_list_of_words() {
        let parse = |status: &str| {
            let filter = TaskFilter { status: Some(status.to_owned()), assigned_agent_id: None, unassigned: None };
            filter.parse().map(|filter| filter.statuses).ok()
        };
        assert_eq!(parse(" inbox, done ,"), Some(vec![TaskStatus::Inbox, TaskStatus::Done]));
        assert_eq!(parse("done,inbox,done,done"), Some(vec![TaskStatus::Done, TaskStatus::Inbox]));
        assert_eq!(parse(" , "), Some(vec![]));
        assert_eq!(parse("inbox,nope"), None);
    }
}
