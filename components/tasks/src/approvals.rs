//! Approvals of a board, for people and agents; people decide.

use mission_control_core::approvals;
use mission_control_core::approvals::stream::{self, StreamQuery};
use mission_control_core::approvals::wire::{
    ApprovalCreate, ApprovalFilter, ApprovalPath, ApprovalRead, ApprovalUpdate,
};
use mission_control_core::guards::{ActorReadsBoard, ActorWritesBoard, UserWritesBoard};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, Path, Query, Raw};
use mission_control_web::sse;

/// Lists the approvals of a board, newest first.
pub async fn list_approvals(
    cx: Cx,
    board: ActorReadsBoard,
    filter: Query<ApprovalFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<ApprovalRead>>> {
    Ok(Json(cx.db.read::<_, DbError>(|tx| approvals::list(tx, board.id, filter.status, &paging))?))
}

/// Streams the approvals of a board as they are made and decided.
pub async fn stream_approvals(cx: Cx, board: ActorReadsBoard, query: Query<StreamQuery>) -> ApiResult<Raw> {
    sse::follow::<ActorReadsBoard>(&cx, stream::feed(&cx, board.id, &query)).await
}

/// Asks for a decision.
pub async fn create_approval(
    cx: Cx,
    writer: ActorWritesBoard,
    body: Body<ApprovalCreate>,
) -> ApiResult<Json<ApprovalRead>> {
    cx.db.write(|tx| approvals::create(tx, &writer.board, &writer.actor, body.0)).await.map(Json)
}

/// Decides, and tells the board's lead.
pub async fn update_approval(
    cx: Cx,
    writer: UserWritesBoard,
    path: Path<ApprovalPath>,
    body: Body<ApprovalUpdate>,
) -> ApiResult<Json<ApprovalRead>> {
    let UserWritesBoard { board, caller } = writer;
    cx.db.write(|tx| approvals::decide(tx, &board, &caller, path.approval_id, body.0)).await.map(Json)
}
