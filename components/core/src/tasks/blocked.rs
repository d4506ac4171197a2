//! The refusal of what a task's state forbids, as the OpenAPI document shows it.

use mission_control_web::response;
use uuid::Uuid;

response! {
    /// What forbids a change of a task.
    pub struct BlockedTaskDetail {
        /// The text for people.
        pub message: String,
        /// The text for programs.
        pub code: String,
        /// The dependencies that are not done, if they are what forbids it.
        pub blocked_by_task_ids: Vec<Uuid>,
    }
}

response! {
    /// The envelope of such a refusal.
    pub struct BlockedTaskError {
        /// What forbids the change.
        pub detail: BlockedTaskDetail,
        /// The id that the log knows the request by.
        pub request_id: String,
    }
}
