//! Organizations of the signed-in person.

use mission_control_core::accounts::organization_deletion;
use mission_control_core::guards::OrgAdmin;
use mission_control_core::organizations::wire::{
    OrganizationActiveUpdate, OrganizationCreate, OrganizationListItem, OrganizationRead,
};
use mission_control_core::organizations::{SignedIn, store};
use mission_control_core::users;
use mission_control_platform::db::DbError;
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, OkResponse, done};

/// Makes an organization that the caller owns, and makes it their active one. A name that one of the caller's own
/// organizations has already is refused; names of other tenants are nobody's business.
pub async fn create_organization(
    cx: Cx,
    caller: SignedIn,
    body: Body<OrganizationCreate>,
) -> ApiResult<Json<OrganizationRead>> {
    let name = body.name.trim();
    if name.is_empty() {
        return Err(ApiError::status(http::StatusCode::UNPROCESSABLE_ENTITY));
    }
    cx.db
        .write(|tx| {
            // Two requests at once must not both find the name free.
            users::store::lock(tx, caller.user.id)?;
            if store::user_has_one_named(tx, caller.user.id, name)? {
                return Err(ApiError::status(http::StatusCode::CONFLICT));
            }
            let (organization, _) = store::create_with_owner(tx, name, caller.user.id)?;
            users::store::set_active_organization(tx, caller.user.id, Some(organization.id))?;
            Ok(Json(organization.into()))
        })
        .await
}

/// Lists the caller's organizations by name.
pub async fn list_my_organizations(cx: Cx, caller: SignedIn) -> ApiResult<Json<Vec<OrganizationListItem>>> {
    let organizations = cx.db.read::<_, DbError>(|tx| store::of_user(tx, caller.user.id))?;
    let active = caller.user.active_organization_id;
    let items = organizations.into_iter().map(|(organization, role)| OrganizationListItem {
        id: organization.id,
        name: organization.name,
        role,
        is_active: Some(organization.id) == active,
    });
    Ok(Json(items.collect()))
}

/// Makes another of the caller's organizations the active one.
pub async fn set_active_org(
    cx: Cx,
    caller: SignedIn,
    body: Body<OrganizationActiveUpdate>,
) -> ApiResult<Json<OrganizationRead>> {
    cx.db
        .write(|tx| {
            if store::membership(tx, body.organization_id, caller.user.id)?.is_none() {
                return Err(ApiError::forbidden_because("No org access"));
            }
            let organization = store::find(tx, body.organization_id)?.ok_or_else(ApiError::not_found)?;
            users::store::set_active_organization(tx, caller.user.id, Some(organization.id))?;
            Ok(Json(organization.into()))
        })
        .await
}

/// Answers the active organization, or the one that the request names.
pub async fn get_my_org(cx: Cx, caller: SignedIn) -> ApiResult<Json<OrganizationRead>> {
    let organization = cx.db.read::<_, DbError>(|tx| store::find(tx, caller.membership.organization_id))?;
    Ok(Json(organization.ok_or_else(ApiError::not_found)?.into()))
}

/// Deletes the organization with everything in it.
pub async fn delete_my_org(cx: Cx, caller: OrgAdmin) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| organization_deletion::by_owner(tx, &caller.membership)).await?;
    Ok(done())
}
