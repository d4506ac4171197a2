//! What is remembered and said on a board, for its agents.

use mission_control::db::DbError;
use mission_control::http::{ApiResult, Body, Cx, Json, Page, Paging, Query};
use mission_control::identity::{Actor, AgentOnBoard};
use mission_control::memory::wire::{BoardMemoryCreate, BoardMemoryRead, MemoryFilter};
use mission_control::memory::{self, store};

/// Lists a board's memory, newest first.
pub async fn list_board_memory(
    cx: Cx,
    guard: AgentOnBoard,
    filter: Query<MemoryFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardMemoryRead>>> {
    let entries = cx.db.read::<_, DbError>(|tx| store::list(tx, guard.board.id, filter.is_chat, &paging))?;
    Ok(Json(entries.map(Into::into)))
}

/// Writes an entry into a board's memory, and tells the board's other agents of chat.
pub async fn create_board_memory(
    cx: Cx,
    guard: AgentOnBoard,
    body: Body<BoardMemoryCreate>,
) -> ApiResult<Json<BoardMemoryRead>> {
    let AgentOnBoard { board, agent } = guard;
    let actor = Actor::Agent(agent);
    let entry = cx.db.write::<_, DbError>(|tx| memory::record(tx, &board, &actor, body.0, &cx.settings.base_url))?;
    Ok(Json(entry.into()))
}
