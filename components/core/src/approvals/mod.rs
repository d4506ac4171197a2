//! Approvals: decisions that agents ask people for.

mod requests;
pub mod store;
pub mod stream;
pub mod wire;

use uuid::Uuid;

use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::words;

pub use requests::{create, decide, list, read};

words! {
    /// How an approval was decided.
    pub enum Decision {
        /// Go ahead.
        Approved = "approved",
        /// Do not.
        Rejected = "rejected",
    }
}

words! {
    /// Where an approval stands.
    pub enum ApprovalStatus {
        /// Waits for a decision.
        Pending = "pending",
        /// Go ahead.
        Approved = "approved",
        /// Do not.
        Rejected = "rejected",
    }
}

record! {
    /// A request for a decision.
    #[derive(Clone, Debug)]
    pub struct Approval {
        /// Identifier.
        pub id: Uuid,
        /// Its board.
        pub board_id: Uuid,
        /// The first of the tasks that it is about.
        pub task_id: Option<Uuid>,
        /// The agent that asks.
        pub agent_id: Option<Uuid>,
        /// What is to be decided on.
        pub action_type: String,
        /// What there is to know about it: a JSON object.
        pub payload: Option<serde_json::Value>,
        /// How sure whoever asks is, from 0 to 100.
        pub confidence: f64,
        /// Whole numbers by name.
        pub rubric_scores: Option<serde_json::Value>,
        /// Where it stands.
        pub status: ApprovalStatus,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was decided.
        pub resolved_at: Option<Timestamp>,
        /// Who decided.
        pub resolved_by_user_id: Option<Uuid>,
        /// When it was made or its status changed last.
        pub changed_at: Timestamp,
    }
}

/// A task that an approval is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The task.
    pub id: Uuid,
    /// Its title.
    pub title: String,
}

/// How many approvals there are about a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskCounts {
    /// The task.
    pub task_id: Uuid,
    /// All of them.
    pub all: i64,
    /// Those that wait for a decision.
    pub pending: i64,
}
