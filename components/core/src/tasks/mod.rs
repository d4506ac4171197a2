//! Tasks: their status rules, dependencies, custom field values, comments and notifications.
//!
//! [`status`], [`gates`], [`dependencies`] and [`custom_fields`] are rules over plain values. [`create`], [`update`],
//! [`delete`] and [`comments`] put them in the order of one request, inside one transaction, for people and agents alike.

pub mod blocked;
pub mod comments;
mod create;
pub mod custom_fields;
mod delete;
mod dependencies;
mod gates;
mod notifications;
mod read;
pub mod status;
mod store;
pub mod stream;
pub mod summary;
mod update;
pub mod wire;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::agents;
use crate::agents::Agent;
use crate::boards::Board;
use crate::tags::{self, wire::TagRef};
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};
use mission_control_web::words;

pub use create::create;
pub use delete::delete;
pub use read::{all_of_board, list, one};
pub use store::{find, release_of};
pub use update::update;

words! {
    /// Where a task stands.
    pub enum TaskStatus {
        /// Waits to be assigned or started.
        Inbox = "inbox",
        /// Somebody works on it.
        InProgress = "in_progress",
        /// Waits for a decision about the work.
        Review = "review",
        /// Finished.
        Done = "done",
    }
}

record! {
    /// A task as it is stored.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Task {
        /// Identifier.
        pub id: Uuid,
        /// Its board.
        pub board_id: Option<Uuid>,
        /// What is to be done, in a line; may be empty.
        pub title: String,
        /// What is to be done.
        pub description: Option<String>,
        /// Where it stands.
        pub status: TaskStatus,
        /// `high`, `medium`, `low` or any other text.
        pub priority: String,
        /// When it is due.
        pub due_at: Option<Timestamp>,
        /// When work on it started last.
        pub in_progress_at: Option<Timestamp>,
        /// When the work that was handed in or given back had started; never shown.
        pub previous_in_progress_at: Option<Timestamp>,
        /// The person who made it; none if an agent did.
        pub created_by_user_id: Option<Uuid>,
        /// Who works on it.
        pub assigned_agent_id: Option<Uuid>,
        /// Whether an agent made it.
        pub auto_created: bool,
        /// Which agent made it: `lead_agent:<id>`.
        pub auto_reason: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

impl Task {
    /// What [`Task::auto_reason`] says of tasks that this lead made.
    fn made_by_lead(lead_id: Uuid) -> String {
        format!("lead_agent:{lead_id}")
    }

    fn was_made_by(&self, lead_id: Uuid) -> bool {
        self.auto_created && self.auto_reason.as_deref() == Some(&Self::made_by_lead(lead_id))
    }
}

/// 409: something about the task forbids it, which `code` names for programs.
fn conflict(message: &str, code: &str, blocked_by: &[Uuid]) -> ApiError {
    ApiError::conflict(json!({"message": message, "code": code, "blocked_by_task_ids": blocked_by}))
}

/// 409: dependencies are not done.
fn blocked(blocked_by: &[Uuid]) -> ApiError {
    conflict("Task is blocked by incomplete dependencies.", "task_blocked_cannot_transition", blocked_by)
}

/// 403 with a text and the code that names it for programs.
fn forbidden(message: &str, code: &str) -> ApiError {
    ApiError::forbidden_because(json!({"message": message, "code": code}))
}

/// An object that names the ids that were not found, in the order of the request.
fn missing_ids(message: &str, member: &str, missing: &[Uuid]) -> Value {
    json!({"message": message, member: missing})
}

/// The agent, if tasks of this board may be assigned to it: it is on the board, or on none in the same organization.
///
/// # Errors
/// 404 when it does not exist for this tenant, 409 when it is on another board.
fn assignable(tx: &mut Tx<'_>, board: &Board, agent_id: Uuid) -> ApiResult<Agent> {
    let agent = agents::store::find(tx, agent_id)?
        .filter(|agent| agent.organization_id == board.organization_id)
        .ok_or_else(ApiError::not_found)?;
    if agent.board_id.is_some_and(|own| own != board.id) {
        return Err(ApiError::status(http::StatusCode::CONFLICT));
    }
    Ok(agent)
}

/// As [`assignable`], for a lead, who gives work to others only.
///
/// # Errors
/// 404, 403 when the agent leads a board, 409.
fn assignable_by_lead(tx: &mut Tx<'_>, board: &Board, agent_id: Uuid) -> ApiResult<Agent> {
    let agent = agents::store::find(tx, agent_id)?
        .filter(|agent| agent.organization_id == board.organization_id)
        .ok_or_else(ApiError::not_found)?;
    if agent.is_board_lead {
        return Err(ApiError::forbidden_because("Board leads cannot assign tasks to themselves."));
    }
    if agent.board_id.is_some_and(|own| own != board.id) {
        return Err(ApiError::status(http::StatusCode::CONFLICT));
    }
    Ok(agent)
}

/// The tags of the organization with these ids, in the order of the request.
///
/// # Errors
/// 404 that names the ids that are not the organization's.
fn require_tags(tx: &mut Tx<'_>, board: &Board, ids: &[Uuid]) -> ApiResult<Vec<TagRef>> {
    let mut found = tags::store::of_organization(tx, board.organization_id, ids)?;
    let missing: Vec<Uuid> = ids.iter().copied().filter(|id| !found.iter().any(|tag| tag.id == *id)).collect();
    if !missing.is_empty() {
        let message = "One or more tags do not exist in this organization.";
        return Err(ApiError::not_found_because(missing_ids(message, "missing_tag_ids", &missing)));
    }
    found.sort_by_key(|tag| ids.iter().position(|id| *id == tag.id));
    Ok(found)
}

/// The lead of the board, if it has one.
fn lead_of(tx: &mut Tx<'_>, board: &Board) -> Result<Option<Agent>, DbError> {
    agents::store::lead_of(tx, board.id)
}
