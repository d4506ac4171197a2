//! The status machine: one function per kind of caller, over plain values.
//!
//! Each takes where a task stands and what the request wants, and gives where it stands then, or why not.

use uuid::Uuid;

use super::{Task, TaskStatus, blocked, forbidden};
use mission_control_platform::time::Timestamp;
use mission_control_web::http::ApiError;
use mission_control_web::schema::Nullable;

/// The part of a task that the status rules govern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Where the task stands.
    pub status: TaskStatus,
    /// Who works on it.
    pub assignee: Option<Uuid>,
    /// When work on it started last.
    pub started_at: Option<Timestamp>,
    /// When the work that was handed in or given back had started.
    pub previous_started_at: Option<Timestamp>,
}

/// What a request wants of a task's progress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// The status, if the request carries one.
    pub status: Option<TaskStatus>,
    /// The assignee, if the request carries one; null unassigns.
    pub assignee: Nullable<Uuid>,
}

impl Wish {
    /// What it asks for beyond how the task stands. To repeat what is stored, as dialogs do, is no wish.
    #[must_use]
    pub fn beyond(&self, current: Progress) -> Self {
        let repeats_assignee = self.assignee.as_ref() == Some(&current.assignee);
        Self {
            status: self.status.filter(|requested| *requested != current.status),
            assignee: if repeats_assignee { Nullable::Keep } else { self.assignee.clone() },
        }
    }
}

/// What is known of the task's dependencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependencies {
    /// All are done, or there are none.
    Done,
    /// At least one is not done.
    Open,
    /// At least one is not done, and this very request says so for the first time.
    OpenedNow,
}

impl Dependencies {
    fn block(self) -> bool {
        self != Self::Done
    }
}

/// Why a change is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Dependencies are not done.
    Blocked,
    /// The task is another agent's.
    AssignedToAnother,
    /// On this board only the lead changes statuses.
    OnlyLead,
    /// A lead changes the status of tasks in review only; this one is not.
    NotInReview(TaskStatus),
    /// From review a lead sends a task to done or inbox only, not there.
    NotAReviewDecision(TaskStatus),
}

impl Refusal {
    /// The answer to the client.
    #[must_use]
    pub fn into_error(self, blocked_by: &[Uuid]) -> ApiError {
        match self {
            Self::Blocked => blocked(blocked_by),
            Self::AssignedToAnother => {
                forbidden("Agents can only change status on tasks assigned to them.", "task_assignee_mismatch")
            }
            Self::OnlyLead => ApiError::forbidden_because("Only board leads can change task status."),
            Self::NotInReview(current) => ApiError::forbidden_because(format!(
                "Lead status gate failed: board leads can only change status when the current task status is `review` (current: `{current}`)."
            )),
            Self::NotAReviewDecision(requested) => ApiError::forbidden_because(format!(
                "Lead status target gate failed: review tasks can only move to `done` or `inbox` (requested: `{requested}`)."
            )),
        }
    }
}

impl Progress {
    /// The progress of a stored task.
    #[must_use]
    pub fn of(task: &Task) -> Self {
        Self {
            status: task.status,
            assignee: task.assigned_agent_id,
            started_at: task.in_progress_at,
            previous_started_at: task.previous_in_progress_at,
        }
    }

    /// Writes this progress into a task.
    pub fn apply_to(self, task: &mut Task) {
        task.status = self.status;
        task.assigned_agent_id = self.assignee;
        task.in_progress_at = self.started_at;
        task.previous_in_progress_at = self.previous_started_at;
    }

    /// The progress of a new task.
    #[must_use]
    pub fn new(status: TaskStatus, assignee: Option<Uuid>, now: Timestamp) -> Self {
        let started_at = (status == TaskStatus::InProgress).then_some(now);
        Self { status, assignee, started_at, previous_started_at: None }
    }

    /// Back in the inbox, nobody's.
    #[must_use]
    pub fn returned_to_inbox(mut self) -> Self {
        self.stop();
        self.status = TaskStatus::Inbox;
        self.assignee = None;
        self
    }

    /// Work stops. When it had started stays known, for the comment that a review may need.
    fn stop(&mut self) {
        self.previous_started_at = self.started_at.or(self.previous_started_at);
        self.started_at = None;
    }

    /// Moves to another status.
    fn enter(&mut self, status: TaskStatus, now: Timestamp) {
        self.status = status;
        match status {
            TaskStatus::Inbox | TaskStatus::Review => {
                self.stop();
                self.assignee = None;
            }
            TaskStatus::InProgress => self.started_at = Some(now),
            TaskStatus::Done => {}
        }
    }
}

