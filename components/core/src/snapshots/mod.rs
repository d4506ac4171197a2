//! Everything on a board, or in short on the boards of a group, in a fixed number of statements.

pub mod wire;

use std::collections::HashMap;

use uuid::Uuid;

use self::wire::{BoardGroupBoardSnapshot, BoardGroupSnapshot, BoardGroupTaskSummary, BoardSnapshot, TaskCardRead};
use crate::agents;
use crate::approvals::{self, TaskCounts};
use crate::board_groups::BoardGroup;
use crate::boards::{self, Board};
use crate::memory::{self, Owner};
use crate::organizations::Membership;
use crate::tasks::{self, summary};
use mission_control_platform::db::{DbError, Paging, Tx};

/// The newest entries of lists that a snapshot shows only a part of.
const NEWEST: Paging = Paging::new(200, 0);

/// Everything on a board: its tasks and agents, and the newest of its approvals and of its chat.
///
/// # Errors
/// A database failure.
pub fn of_board(tx: &mut Tx<'_>, board: Board) -> Result<BoardSnapshot, DbError> {
    let tasks = tasks::all_of_board(tx, board.id)?;
    let agents = agents::store::on_board(tx, board.id)?;
    let approvals = approvals::list(tx, board.id, None, &NEWEST)?.items;
    let counts = approvals::store::task_counts(tx, board.id, None)?;
    let counts: HashMap<Uuid, TaskCounts> = counts.into_iter().map(|counts| (counts.task_id, counts)).collect();
    let mut chat = memory::store::list(tx, Owner::Board(board.id), Some(true), &NEWEST)?.items;
    chat.reverse();
    let names: HashMap<Uuid, &str> = agents.iter().map(|agent| (agent.id, agent.name.as_str())).collect();
    let card = |task: tasks::wire::TaskRead| {
        let assignee = task.assigned_agent_id.and_then(|id| names.get(&id)).map(|name| (*name).to_owned());
        let counts = counts.get(&task.id).map_or((0, 0), |counts| (counts.all, counts.pending));
        TaskCardRead::new(task, assignee, counts)
    };
    Ok(BoardSnapshot {
        pending_approvals_count: approvals::store::count_pending(tx, board.id)?,
        board: board.into(),
        tasks: tasks.into_iter().map(card).collect(),
        agents: agents.into_iter().map(Into::into).collect(),
        approvals,
        chat_messages: chat.into_iter().map(Into::into).collect(),
    })
}

/// What a snapshot of a group shows of its boards' tasks.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Whether tasks that are done are among them.
    pub include_done: bool,
    /// How many of each board.
    pub per_board: i64,
}

/// The boards of a group, each with its most urgent tasks: those that this member may read, or all; a board that asks about
/// its neighbours is left out.
///
/// # Errors
/// A database failure.
pub fn of_group(
    tx: &mut Tx<'_>,
    group: BoardGroup,
    reader: Option<&Membership>,
    without: Option<Uuid>,
    extent: Extent,
) -> Result<BoardGroupSnapshot, DbError> {
    let mut boards = boards::store::in_group(tx, group.id, reader)?;
    boards.retain(|board| Some(board.id) != without);
    let ids: Vec<Uuid> = boards.iter().map(|board| board.id).collect();
    let mut summaries = summary::of_boards(tx, &ids, extent.include_done, extent.per_board)?;
    let boards = boards.into_iter().map(|board| {
        let summary = summaries.remove(&board.id).unwrap_or_default();
        let tasks = summary.tasks.into_iter();
        BoardGroupBoardSnapshot {
            task_counts: summary.counts,
            tasks: tasks.map(|(task, tags)| BoardGroupTaskSummary::new(task, &board.name, tags)).collect(),
            board: board.into(),
        }
    });
    Ok(BoardGroupSnapshot { boards: boards.collect(), group: Some(group.into()) })
}
