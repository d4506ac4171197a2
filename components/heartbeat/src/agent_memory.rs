//! What is remembered and said on a board, for its agents.

use mission_control_core::agents::Actor;
use mission_control_core::guards::AgentOnBoard;
use mission_control_core::memory::wire::{BoardMemoryCreate, BoardMemoryRead, MemoryFilter};
use mission_control_core::memory::{self, Owner, store};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, Query};

/// Lists a board's memory, newest first.
pub async fn list_board_memory(
    cx: Cx,
    guard: AgentOnBoard,
    filter: Query<MemoryFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardMemoryRead>>> {
    let entries =
        cx.db.read::<_, DbError>(|tx| store::list(tx, Owner::Board(guard.board.id), filter.is_chat, &paging))?;
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
    let entry =
        cx.db.write::<_, DbError>(|tx| memory::record(tx, &board, &actor, body.0, &cx.settings.base_url)).await?;
    Ok(Json(entry.into()))
}
