//! The boards that an agent works on.

use mission_control_core::boards::store;
use mission_control_core::boards::wire::BoardRead;
use mission_control_core::guards::{AgentCaller, AgentOnBoard};
use mission_control_core::tags;
use mission_control_core::tags::wire::TagRef;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Cx, Json};

/// Lists the caller's board, or the boards of its organization for a main agent, newest first.
pub async fn list_boards(cx: Cx, caller: AgentCaller, paging: Paging) -> ApiResult<Json<Page<BoardRead>>> {
    let page = cx
        .db
        .read::<_, ApiError>(|tx| Ok(store::of_organization(tx, caller.organization_id, caller.board_id, &paging)?))?;
    Ok(Json(page.map(Into::into)))
}

/// Answers one board.
pub async fn get_board(on: AgentOnBoard) -> ApiResult<Json<BoardRead>> {
    Ok(Json(on.board.into()))
}

/// Lists the tags that tasks of the board may have, by name.
pub async fn list_tags(cx: Cx, on: AgentOnBoard) -> ApiResult<Json<Vec<TagRef>>> {
    Ok(Json(cx.db.read::<_, DbError>(|tx| tags::store::all(tx, on.board.organization_id))?))
}