/// What a person makes of a task: any status, anyone. A status that the task has already changes nothing.
///
/// A blocked task cannot be moved on or given to anyone. One that this request blocks goes back to the inbox, unless the
/// request wants something else than how the task stands.
///
/// # Errors
/// [`Refusal::Blocked`].
pub fn for_user(
    current: Progress,
    wish: &Wish,
    dependencies: Dependencies,
    now: Timestamp,
) -> Result<Progress, Refusal> {
    let mut next = if dependencies == Dependencies::OpenedNow { current.returned_to_inbox() } else { current };
    let wish = if dependencies.block() { wish.beyond(current) } else { wish.clone() };
    let stays_done = current.status == TaskStatus::Done && wish.status.is_none();
    if dependencies.block() && !stays_done {
        let moves = wish.status.is_some_and(|requested| requested != TaskStatus::Inbox);
        let assigns = wish.assignee.as_ref().is_some_and(Option::is_some);
        if moves || assigns {
            return Err(Refusal::Blocked);
        }
    }
    if let Some(requested) = wish.status.filter(|requested| *requested != next.status) {
        next.enter(requested, now);
    }
    wish.assignee.apply_to(&mut next.assignee);
    Ok(next)
}

/// Whether a worker may change this task's status at all: it is nobody's or its own.
///
/// # Errors
/// [`Refusal::AssignedToAnother`].
pub fn require_own(current: Progress, worker: Uuid) -> Result<(), Refusal> {
    if current.assignee.is_some_and(|assignee| assignee != worker) {
        return Err(Refusal::AssignedToAnother);
    }
    Ok(())
}

/// Who changes statuses on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusRight {
    /// Every agent of the board.
    Everyone,
    /// Its lead alone.
    LeadOnly,
}

/// What a worker makes of a task that is nobody's or its own: starting or finishing makes it the worker's, giving it
/// back or handing it in makes it nobody's. A status that the task has already changes nothing but that.
///
/// # Errors
/// [`Refusal::OnlyLead`], [`Refusal::Blocked`].
pub fn for_worker(
    current: Progress,
    requested: Option<TaskStatus>,
    worker: Uuid,
    right: StatusRight,
    dependencies: Dependencies,
    now: Timestamp,
) -> Result<Progress, Refusal> {
    let Some(requested) = requested else { return Ok(current) };
    if right == StatusRight::LeadOnly {
        return Err(Refusal::OnlyLead);
    }
    if dependencies.block() && requested != TaskStatus::Inbox && requested != current.status {
        return Err(Refusal::Blocked);
    }
    let mut next = current;
    if requested != current.status {
        next.enter(requested, now);
    }
    match requested {
        TaskStatus::Inbox => next.assignee = None,
        TaskStatus::InProgress => {
            next.assignee = Some(worker);
            next.started_at = next.started_at.or(Some(now));
        }
        TaskStatus::Done => next.assignee = next.assignee.or(Some(worker)),
        TaskStatus::Review => {}
    }
    Ok(next)
}

/// Whether a lead may change status or assignee at all: not of a blocked task, whatever the value.
///
/// # Errors
/// [`Refusal::Blocked`].
pub fn require_unblocked(wish: &Wish, dependencies: Dependencies) -> Result<(), Refusal> {
    if dependencies.block() && (wish.status.is_some() || wish.assignee.is_set()) {
        return Err(Refusal::Blocked);
    }
    Ok(())
}

/// What a lead makes of a task: it assigns, starts work for the one it assigns, and decides about what is in review.
/// Rework goes to `rework_target`, the worker who handed the task in.
///
/// # Errors
/// [`Refusal::NotInReview`], [`Refusal::NotAReviewDecision`].
pub fn for_lead(
    current: Progress,
    wish: &Wish,
    rework_target: Option<Uuid>,
    now: Timestamp,
) -> Result<Progress, Refusal> {
    let mut next = current;
    wish.assignee.clone().apply_to(&mut next.assignee);
    let Some(requested) = wish.status else { return Ok(next) };
    let assigns = matches!(wish.assignee, mission_control_web::schema::Patch::Set(Some(_)));
    match (current.status, requested) {
        (TaskStatus::Review, TaskStatus::Done) => next.enter(requested, now),
        (TaskStatus::Review, TaskStatus::Inbox) => {
            next.enter(requested, now);
            next.assignee = rework_target;
        }
        (TaskStatus::Review, other) => return Err(Refusal::NotAReviewDecision(other)),
        (TaskStatus::Inbox, TaskStatus::InProgress) if assigns => next.enter(requested, now),
        (other, _) => return Err(Refusal::NotInReview(other)),
    }
    Ok(next)
}

/// Work that a person or worker hands in goes to the board's lead, if there is one.
#[must_use]
pub fn handed_in(before: Progress, mut after: Progress, lead: Option<Uuid>) -> Progress {
    if enters_review(before, after) {
        after.assignee = lead.or(after.assignee);
    }
    after
}

/// Whether the task came into review just now.
#[must_use]
pub fn enters_review(before: Progress, after: Progress) -> bool {
    after.status == TaskStatus::Review && before.status != TaskStatus::Review
}

/// Whether a person or worker left the task in the inbox for nobody, after it stood elsewhere or was somebody's.
#[must_use]
pub fn fell_back_to_inbox(before: Progress, after: Progress) -> bool {
    after.status == TaskStatus::Inbox
        && after.assignee.is_none()
        && (before.status != TaskStatus::Inbox || before.assignee.is_some())
}

#[cfg(test)]
#[path = "status_tests.rs"]
mod tests;
