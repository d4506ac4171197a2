//! What is remembered and said in a group of boards, reached through the group or through one of its boards.

use mission_control_core::agents::Actor;
use mission_control_core::board_groups;
use mission_control_core::guards::{ActorReadsBoard, ActorWritesBoard, UserReadsGroup, UserWritesGroup};
use mission_control_core::memory::wire::{BoardGroupMemoryRead, BoardMemoryCreate, MemoryFilter, MemoryStreamQuery};
use mission_control_core::memory::{self, Owner, store, stream};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, Query, Raw};
use mission_control_web::sse;
use uuid::Uuid;

/// Lists a group's memory, newest first.
pub async fn list_board_group_memory(
    cx: Cx,
    guard: UserReadsGroup,
    filter: Query<MemoryFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardGroupMemoryRead>>> {
    list(&cx, guard.group.id, &filter, &paging)
}

/// Streams a group's memory as it is written.
pub async fn stream_board_group_memory(
    cx: Cx,
    guard: UserReadsGroup,
    query: Query<MemoryStreamQuery>,
) -> ApiResult<Raw> {
    sse::follow::<UserReadsGroup>(&cx, stream::feed(&cx, Owner::Group(guard.group.id), &query)).await
}

/// Writes an entry into a group's memory, and tells agents of chat and of broadcasts.
pub async fn create_board_group_memory(
    cx: Cx,
    guard: UserWritesGroup,
    body: Body<BoardMemoryCreate>,
) -> ApiResult<Json<BoardGroupMemoryRead>> {
    let (group, actor) = (guard.group, Actor::User(guard.caller));
    let entry = cx
        .db
        .write::<_, DbError>(|tx| memory::record_in_group(tx, &group, &actor, body.0, &cx.settings.base_url))
        .await?;
    Ok(Json(entry.into()))
}

/// Lists the memory of the board's group, newest first; nothing when it is in none.
pub async fn list_board_group_memory_for_board(
    cx: Cx,
    guard: ActorReadsBoard,
    filter: Query<MemoryFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardGroupMemoryRead>>> {
    match guard.board.board_group_id {
        Some(group_id) => list(&cx, group_id, &filter, &paging),
        None => Ok(Json(paging.empty())),
    }
}

/// Streams the memory of the board's group as it is written; nothing comes when it is in none. A board that changes its group
/// meanwhile is followed at the next connection.
pub async fn stream_board_group_memory_for_board(
    cx: Cx,
    guard: ActorReadsBoard,
    query: Query<MemoryStreamQuery>,
) -> ApiResult<Raw> {
    let group_id = guard.board.board_group_id.unwrap_or(Uuid::nil());
    sse::follow::<ActorReadsBoard>(&cx, stream::feed(&cx, Owner::Group(group_id), &query)).await
}

/// Writes an entry into the memory of the board's group, and tells agents of chat and of broadcasts.
pub async fn create_board_group_memory_for_board(
    cx: Cx,
    guard: ActorWritesBoard,
    body: Body<BoardMemoryCreate>,
) -> ApiResult<Json<BoardGroupMemoryRead>> {
    let ActorWritesBoard { board, actor } = guard;
    let Some(group_id) = board.board_group_id else {
        return Err(ApiError::unprocessable("Board is not in a board group"));
    };
    let entry = cx
        .db
        .write(|tx| {
            let group = board_groups::store::find_in(tx, board.organization_id, group_id)?;
            let group = group.ok_or_else(ApiError::not_found)?;
            memory::record_in_group(tx, &group, &actor, body.0, &cx.settings.base_url).map_err(ApiError::from)
        })
        .await?;
    Ok(Json(entry.into()))
}

fn list(
    cx: &Cx,
    group_id: Uuid,
    filter: &MemoryFilter,
    paging: &Paging,
) -> ApiResult<Json<Page<BoardGroupMemoryRead>>> {
    let owner = Owner::Group(group_id);
    let entries = cx.db.read::<_, DbError>(|tx| store::list(tx, owner, filter.is_chat, paging))?;
    Ok(Json(entries.map(Into::into)))
}
