//! What is remembered and said on a board.

use mission_control_core::guards::{ActorReadsBoard, ActorWritesBoard};
use mission_control_core::memory::wire::{BoardMemoryCreate, BoardMemoryRead, MemoryFilter, MemoryStreamQuery};
use mission_control_core::memory::{self, Owner, store, stream};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, Query, Raw};
use mission_control_web::sse;

/// Lists a board's memory, newest first.
pub async fn list_board_memory(
    cx: Cx,
    guard: ActorReadsBoard,
    filter: Query<MemoryFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardMemoryRead>>> {
    let entries =
        cx.db.read::<_, DbError>(|tx| store::list(tx, Owner::Board(guard.board.id), filter.is_chat, &paging))?;
    Ok(Json(entries.map(Into::into)))
}

/// Streams a board's memory as it is written.
pub async fn stream_board_memory(cx: Cx, guard: ActorReadsBoard, query: Query<MemoryStreamQuery>) -> ApiResult<Raw> {
    sse::follow::<ActorReadsBoard>(&cx, stream::feed(&cx, Owner::Board(guard.board.id), &query)).await
}

/// Writes an entry into a board's memory, and tells its agents of chat.
pub async fn create_board_memory(
    cx: Cx,
    guard: ActorWritesBoard,
    body: Body<BoardMemoryCreate>,
) -> ApiResult<Json<BoardMemoryRead>> {
    let ActorWritesBoard { board, actor } = guard;
    let entry =
        cx.db.write::<_, DbError>(|tx| memory::record(tx, &board, &actor, body.0, &cx.settings.base_url)).await?;
    Ok(Json(entry.into()))
}
