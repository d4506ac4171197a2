//! Tags.

use mission_control_core::guards::OrgAdmin;
use mission_control_core::organizations::SignedIn;
use mission_control_core::tags::wire::{TagCreate, TagPath, TagRead, TagUpdate};
use mission_control_core::tags::{self, store};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Lists the tags of the active organization, by name.
pub async fn list_tags(cx: Cx, caller: SignedIn, paging: Paging) -> ApiResult<Json<Page<TagRead>>> {
    let page = cx.db.read::<_, DbError>(|tx| store::page(tx, caller.membership.organization_id, &paging))?;
    Ok(Json(page.map(Into::into)))
}

/// Makes a tag.
pub async fn create_tag(cx: Cx, caller: OrgAdmin, body: Body<TagCreate>) -> ApiResult<Json<TagRead>> {
    let tag = cx.db.write(|tx| tags::create(tx, caller.membership.organization_id, body.0)).await?;
    Ok(Json((tag, 0).into()))
}

/// Answers one tag.
pub async fn get_tag(cx: Cx, caller: SignedIn, path: Path<TagPath>) -> ApiResult<Json<TagRead>> {
    let found = cx.db.read::<_, DbError>(|tx| store::find(tx, caller.membership.organization_id, path.tag_id))?;
    Ok(Json(found.ok_or_else(ApiError::not_found)?.into()))
}

/// Changes what the request carries of a tag.
pub async fn update_tag(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<TagPath>,
    body: Body<TagUpdate>,
) -> ApiResult<Json<TagRead>> {
    let tag = cx.db.write(|tx| tags::update(tx, caller.membership.organization_id, path.tag_id, body.0)).await?;
    Ok(Json(tag.into()))
}

/// Deletes a tag and takes it off every task.
pub async fn delete_tag(cx: Cx, caller: OrgAdmin, path: Path<TagPath>) -> ApiResult<Json<OkResponse>> {
    let organization_id = caller.membership.organization_id;
    if cx.db.write::<_, DbError>(|tx| store::delete(tx, organization_id, path.tag_id)).await? {
        Ok(done())
    } else {
        Err(ApiError::not_found())
    }
}
