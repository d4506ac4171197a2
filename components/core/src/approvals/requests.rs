//! Asking for decisions, and deciding.

use std::collections::HashMap;

use serde_json::json;
use uuid::Uuid;

use super::wire::{ApprovalConflict, ApprovalConflictDetail, ApprovalCreate, ApprovalRead, ApprovalUpdate};
use super::{Approval, ApprovalStatus, Linked, store};
use crate::activity::{self, NewEvent};
use crate::agents::{self, Actor};
use crate::boards::Board;
use crate::messaging::text::one_line;
use crate::messaging::{self, Message, Sent};
use crate::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// The approvals of a board, newest first.
///
/// # Errors
/// A database failure.
pub fn list(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    status: Option<ApprovalStatus>,
    paging: &Paging,
) -> Result<Page<ApprovalRead>, DbError> {
    let Page { items, total, .. } = store::page(tx, board_id, status, paging)?;
    Ok(paging.page(read(tx, items)?, total))
}

/// These approvals as clients see them, in their order.
///
/// # Errors
/// A database failure.
pub fn read(tx: &mut Tx<'_>, approvals: Vec<(Approval, Option<String>)>) -> Result<Vec<ApprovalRead>, DbError> {
    let ids: Vec<Uuid> = approvals.iter().map(|(approval, _)| approval.id).collect();
    let mut linked_of: HashMap<Uuid, Vec<Linked>> = HashMap::new();
    for (approval_id, linked) in store::linked(tx, &ids)? {
        linked_of.entry(approval_id).or_default().push(linked);
    }
    let read = approvals.into_iter().map(|(approval, title)| {
        let linked = linked_of.remove(&approval.id).unwrap_or_else(|| {
            // Older ones have no links, and name their only task themselves.
            approval.task_id.zip(title).map(|(id, title)| Linked { id, title }).into_iter().collect()
        });
        ApprovalRead::from((approval, linked))
    });
    Ok(read.collect())
}

/// Asks for a decision. What an agent asks for is pending, and it asks in its own name.
///
/// # Errors
/// 404 when a task or the agent is not on the board, 409 when a task has a pending approval already.
pub fn create(tx: &mut Tx<'_>, board: &Board, actor: &Actor, request: ApprovalCreate) -> ApiResult<ApprovalRead> {
    let tasks = request.tasks();
    let linked = require_tasks(tx, board.id, &tasks)?;
    let (status, agent_id) = match actor {
        Actor::Agent(agent) => (ApprovalStatus::Pending, Some(agent.id)),
        Actor::User(_) => (request.status, request.agent_id),
    };
    if let (Actor::User(_), Some(agent_id)) = (actor, agent_id) {
        require_agent(tx, board, agent_id)?;
    }
    if status == ApprovalStatus::Pending {
        require_no_conflict(tx, board.id, &tasks, None)?;
    }
    let now = Timestamp::now();
    let is_decided = status != ApprovalStatus::Pending;
    let approval = Approval {
        id: Uuid::new_v4(),
        board_id: board.id,
        task_id: tasks.first().copied(),
        agent_id,
        action_type: request.action_type.0,
        payload: request.payload.map(Into::into),
        confidence: request.confidence.0,
        rubric_scores: request.rubric_scores.map(Into::into),
        status,
        created_at: now,
        resolved_at: is_decided.then_some(now),
        resolved_by_user_id: actor.user_id().filter(|_| is_decided),
        changed_at: now,
    };
    store::insert(tx, &approval, &tasks)?;
    Ok((approval, linked).into())
}

/// Decides, or takes a decision back, and tells the board's lead of a decision. A decision that is repeated is none.
///
/// # Errors
/// 404 when the board has no such approval; 409 when it would be pending beside another of one of its tasks.
pub fn decide(
    tx: &mut Tx<'_>,
    board: &Board,
    caller: &SignedIn,
    approval_id: Uuid,
    request: ApprovalUpdate,
) -> ApiResult<ApprovalRead> {
    let (mut approval, title) = store::lock(tx, board.id, approval_id)?.ok_or_else(ApiError::not_found)?;
    let wanted = request.status.into_option().flatten().filter(|status| *status != approval.status);
    let Some(status) = wanted else { return answer(tx, approval, title) };
    let now = Timestamp::now();
    approval.status = status;
    approval.changed_at = now;
    if status == ApprovalStatus::Pending {
        (approval.resolved_at, approval.resolved_by_user_id) = (None, None);
        let tasks: Vec<Uuid> = match store::linked(tx, &[approval_id])? {
            links if links.is_empty() => approval.task_id.into_iter().collect(),
            links => links.into_iter().map(|(_, task)| task.id).collect(),
        };
        require_tasks(tx, board.id, &tasks)?;
        require_no_conflict(tx, board.id, &tasks, Some(approval_id))?;
    } else {
        (approval.resolved_at, approval.resolved_by_user_id) = (Some(now), Some(caller.user.id));
    }
    store::save(tx, &approval)?;
    let answer = answer(tx, approval, title)?;
    if status != ApprovalStatus::Pending {
        tell_lead(tx, board, &answer, caller.user.display_name())?;
    }
    Ok(answer)
}

