//! Changing a task: what each kind of caller may change, in the order in which it is checked.

use serde_json::Value;
use uuid::Uuid;

use super::dependencies::{self, Dependency};
use super::notifications::Notifier;
use super::status::{self, Dependencies, Progress, Refusal, StatusRight, Wish};
use super::wire::{TaskRead, TaskUpdate};
use super::{
    Task, TaskStatus, assignable, assignable_by_lead, comments, custom_fields, forbidden, gates, lead_of, require_tags,
    store,
};
use crate::activity::{self, NewEvent};
use crate::agents::{Actor, Agent};
use crate::boards::Board;
use crate::tags::wire::TagRef;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// A change in the making, on a board and a task that are locked.
struct Change<'a> {
    board: &'a Board,
    /// The task as it is.
    before: &'a Task,
    /// What the task waits for as it is.
    waits_for: Vec<Dependency>,
    body: &'a TaskUpdate,
    now: Timestamp,
}

/// What a change will make of the task.
struct Outcome {
    /// Where it will stand.
    progress: Progress,
    /// What it will wait for, if that changes.
    dependencies: Option<Vec<Dependency>>,
    /// Its tags, if they change.
    tags: Option<Vec<TagRef>>,
}

/// Changes a task as the caller's kind allows: people everything, workers the status of their own tasks, leads who works
/// on what and what becomes of reviews. A request that changes nothing leaves no trace.
///
/// # Errors
/// 404 when the task is not on the board; 403, 404, 409 and 422 as the rules of each kind say.
pub fn update(tx: &mut Tx<'_>, board: &Board, actor: &Actor, task_id: Uuid, body: &TaskUpdate) -> ApiResult<TaskRead> {
    let (board, before) = store::lock(tx, board.id, task_id)?.ok_or_else(ApiError::not_found)?;
    let waits_for = store::dependencies::of(tx, &[task_id])?.into_iter().map(|(_, dependency)| dependency).collect();
    let change = Change { board: &board, before: &before, waits_for, body, now: Timestamp::now() };
    let outcome = match actor {
        Actor::User(_) => change.by_user(tx)?,
        Actor::Agent(lead) if lead.is_board_lead => change.by_lead(tx, lead)?,
        Actor::Agent(worker) => change.by_worker(tx, worker)?,
    };
    change.carry_out(tx, actor, outcome)?;
    super::one(tx, board.id, task_id)?.ok_or_else(ApiError::not_found)
}

