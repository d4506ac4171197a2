//! Boards.

use mission_control_core::board_changes;
use mission_control_core::boards::store;
use mission_control_core::boards::wire::{BoardCreate, BoardFilter, BoardRead, BoardUpdate};
use mission_control_core::guards::{OrgAdmin, UserReadsBoard, UserWritesBoard};
use mission_control_core::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Query, done};

/// Lists the boards of the active organization that the caller may read, by name.
pub async fn list_boards(
    cx: Cx,
    caller: SignedIn,
    filter: Query<BoardFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardRead>>> {
    let boards = cx.db.read::<_, DbError>(|tx| store::visible(tx, &caller.membership, &filter, &paging))?;
    Ok(Json(boards.map(Into::into)))
}

/// Makes a board in the active organization.
pub async fn create_board(cx: Cx, caller: OrgAdmin, body: Body<BoardCreate>) -> ApiResult<Json<BoardRead>> {
    let board = cx.db.write(|tx| board_changes::create(tx, caller.membership.organization_id, body.0)).await?;
    Ok(Json(board.into()))
}

/// Answers one board.
pub async fn get_board(guard: UserReadsBoard) -> ApiResult<Json<BoardRead>> {
    Ok(Json(guard.board.into()))
}

/// Changes what the request carries of a board, and tells the agents that it concerns.
pub async fn update_board(cx: Cx, guard: UserWritesBoard, body: Body<BoardUpdate>) -> ApiResult<Json<BoardRead>> {
    let sender = guard.caller.user.display_name();
    let board = cx.db.write(|tx| board_changes::update(tx, guard.board.id, body.0, sender)).await?;
    Ok(Json(board.into()))
}

/// Deletes a board with everything on it.
pub async fn delete_board(cx: Cx, guard: UserWritesBoard) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| board_changes::delete(tx, guard.board.id)).await?;
    Ok(done())
}
