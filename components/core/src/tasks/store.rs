//! SQL of tasks.

pub mod custom_fields;
pub mod dependencies;
pub mod summaries;
pub mod tags;

use uuid::Uuid;

use super::{Task, TaskStatus};
use crate::boards::Board;
use mission_control_platform::db::{DbError, FromRow, List, Page, Paging, Row, Tx, Value, columns_as, placeholders};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// Rows or ids that one statement takes at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// Which tasks a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those in one of these statuses, each named once; all when empty.
    pub statuses: Vec<TaskStatus>,
    /// Those of this agent.
    pub assignee: Option<Uuid>,
    /// Those of nobody.
    pub unassigned: bool,
}

/// What there is to read about a task besides its row, so that nothing is asked for that is not there.
#[derive(Clone, Copy, Debug)]
pub struct Related {
    /// Whether any task of its board waits for another.
    pub dependencies: bool,
    /// Whether it has tags.
    pub tags: bool,
    /// Whether its board has custom fields.
    pub custom_fields: bool,
}

impl FromRow for Related {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { dependencies: row.next()?, tags: row.next()?, custom_fields: row.next()? })
    }
}

/// The columns of [`Related`]; parameter 1 is the board. What is asked of the board is asked once for all rows.
const RELATED: &str = "EXISTS (SELECT 1 FROM task_dependencies d WHERE d.board_id = $1), \
    EXISTS (SELECT 1 FROM tag_assignments a WHERE a.task_id = t.id), \
    EXISTS (SELECT 1 FROM board_task_custom_fields f WHERE f.board_id = $1)";

/// One page of a board's tasks, newest first.
pub fn page(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    filter: &Filter,
    paging: &Paging,
) -> Result<Page<(Task, Related)>, DbError> {
    let mut params = vec![Value::from(board_id)];
    let (condition, statuses) = conditions(filter, &mut params);
    let list = List {
        columns: format!("{}, {RELATED}", columns_as("t", Task::COLUMNS)),
        from: "tasks t",
        conditions: match statuses.as_slice() {
            [] => vec![condition.clone()],
            statuses => statuses.iter().map(|status| format!("{condition} AND t.status = {status}")).collect(),
        },
        order: "created_at DESC, id DESC",
        total: match statuses.as_slice() {
            [] => format!("SELECT count(*) FROM tasks t WHERE {condition}"),
            _ => format!("SELECT count(*) FROM tasks t WHERE {condition} AND t.status IN ({})", statuses.join(", ")),
        },
        params,
    };
    list.page(tx, paging)
}

/// What all tasks of the list have in common, and the parameters of the statuses, of which each has one.
fn conditions(filter: &Filter, params: &mut Vec<Value>) -> (String, Vec<String>) {
    let mut condition = "t.board_id = $1".to_owned();
    if let Some(assignee) = filter.assignee {
        params.push(assignee.into());
        condition.push_str(&format!(" AND t.assigned_agent_id = ${}", params.len()));
    }
    if filter.unassigned {
        condition.push_str(" AND t.assigned_agent_id IS NULL");
    }
    let statuses = filter.statuses.iter().map(|status| {
        params.push((*status).into());
        format!("${}", params.len())
    });
    let statuses = statuses.collect();
    (condition, statuses)
}

/// All tasks of a board, newest first.
pub fn all_of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<Task>, DbError> {
    let sql =
        format!("SELECT {} FROM tasks WHERE board_id = $1 ORDER BY created_at DESC, id DESC", Task::COLUMNS.join(", "));
    tx.all(&sql, &params![board_id])
}

/// Those of the ids that are tasks of this board, with what there is to read about them.
pub fn those(tx: &mut Tx<'_>, board_id: Uuid, ids: &[Uuid]) -> Result<Vec<(Task, Related)>, DbError> {
    let sql = format!(
        "SELECT {}, {RELATED} FROM tasks t WHERE t.board_id = $1 AND t.id IN ({})",
        columns_as("t", Task::COLUMNS),
        placeholders(2, ids.len())
    );
    tx.all(&sql, &with_ids([board_id.into()], ids))
}

/// The task, if it is on this board.
pub fn find(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid) -> Result<Option<Task>, DbError> {
    let sql = format!("SELECT {} FROM tasks WHERE id = $1 AND board_id = $2", Task::COLUMNS.join(", "));
    tx.first(&sql, &params![task_id, board_id])
}

/// The task with what there is to read about it, if it is on this board.
pub fn find_related(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid) -> Result<Option<(Task, Related)>, DbError> {
    let sql = format!(
        "SELECT {}, {RELATED} FROM tasks t WHERE t.board_id = $1 AND t.id = $2",
        columns_as("t", Task::COLUMNS)
    );
    tx.first(&sql, &params![board_id, task_id])
}

