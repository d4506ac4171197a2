//! Members of the organization that the request acts on.

use mission_control_core::guards::OrgAdmin;
use mission_control_core::members::wire::{
    MemberPath, OrganizationMemberAccessUpdate, OrganizationMemberRead, OrganizationMemberUpdate,
};
use mission_control_core::members::{self, Member, Person, change};
use mission_control_core::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Answers the caller's own membership.
pub async fn get_my_membership(cx: Cx, caller: SignedIn) -> ApiResult<Json<OrganizationMemberRead>> {
    let person = Person::from(&caller.user);
    let member = cx.db.read::<_, DbError>(|tx| Member::load(tx, caller.membership, person))?;
    Ok(Json(member.into()))
}

/// Lists the members by e-mail address.
pub async fn list_org_members(
    cx: Cx,
    caller: SignedIn,
    paging: Paging,
) -> ApiResult<Json<Page<OrganizationMemberRead>>> {
    let page = cx.db.read::<_, DbError>(|tx| members::page(tx, caller.membership.organization_id, &paging))?;
    Ok(Json(page.map(Into::into)))
}

/// Answers one member: to themselves and to admins.
pub async fn get_org_member(
    cx: Cx,
    caller: SignedIn,
    path: Path<MemberPath>,
) -> ApiResult<Json<OrganizationMemberRead>> {
    let member = cx.db.read(|tx| members::read(tx, &caller.membership, path.member_id))?;
    Ok(Json(member.into()))
}

/// Changes the role of a member.
pub async fn update_org_member(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<MemberPath>,
    body: Body<OrganizationMemberUpdate>,
) -> ApiResult<Json<OrganizationMemberRead>> {
    let role = body.role.map(|role| role.0);
    let member = cx.db.write(|tx| change::role(tx, &caller.membership, path.member_id, role)).await?;
    Ok(Json(member.into()))
}

/// Replaces the rights of a member on boards.
pub async fn update_member_access(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<MemberPath>,
    body: Body<OrganizationMemberAccessUpdate>,
) -> ApiResult<Json<OrganizationMemberRead>> {
    let member = cx.db.write(|tx| change::access(tx, &caller.membership, path.member_id, body.0)).await?;
    Ok(Json(member.into()))
}

/// Removes a member, and the pending invitations of the same e-mail address.
pub async fn remove_org_member(cx: Cx, caller: OrgAdmin, path: Path<MemberPath>) -> ApiResult<Json<OkResponse>> {
    cx.db.write(|tx| change::remove(tx, &caller.membership, path.member_id)).await?;
    Ok(done())
}
