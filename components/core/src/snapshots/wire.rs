//! Answers of the routes of snapshots.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Extent;
use crate::agents::wire::AgentRead;
use crate::approvals::wire::ApprovalRead;
use crate::board_groups::wire::BoardGroupRead;
use crate::boards::wire::BoardRead;
use crate::memory::wire::BoardMemoryRead;
use crate::tags::wire::TagRef;
use crate::tasks::TaskStatus;
use crate::tasks::summary::Summary;
use crate::tasks::wire::TaskRead;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Object, Ranged};
use mission_control_web::{request, response};

response! {
    /// A task as the card of a board shows it.
    pub struct TaskCardRead {
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
        /// The name of the agent that works on it, if it is of this board.
        pub assignee: Option<String>,
        /// How many approvals there are about it.
        pub approvals_count: i64,
        /// How many of them wait for a decision.
        pub approvals_pending_count: i64,
    }
}

impl TaskCardRead {
    /// The card of a task; the counts are of all and of pending approvals.
    pub(super) fn new(task: TaskRead, assignee: Option<String>, (all, pending): (i64, i64)) -> Self {
        Self {
            title: task.title,
            description: task.description,
            status: task.status,
            priority: task.priority,
            due_at: task.due_at,
            assigned_agent_id: task.assigned_agent_id,
            depends_on_task_ids: task.depends_on_task_ids,
            tag_ids: task.tag_ids,
            id: task.id,
            board_id: task.board_id,
            created_by_user_id: task.created_by_user_id,
            in_progress_at: task.in_progress_at,
            created_at: task.created_at,
            updated_at: task.updated_at,
            blocked_by_task_ids: task.blocked_by_task_ids,
            is_blocked: task.is_blocked,
            tags: task.tags,
            custom_field_values: task.custom_field_values,
            assignee,
            approvals_count: all,
            approvals_pending_count: pending,
        }
    }
}

response! {
    /// Everything on a board.
    pub struct BoardSnapshot {
        pub board: BoardRead,
        /// All tasks, newest first.
        pub tasks: Vec<TaskCardRead>,
        /// All agents, newest first.
        pub agents: Vec<AgentRead>,
        /// The newest 200, newest first.
        pub approvals: Vec<ApprovalRead>,
        /// The newest 200, oldest first.
        pub chat_messages: Vec<BoardMemoryRead>,
        /// All of them, not only of those shown.
        pub pending_approvals_count: i64,
    }
}

request! {
    /// What a snapshot of a group shows.
    pub struct GroupSnapshotQuery {
        /// Whether tasks that are done are shown.
        pub include_done: bool = false,
        /// How many tasks of each board are shown.
        pub per_board_task_limit: Ranged<0, 200> = Ranged(5),
    }
}

impl GroupSnapshotQuery {
    /// What of the boards' tasks is shown.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { include_done: self.include_done, per_board: self.per_board_task_limit.0 }
    }
}

request! {
    /// What a snapshot of the group of a board shows.
    pub struct NeighboursQuery {
        /// Whether the board itself is shown.
        pub include_self: bool = false,
        /// Whether tasks that are done are shown.
        pub include_done: bool = false,
        /// How many tasks of each board are shown.
        pub per_board_task_limit: Ranged<0, 100> = Ranged(5),
    }
}

impl NeighboursQuery {
    /// What of the boards' tasks is shown.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { include_done: self.include_done, per_board: self.per_board_task_limit.0 }
    }
}

response! {
    /// A task in a few words.
    pub struct BoardGroupTaskSummary {
        pub id: Uuid,
        pub board_id: Uuid,
        pub board_name: String,
        pub title: String,
        pub status: TaskStatus,
        pub priority: String,
        pub assigned_agent_id: Option<Uuid>,
        /// The name of the agent that works on it.
        pub assignee: Option<String>,
        pub due_at: Option<Timestamp>,
        /// When work on it started last.
        pub in_progress_at: Option<Timestamp>,
        pub tags: Vec<TagRef>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl BoardGroupTaskSummary {
    pub(super) fn new(task: Summary, board_name: &str, tags: Vec<TagRef>) -> Self {
        Self {
            id: task.id,
            board_id: task.board_id,
            board_name: board_name.to_owned(),
            title: task.title,
            status: task.status,
            priority: task.priority,
            assigned_agent_id: task.assigned_agent_id,
            assignee: task.assignee,
            due_at: task.due_at,
            in_progress_at: task.in_progress_at,
            tags,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

response! {
    /// A board of a group and its most urgent tasks.
    pub struct BoardGroupBoardSnapshot {
        pub board: BoardRead,
        /// How many tasks are in each status that occurs.
        pub task_counts: BTreeMap<String, i64>,
        /// What is worked on first, then by priority.
        pub tasks: Vec<BoardGroupTaskSummary>,
    }
}

response! {
    /// The boards of a group.
    pub struct BoardGroupSnapshot {
        /// None when the board is in none.
        pub group: Option<BoardGroupRead>,
        /// By name.
        pub boards: Vec<BoardGroupBoardSnapshot>,
    }
}