/// The board and its task as they are now, both locked until the end of the transaction: changes of one board's tasks
/// happen one after the other, so that nobody claims a task twice and no circle of dependencies closes.
pub fn lock(tx: &mut Tx<'_>, board_id: Uuid, task_id: Uuid) -> Result<Option<(Board, Task)>, DbError> {
    let sql = format!(
        "SELECT {}, {} FROM boards b JOIN tasks t ON t.board_id = b.id WHERE b.id = $1 AND t.id = $2{}",
        columns_as("b", Board::COLUMNS),
        columns_as("t", Task::COLUMNS),
        tx.for_update()
    );
    tx.first(&sql, &params![board_id, task_id])
}

/// Those of the ids that are tasks of this board, with their statuses, which stay so until the end of the transaction.
pub fn lock_statuses(tx: &mut Tx<'_>, board_id: Uuid, ids: &[Uuid]) -> Result<Vec<(Uuid, TaskStatus)>, DbError> {
    // In one order, so that two of these never wait for each other.
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(BATCH) {
        let sql = format!(
            "SELECT id, status FROM tasks WHERE board_id = $1 AND id IN ({}) ORDER BY id{}",
            placeholders(2, ids.len()),
            tx.for_share()
        );
        found.extend(tx.all::<(Uuid, TaskStatus)>(&sql, &with_ids([board_id.into()], ids))?);
    }
    Ok(found)
}

/// Takes all tasks from an agent that is going to be deleted: what it worked on waits again.
pub fn release_of(tx: &mut Tx<'_>, agent_id: Uuid, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE tasks SET in_progress_at = CASE WHEN status = 'in_progress' THEN NULL ELSE in_progress_at END,
         status = CASE WHEN status = 'in_progress' THEN 'inbox' ELSE status END, assigned_agent_id = NULL, updated_at = $1
         WHERE assigned_agent_id = $2",
        &params![now, agent_id],
    )
}

/// Stores a new task.
pub fn insert(tx: &mut Tx<'_>, task: &Task) -> Result<(), DbError> {
    let sql =
        format!("INSERT INTO tasks ({}) VALUES ({})", Task::COLUMNS.join(", "), placeholders(1, Task::COLUMNS.len()));
    tx.execute(
        &sql,
        &params![
            task.id,
            task.board_id,
            task.title.as_str(),
            &task.description,
            task.status,
            task.priority.as_str(),
            task.due_at,
            task.in_progress_at,
            task.previous_in_progress_at,
            task.created_by_user_id,
            task.assigned_agent_id,
            task.auto_created,
            &task.auto_reason,
            task.created_at,
            task.updated_at
        ],
    )
}

/// Overwrites everything of a task that can change.
pub fn save(tx: &mut Tx<'_>, task: &Task) -> Result<(), DbError> {
    tx.execute(
        "UPDATE tasks SET title = $1, description = $2, status = $3, priority = $4, due_at = $5, in_progress_at = $6,
         previous_in_progress_at = $7, assigned_agent_id = $8, updated_at = $9 WHERE id = $10",
        &params![
            task.title.as_str(),
            &task.description,
            task.status,
            task.priority.as_str(),
            task.due_at,
            task.in_progress_at,
            task.previous_in_progress_at,
            task.assigned_agent_id,
            task.updated_at,
            task.id
        ],
    )
}

/// Puts tasks back into the inbox, nobody's.
pub fn return_to_inbox(tx: &mut Tx<'_>, ids: &[Uuid]) -> Result<(), DbError> {
    for ids in ids.chunks(BATCH) {
        let sql = format!(
            "UPDATE tasks SET status = 'inbox', assigned_agent_id = NULL,
             previous_in_progress_at = COALESCE(in_progress_at, previous_in_progress_at), in_progress_at = NULL,
             updated_at = $1 WHERE id IN ({})",
            placeholders(2, ids.len())
        );
        tx.execute(&sql, &with_ids([Timestamp::now().into()], ids))?;
    }
    Ok(())
}

/// Deletes a task with its events, dependencies, tags and values.
pub fn delete(tx: &mut Tx<'_>, task_id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM tasks WHERE id = $1", &params![task_id])
}

/// Parameters that end with a list of ids.
fn with_ids<const N: usize>(first: [Value; N], ids: &[Uuid]) -> Vec<Value> {
    first.into_iter().chain(ids.iter().map(|id| Value::from(*id))).collect()
}
