//! SQL of activity events.

use uuid::Uuid;

use super::{Event, NewEvent, Recorded};
use crate::organizations::Membership;
use crate::organizations::store::readable_by_member;
use mission_control_platform::db::{DbError, Page, Paging, Tx, Value, values_rows};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// Records an event in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn record(tx: &mut Tx<'_>, event: NewEvent) -> Result<Recorded, DbError> {
    let recorded = Recorded { id: Uuid::new_v4(), created_at: Timestamp::now() };
    tx.execute(
        "INSERT INTO activity_events (id, event_type, message, agent_id, user_id, task_id, board_id, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            recorded.id,
            event.event_type,
            event.message,
            event.agent_id,
            event.user_id,
            event.task_id,
            event.board_id,
            recorded.created_at
        ],
    )?;
    Ok(recorded)
}

/// Events that one statement records at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// Records many events at once in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn record_all(tx: &mut Tx<'_>, events: Vec<NewEvent>) -> Result<(), DbError> {
    for events in events.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO activity_events (id, event_type, message, agent_id, user_id, task_id, board_id, created_at) VALUES {}",
            values_rows(events.len(), 8)
        );
        let mut parameters: Vec<Value> = Vec::with_capacity(events.len() * 8);
        for event in events {
            parameters.extend(params![
                Uuid::new_v4(),
                event.event_type,
                event.message.as_str(),
                event.agent_id,
                event.user_id,
                event.task_id,
                event.board_id,
                Timestamp::now()
            ]);
        }
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
}

/// Deletes the events without a board of all agents of an organization's gateways.
///
/// # Errors
/// A database failure.
pub fn delete_of_gateways(tx: &mut Tx<'_>, organization_id: Uuid) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM activity_events WHERE board_id IS NULL AND agent_id IN
         (SELECT a.id FROM agents a JOIN gateways g ON g.id = a.gateway_id WHERE g.organization_id = $1)",
        &params![organization_id],
    )
}

/// The last agent that moved a task to review, if it still works on this board and is neither its lead nor `lead_id`.
///
/// # Errors
/// A database failure.
pub fn last_to_hand_in(tx: &mut Tx<'_>, task_id: Uuid, board_id: Uuid, lead_id: Uuid) -> Result<Option<Uuid>, DbError> {
    tx.first(
        "SELECT e.agent_id FROM activity_events e JOIN agents a ON a.id = e.agent_id
         WHERE e.task_id = $1 AND e.event_type = 'task.status_changed' AND e.message LIKE 'Task moved to review:%'
         AND a.board_id = $2 AND NOT a.is_board_lead AND a.id <> $3
         ORDER BY e.created_at DESC, e.id LIMIT 1",
        &params![task_id, board_id, lead_id],
    )
}

/// One page of the events of the boards that a member may read in their organization, newest first. An event without a
/// board belongs to its task's.
///
/// # Errors
/// A database failure.
pub fn of_member(tx: &mut Tx<'_>, member: &Membership, paging: &Paging) -> Result<Page<Event>, DbError> {
    let mut boards = "SELECT id FROM boards WHERE organization_id = $1".to_owned();
    let mut parameters = vec![Value::from(member.organization_id)];
    if !member.reads_all_boards() {
        boards.push_str(&format!(" AND id IN ({})", readable_by_member(2)));
        parameters.push(member.id.into());
    }
    let condition = format!(
        "(e.board_id IN ({boards}) OR (e.board_id IS NULL AND e.task_id IN (SELECT id FROM tasks WHERE board_id IN ({boards}))))"
    );
    page(tx, &condition, parameters, paging)
}

/// One page of the events of an agent, newest first.
///
/// # Errors
/// A database failure.
pub fn of_agent(tx: &mut Tx<'_>, agent_id: Uuid, paging: &Paging) -> Result<Page<Event>, DbError> {
    page(tx, "e.agent_id = $1", vec![agent_id.into()], paging)
}

fn page(tx: &mut Tx<'_>, condition: &str, parameters: Vec<Value>, paging: &Paging) -> Result<Page<Event>, DbError> {
    let count = format!("SELECT count(*) FROM activity_events e WHERE {condition}");
    let sql = format!(
        "SELECT e.id, e.event_type, e.message, e.agent_id, e.task_id, COALESCE(e.board_id, t.board_id), e.created_at,
         ({count}) FROM activity_events e LEFT JOIN tasks t ON t.id = e.task_id
         WHERE {condition} ORDER BY e.created_at DESC, e.id LIMIT ${} OFFSET ${}",
        parameters.len() + 1,
        parameters.len() + 2
    );
    let rows = tx.all(&sql, &[parameters.as_slice(), &params![paging.limit(), paging.offset()]].concat())?;
    paging.counted(rows, || tx.one(&count, &parameters))
}
