//! Board groups.

use mission_control_core::agents::Actor;
use mission_control_core::agents::group_heartbeat::{self, BoardGroupHeartbeatApply, BoardGroupHeartbeatApplyResult};
use mission_control_core::board_groups::wire::{BoardGroupCreate, BoardGroupRead, BoardGroupUpdate, GroupPath};
use mission_control_core::board_groups::{self, store};
use mission_control_core::guards::{AdminWritesGroup, OrgAdmin, UserReadsGroup, require_group_pace};
use mission_control_core::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Lists the groups of the active organization that the caller may see, by name.
pub async fn list_board_groups(cx: Cx, caller: SignedIn, paging: Paging) -> ApiResult<Json<Page<BoardGroupRead>>> {
    let page = cx.db.read::<_, DbError>(|tx| store::visible(tx, &caller.membership, &paging))?;
    Ok(Json(page.map(Into::into)))
}

/// Makes a group without boards.
pub async fn create_board_group(
    cx: Cx,
    caller: OrgAdmin,
    body: Body<BoardGroupCreate>,
) -> ApiResult<Json<BoardGroupRead>> {
    let organization_id = caller.membership.organization_id;
    let group = cx.db.write::<_, DbError>(|tx| board_groups::create(tx, organization_id, body.0)).await?;
    Ok(Json(group.into()))
}

/// Answers one group.
pub async fn get_board_group(guard: UserReadsGroup) -> ApiResult<Json<BoardGroupRead>> {
    Ok(Json(guard.group.into()))
}

/// Changes what the request carries of a group.
pub async fn update_board_group(
    cx: Cx,
    guard: AdminWritesGroup,
    body: Body<BoardGroupUpdate>,
) -> ApiResult<Json<BoardGroupRead>> {
    let group = cx.db.write::<_, DbError>(|tx| board_groups::update(tx, guard.group, body.0)).await?;
    Ok(Json(group.into()))
}

/// Deletes a group with its memory. Its boards stay, in no group.
pub async fn delete_board_group(cx: Cx, guard: AdminWritesGroup) -> ApiResult<Json<OkResponse>> {
    cx.db.write::<_, DbError>(|tx| store::delete(tx, guard.group.id)).await?;
    Ok(done())
}

/// Gives all agents of the group's boards one pace of checking in: an admin may, and the lead of one of the boards.
pub async fn apply_board_group_heartbeat(
    cx: Cx,
    actor: Actor,
    path: Path<GroupPath>,
    body: Body<BoardGroupHeartbeatApply>,
) -> ApiResult<Json<BoardGroupHeartbeatApplyResult>> {
    let group_id = path.group_id;
    let result = cx
        .db
        .write(|tx| {
            require_group_pace(tx, &actor, group_id)?;
            Ok::<_, mission_control_web::http::ApiError>(group_heartbeat::apply(tx, group_id, &body)?)
        })
        .await?;
    Ok(Json(result))
}
