//! What happened: events of boards, tasks and agents. Comments are events too.

pub mod comment_feed;
pub mod comments;
pub mod retention;
pub mod store;
pub mod wire;

use uuid::Uuid;

use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

/// An event to record.
#[derive(Clone, Debug, Default)]
pub struct NewEvent {
    /// The type, such as `task.created`.
    pub event_type: &'static str,
    /// The text for people.
    pub message: String,
    /// The agent that acted or was notified.
    pub agent_id: Option<Uuid>,
    /// The person that acted; for audit, never shown on the wire.
    pub user_id: Option<Uuid>,
    /// The task it is about.
    pub task_id: Option<Uuid>,
    /// The board it is about.
    pub board_id: Option<Uuid>,
}

/// A recorded event's identity.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// Identifier.
    pub id: Uuid,
    /// When it was recorded.
    pub created_at: Timestamp,
}

record! {
    /// A recorded event, as the feed shows it.
    #[derive(Clone, Debug)]
    pub struct Event {
        /// Identifier.
        pub id: Uuid,
        /// The type, such as `task.created`.
        pub event_type: String,
        /// The text for people.
        pub message: Option<String>,
        /// The agent that acted or was notified.
        pub agent_id: Option<Uuid>,
        /// The task it is about.
        pub task_id: Option<Uuid>,
        /// The board it is about.
        pub board_id: Option<Uuid>,
        /// When it was recorded.
        pub created_at: Timestamp,
    }
}