impl Change<'_> {
    fn by_user(&self, tx: &mut Tx<'_>) -> ApiResult<Outcome> {
        let tags = self.requested_tags(tx)?;
        let dependencies = self.requested_dependencies(tx)?;
        let open = self.open_after(dependencies.as_deref());
        let wish = self.body.wish();
        let progress = status::for_user(self.progress(), &wish, self.dependencies_after(&open), self.now)
            .map_err(|refusal| refusal.into_error(&open))?;
        if let Some(agent_id) = wish.beyond(self.progress()).assignee.into_option().flatten() {
            assignable(tx, self.board, agent_id)?;
        }
        let progress = self.hand_in(tx, progress)?;
        Ok(Outcome { progress, dependencies, tags })
    }

    fn by_worker(&self, tx: &mut Tx<'_>, worker: &Agent) -> ApiResult<Outcome> {
        let requested = self.body.status();
        let open = dependencies::open(&self.waits_for);
        let refused = |refusal: Refusal| refusal.into_error(&open);
        if requested.is_some() {
            status::require_own(self.progress(), worker.id).map_err(refused)?;
        }
        self.require_members_for_workers()?;
        let right = if self.board.only_lead_can_change_status { StatusRight::LeadOnly } else { StatusRight::Everyone };
        let dependencies = self.dependencies_after(&open);
        let progress = status::for_worker(self.progress(), requested, worker.id, right, dependencies, self.now)
            .map_err(refused)?;
        let progress = self.hand_in(tx, progress)?;
        Ok(Outcome { progress, dependencies: None, tags: None })
    }

    fn by_lead(&self, tx: &mut Tx<'_>, lead: &Agent) -> ApiResult<Outcome> {
        self.require_members_for_leads()?;
        let dependencies = self.requested_dependencies(tx)?;
        let tags = self.requested_tags(tx)?;
        let open = self.open_after(dependencies.as_deref());
        let after = self.dependencies_after(&open);
        let (start, wish) = self.lead_starts_from(after);
        let refused = |refusal: Refusal| refusal.into_error(&open);
        status::require_unblocked(&wish, after).map_err(refused)?;
        if let Some(Some(agent_id)) = wish.assignee.as_ref() {
            assignable_by_lead(tx, self.board, *agent_id)?;
        }
        let returns = self.before.status == TaskStatus::Review && wish.status == Some(TaskStatus::Inbox);
        let rework_target = match returns {
            true => activity::store::last_to_hand_in(tx, self.before.id, self.board.id, lead.id)?,
            false => None,
        };
        let progress = status::for_lead(start, &wish, rework_target, self.now).map_err(refused)?;
        gates::require_status_change(tx, self.board, self.before, progress.status)?;
        Ok(Outcome { progress, dependencies, tags })
    }

    /// Where a lead's wish is applied, and what is left of it. A task that this request blocks is back in the inbox, and
    /// a wish that repeats how it stood none.
    fn lead_starts_from(&self, after: Dependencies) -> (Progress, Wish) {
        match after {
            Dependencies::OpenedNow => (self.progress().returned_to_inbox(), self.body.wish().beyond(self.progress())),
            Dependencies::Open | Dependencies::Done => (self.progress(), self.body.wish()),
        }
    }

    fn progress(&self) -> Progress {
        Progress::of(self.before)
    }

    /// The gates, and the lead as the assignee of what comes into review.
    fn hand_in(&self, tx: &mut Tx<'_>, progress: Progress) -> ApiResult<Progress> {
        gates::require_status_change(tx, self.board, self.before, progress.status)?;
        gates::require_review_comment(tx, self.board, self.before, progress, self.body.comment())?;
        if !status::enters_review(self.progress(), progress) {
            return Ok(progress);
        }
        let lead = lead_of(tx, self.board)?.map(|lead| lead.id);
        Ok(status::handed_in(self.progress(), progress, lead))
    }

    /// The tags that the task is to have, unless it has just these.
    fn requested_tags(&self, tx: &mut Tx<'_>) -> ApiResult<Option<Vec<TagRef>>> {
        let Some(ids) = self.body.tags() else { return Ok(None) };
        let stored = store::tags::of(tx, &[self.before.id])?;
        if stored.iter().map(|(_, tag)| tag.id).eq(ids.iter().copied()) {
            return Ok(None);
        }
        require_tags(tx, self.board, ids).map(Some)
    }

    /// What the task is to wait for, unless it waits for just that.
    fn requested_dependencies(&self, tx: &mut Tx<'_>) -> ApiResult<Option<Vec<Dependency>>> {
        let Some(requested) = self.body.dependencies() else { return Ok(None) };
        if self.waits_for.iter().map(|dependency| dependency.id).eq(requested.iter().copied()) {
            return Ok(None);
        }
        if self.before.status == TaskStatus::Done {
            return Err(ApiError::conflict("Cannot change task dependencies after a task is done."));
        }
        let found = dependencies::require(tx, self.board.id, Some(self.before.id), requested)?;
        dependencies::require_no_cycle(tx, self.board.id, self.before.id, &found)?;
        Ok(Some(found))
    }

    fn open_after(&self, requested: Option<&[Dependency]>) -> Vec<Uuid> {
        dependencies::open(requested.unwrap_or(&self.waits_for))
    }

    fn dependencies_after(&self, open: &[Uuid]) -> Dependencies {
        match (dependencies::open(&self.waits_for).is_empty(), open.is_empty()) {
            (_, true) => Dependencies::Done,
            (true, false) => Dependencies::OpenedNow,
            (false, false) => Dependencies::Open,
        }
    }

    fn require_members_for_workers(&self) -> ApiResult<()> {
        let body = self.body;
        let others = body.assigned_agent_id.is_set() || body.depends_on_task_ids.is_set() || body.tag_ids.is_set();
        if others || !body.members_for_people().is_empty() {
            let message = "Agents may only update status, comment, and custom field values.";
            return Err(forbidden(message, "task_update_field_forbidden"));
        }
        Ok(())
    }

    fn require_members_for_leads(&self) -> ApiResult<()> {
        if self.body.comment().is_some() {
            return Err(ApiError::forbidden_because(
                "Lead comment gate failed: board leads cannot include `comment` in task PATCH. Use the task comments endpoint instead.",
            ));
        }
        let others = self.body.members_for_people();
        if others.is_empty() {
            return Ok(());
        }
        Err(ApiError::forbidden_because(format!(
            "Lead field gate failed: unsupported fields for board leads: {}. Allowed fields: assigned_agent_id, custom_field_values, depends_on_task_ids, status, tag_ids.",
            others.join(", ")
        )))
    }

    /// The values of custom fields that the request gives the task and that it does not have yet.
    fn new_values(&self, tx: &mut Tx<'_>) -> ApiResult<Vec<(Uuid, Value)>> {
        let Some(given) = self.body.custom_field_values() else { return Ok(Vec::new()) };
        let fields = store::custom_fields::of_board(tx, self.board.id)?;
        let stored = store::custom_fields::of_tasks(tx, self.board.id, &[self.before.id])?;
        custom_fields::for_changed_task(&fields, &stored, given)
    }

    /// Stores the outcome, records what happened and tells who should know. A request that repeats what is stored leaves
    /// no trace.
    fn carry_out(&self, tx: &mut Tx<'_>, actor: &Actor, outcome: Outcome) -> ApiResult<()> {
        let values = self.new_values(tx)?;
        let after = self.task_after(outcome.progress);
        let stays = Task { updated_at: self.before.updated_at, ..after.clone() } == *self.before;
        let brings_nothing = outcome.dependencies.is_none() && outcome.tags.is_none() && values.is_empty();
        if stays && brings_nothing && self.body.comment().is_none() {
            return Ok(());
        }
        store::save(tx, &after)?;
        if let Some(dependencies) = &outcome.dependencies {
            store::dependencies::replace(tx, self.board.id, after.id, dependencies)?;
        }
        if let Some(tags) = &outcome.tags {
            store::tags::replace(tx, after.id, tags)?;
        }
        store::custom_fields::put(tx, after.id, &values)?;
        if let Some(comment) = self.body.comment() {
            comments::add(tx, self.board, actor, &after, comment)?;
        }
        self.record(tx, actor, &after)?;
        Ok(self.notify(tx, actor, &after)?)
    }

    fn task_after(&self, progress: Progress) -> Task {
        let body = self.body;
        let mut task = self.before.clone();
        if let Some(title) = body.title.as_ref() {
            task.title.clone_from(&title.0);
        }
        if let Some(description) = body.description.as_ref() {
            task.description = description.as_ref().map(|text| text.0.clone());
        }
        if let Some(priority) = body.priority.as_ref() {
            task.priority.clone_from(&priority.0);
        }
        body.due_at.clone().apply_to(&mut task.due_at);
        progress.apply_to(&mut task);
        task.updated_at = self.now;
        task
    }

    fn record(&self, tx: &mut Tx<'_>, actor: &Actor, after: &Task) -> Result<(), DbError> {
        let (event_type, message) = if after.status == self.before.status {
            ("task.updated", format!("Task updated: {}.", after.title))
        } else {
            ("task.status_changed", format!("Task moved to {}: {}.", after.status, after.title))
        };
        let event = NewEvent {
            event_type,
            message,
            agent_id: actor.agent_id(),
            user_id: actor.user_id(),
            task_id: Some(after.id),
            board_id: Some(self.board.id),
        };
        activity::store::record(tx, event.clone())?;
        let finished = |task: &Task| task.status == TaskStatus::Done;
        if finished(self.before) != finished(after) {
            dependencies::tell_dependents(tx, after, event)?;
        }
        Ok(())
    }

    fn notify(&self, tx: &mut Tx<'_>, actor: &Actor, after: &Task) -> Result<(), DbError> {
        let (was, is) = (self.progress(), Progress::of(after));
        let mut notifier = Notifier::new(tx, self.board, actor);
        let by_lead = actor.agent().is_some_and(|agent| agent.is_board_lead);
        let returned = by_lead && was.status == TaskStatus::Review && is.status == TaskStatus::Inbox;
        let nobody_left = if by_lead { returned && is.assignee.is_none() } else { status::fell_back_to_inbox(was, is) };
        if nobody_left {
            notifier.back_in_inbox(after)?;
        }
        let Some(assignee) = is.assignee else { return Ok(()) };
        if was.assignee == is.assignee {
            let started = is.status == TaskStatus::InProgress && was.status != TaskStatus::InProgress;
            return if started && !by_lead { notifier.started(after, assignee) } else { Ok(()) };
        }
        if actor.agent_id() == Some(assignee) {
            return Ok(());
        }
        if returned { notifier.rework(after, assignee) } else { notifier.assigned_to(after, assignee) }
    }
}
