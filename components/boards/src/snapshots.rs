//! Snapshots of boards and groups.

use mission_control_core::board_groups;
use mission_control_core::guards::{ActorReadsBoard, UserReadsGroup};
use mission_control_core::organizations;
use mission_control_core::snapshots;
use mission_control_core::snapshots::wire::{BoardGroupSnapshot, BoardSnapshot, GroupSnapshotQuery, NeighboursQuery};
use mission_control_platform::db::DbError;
use mission_control_web::http::{ApiResult, Cx, Json, Query};

/// Answers everything on a board.
pub async fn get_board_snapshot(cx: Cx, guard: ActorReadsBoard) -> ApiResult<Json<BoardSnapshot>> {
    Ok(Json(cx.db.read::<_, DbError>(|tx| snapshots::of_board(tx, guard.board))?))
}

/// Answers the other boards of the board's group, as far as the caller may read them, with their most urgent tasks.
pub async fn get_board_group_snapshot_for_board(
    cx: Cx,
    guard: ActorReadsBoard,
    query: Query<NeighboursQuery>,
) -> ApiResult<Json<BoardGroupSnapshot>> {
    let ActorReadsBoard { board, actor } = guard;
    let snapshot = cx.db.read::<_, DbError>(|tx| {
        let group = match board.board_group_id {
            Some(group_id) => board_groups::store::find_in(tx, board.organization_id, group_id)?,
            None => None,
        };
        let Some(group) = group else { return Ok(BoardGroupSnapshot { group: None, boards: Vec::new() }) };
        // Agents of a group's boards work together: they see all of them.
        let reader = match actor.user_id() {
            Some(user_id) => organizations::store::membership(tx, board.organization_id, user_id)?,
            None => None,
        };
        let without = (!query.include_self).then_some(board.id);
        snapshots::of_group(tx, group, reader.as_ref(), without, query.extent())
    })?;
    Ok(Json(snapshot))
}

/// Answers the boards of a group that the caller may read, with their most urgent tasks.
pub async fn get_board_group_snapshot(
    cx: Cx,
    guard: UserReadsGroup,
    query: Query<GroupSnapshotQuery>,
) -> ApiResult<Json<BoardGroupSnapshot>> {
    let UserReadsGroup { group, caller } = guard;
    let reader = Some(&caller.membership);
    let snapshot = cx.db.read::<_, DbError>(|tx| snapshots::of_group(tx, group, reader, None, query.extent()))?;
    Ok(Json(snapshot))
}
