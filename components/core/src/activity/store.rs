//! SQL of activity events.

use uuid::Uuid;

use super::{Event, NewEvent, Recorded};
use crate::organizations::Membership;
use crate::organizations::store::{readable_board_ids, readable_by_member};
use mission_control_platform::db::{DbError, List, Page, Paging, Position, Tx, Value, columns_as, placeholders};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// Records an event in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn record(tx: &mut Tx<'_>, event: NewEvent) -> Result<Recorded, DbError> {
    let recorded = Recorded { id: Uuid::now_v7(), created_at: Timestamp::now() };
    tx.execute(&insert(1), &values(&event, recorded))?;
    Ok(recorded)
}

/// Events that one statement records at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// Records many events at once in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn record_all(tx: &mut Tx<'_>, events: &[NewEvent]) -> Result<(), DbError> {
    for events in events.chunks(BATCH) {
        let parameters: Vec<Value> = events
            .iter()
            .flat_map(|event| values(event, Recorded { id: Uuid::now_v7(), created_at: Timestamp::now() }))
            .collect();
        tx.execute(&insert(events.len()), &parameters)?;
    }
    Ok(())
}

/// The columns that are parameters.
const COLUMNS: usize = 8;

/// The statement that stores so many events, each with the organization of its board.
fn insert(events: usize) -> String {
    let rows: Vec<String> = (0..events)
        .map(|row| {
            let first = row * COLUMNS + 1;
            let board = first + COLUMNS - 1;
            format!("({}, (SELECT organization_id FROM boards WHERE id = ${board}))", placeholders(first, COLUMNS))
        })
        .collect();
    format!(
        "INSERT INTO activity_events
         (id, event_type, message, agent_id, user_id, task_id, created_at, board_id, organization_id) VALUES {}",
        rows.join(", ")
    )
}

fn values(event: &NewEvent, recorded: Recorded) -> [Value; COLUMNS] {
    params![
        recorded.id,
        event.event_type,
        event.message.as_str(),
        event.agent_id,
        event.user_id,
        event.task_id,
        recorded.created_at,
        event.board_id
    ]
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
         ORDER BY e.created_at DESC, e.id DESC LIMIT 1",
        &params![task_id, board_id, lead_id],
    )
}

/// Newest first.
const ORDER: &str = "created_at DESC, id DESC";

/// Boards whose events are merged, each from its own index. Whoever may read more of them sees a good part of what the
/// organization's index has.
const MERGED_BOARDS: usize = 50;

/// One page of the events of the boards that a member may read in their organization, newest first.
///
/// # Errors
/// A database failure.
pub fn of_member(tx: &mut Tx<'_>, member: &Membership, paging: &Paging) -> Result<Page<Event>, DbError> {
    let (condition, total, params) = if member.reads_all_boards() {
        let params = params![member.organization_id].to_vec();
        ("e.organization_id = $1".to_owned(), total_of("b.organization_id = $1"), params)
    } else {
        let boards = readable_board_ids(tx, member, MERGED_BOARDS + 1)?;
        if boards.len() <= MERGED_BOARDS {
            return of_boards(tx, &boards, paging);
        }
        let readable = readable_by_member(2);
        let total = total_of(&format!("b.organization_id = $1 AND b.id IN ({readable})"));
        let condition = format!("e.organization_id = $1 AND e.board_id IN ({readable})");
        (condition, total, params![member.organization_id, member.id].to_vec())
    };
    list(vec![condition], total, params).page(tx, paging)
}

fn of_boards(tx: &mut Tx<'_>, boards: &[Uuid], paging: &Paging) -> Result<Page<Event>, DbError> {
    if boards.is_empty() {
        return Ok(paging.empty());
    }
    let conditions = (1..=boards.len()).map(|number| format!("e.board_id = ${number}")).collect();
    let total = total_of(&format!("b.id IN ({})", placeholders(1, boards.len())));
    list(conditions, total, boards.iter().map(|id| Value::from(*id)).collect()).page(tx, paging)
}

/// One page of the events of an agent, newest first.
///
/// # Errors
/// A database failure.
pub fn of_agent(tx: &mut Tx<'_>, agent_id: Uuid, paging: &Paging) -> Result<Page<Event>, DbError> {
    let total = "SELECT CAST(COALESCE(sum(entries), 0) AS bigint) FROM list_counts WHERE owner_id = $1".to_owned();
    list(vec!["e.agent_id = $1".to_owned()], total, params![agent_id].to_vec()).page(tx, paging)
}

fn list(conditions: Vec<String>, total: String, params: Vec<Value>) -> List<'static> {
    List {
        columns: columns_as("e", Event::COLUMNS),
        from: "activity_events e",
        conditions,
        order: ORDER,
        total,
        params,
    }
}

/// The types of events that a stream of tasks tells of.
const OF_TASKS: &str = "('task.created', 'task.updated', 'task.status_changed', 'task.comment')";

/// What happened to the tasks of a board behind a position, oldest first, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn of_tasks_after(tx: &mut Tx<'_>, board_id: Uuid, position: Position, limit: i64) -> Result<Vec<Event>, DbError> {
    let sql = format!(
        "SELECT {} FROM activity_events WHERE board_id = $1 AND (created_at, id) > ($2, $3)
         AND event_type IN {OF_TASKS} AND task_id IS NOT NULL ORDER BY created_at, id LIMIT $4",
        Event::COLUMNS.join(", ")
    );
    tx.all(&sql, &params![board_id, position.at, position.id, limit])
}

/// How many events these boards have, from the counts that the schema's triggers keep: to count a million rows takes a
/// hundred times as long as to read a page of them.
fn total_of(boards: &str) -> String {
    format!(
        "SELECT CAST(COALESCE(sum(c.entries), 0) AS bigint) FROM boards b JOIN list_counts c ON c.owner_id = b.id
         WHERE {boards}"
    )
}