fn answer(tx: &mut Tx<'_>, approval: Approval, title: Option<String>) -> ApiResult<ApprovalRead> {
    let read = read(tx, vec![(approval, title)])?;
    read.into_iter().next().ok_or_else(ApiError::not_found)
}

/// The tasks with these ids, in their order, locked: an approval is about tasks of its own board only.
fn require_tasks(tx: &mut Tx<'_>, board_id: Uuid, ids: &[Uuid]) -> ApiResult<Vec<Linked>> {
    let mut found: HashMap<Uuid, Linked> =
        store::lock_tasks(tx, board_id, ids)?.into_iter().map(|task| (task.id, task)).collect();
    let missing: Vec<Uuid> = ids.iter().filter(|id| !found.contains_key(id)).copied().collect();
    if !missing.is_empty() {
        let message = "One or more tasks were not found on this board.";
        return Err(ApiError::not_found_because(json!({"message": message, "missing_task_ids": missing})));
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

fn require_agent(tx: &mut Tx<'_>, board: &Board, agent_id: Uuid) -> ApiResult<()> {
    let agent = agents::store::find(tx, agent_id)?;
    let works_here = agent.is_some_and(|agent| {
        agent.organization_id == board.organization_id && agent.board_id.is_none_or(|own| own == board.id)
    });
    if works_here { Ok(()) } else { Err(ApiError::not_found()) }
}

/// A task can have one pending approval only; the tasks are locked.
fn require_no_conflict(tx: &mut Tx<'_>, board_id: Uuid, tasks: &[Uuid], except: Option<Uuid>) -> ApiResult<()> {
    let mut first: HashMap<Uuid, (Timestamp, Uuid)> = HashMap::new();
    for (task_id, approval_id, created_at) in store::pending_about(tx, board_id, tasks)? {
        if Some(approval_id) != except {
            let entry = first.entry(task_id).or_insert((created_at, approval_id));
            *entry = (*entry).min((created_at, approval_id));
        }
    }
    if first.is_empty() {
        return Ok(());
    }
    let conflict = |(task_id, (_, approval_id))| ApprovalConflict { task_id, approval_id };
    let mut conflicts: Vec<ApprovalConflict> = first.into_iter().map(conflict).collect();
    conflicts.sort_by_key(|conflict| conflict.task_id);
    let detail =
        ApprovalConflictDetail { message: "Each task can have only one pending approval.".to_owned(), conflicts };
    Err(ApiError::conflict(json!(detail)))
}

fn tell_lead(tx: &mut Tx<'_>, board: &Board, approval: &ApprovalRead, sender: &str) -> Result<(), DbError> {
    let Some(lead) = agents::store::contact_of_lead(tx, board.id)? else { return Ok(()) };
    let text = decision_text(board, approval);
    let message = Message { sender, board_id: Some(board.id), text, deliver: false, dedupe_key: None };
    if messaging::send(tx, lead.recipient(), &message)? == Sent::Skipped {
        return Ok(());
    }
    let event = NewEvent {
        event_type: "approval.lead_notified",
        message: format!("Lead agent notified for {} approval {}.", approval.status, approval.id),
        agent_id: Some(lead.id),
        task_id: approval.task_id,
        board_id: Some(board.id),
        ..NewEvent::default()
    };
    activity::store::record(tx, event).map(drop)
}

fn decision_text(board: &Board, approval: &ApprovalRead) -> String {
    let ids: Vec<String> = approval.task_ids.iter().map(Uuid::to_string).collect();
    let tasks = match ids.as_slice() {
        [] => String::new(),
        [id] => format!("Task ID: {id}\n"),
        ids => format!("Task IDs: {}\n", ids.join(", ")),
    };
    format!(
        "APPROVAL RESOLVED\nBoard: {}\nApproval ID: {}\nAction: {}\nDecision: {}\nConfidence: {:?}\n{tasks}\n\
         Go on as this decision says.",
        one_line(&board.name),
        approval.id,
        one_line(&approval.action_type),
        approval.status,
        approval.confidence
    )
}
