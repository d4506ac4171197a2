//! Invitations to the organization that the request acts on, and accepting one to any.

use mission_control_core::guards::{OrgAdmin, failed_attempt};
use mission_control_core::members::invites::accept::{Refused, accept};
use mission_control_core::members::invites::wire::{
    InvitePath, OrganizationInviteAccept, OrganizationInviteCreate, OrganizationInviteRead,
};
use mission_control_core::members::invites::{self, store};
use mission_control_core::members::wire::OrganizationMemberRead;
use mission_control_core::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, Path};

/// Lists the pending invitations with their tokens, newest first.
pub async fn list_org_invites(
    cx: Cx,
    caller: OrgAdmin,
    paging: Paging,
) -> ApiResult<Json<Page<OrganizationInviteRead>>> {
    let organization_id = caller.membership.organization_id;
    let page = cx.db.read::<_, DbError>(|tx| invites::page_for_admins(tx, &cx.settings, organization_id, &paging))?;
    Ok(Json(page))
}

/// Invites an e-mail address. The answer carries the token; nothing is sent to the address.
pub async fn create_org_invite(
    cx: Cx,
    caller: OrgAdmin,
    body: Body<OrganizationInviteCreate>,
) -> ApiResult<Json<OrganizationInviteRead>> {
    cx.db.write(|tx| invites::create(tx, &cx.settings, &caller.membership, body.0)).await.map(Json)
}

/// Deletes an invitation; who has accepted it stays a member.
pub async fn revoke_org_invite(
    cx: Cx,
    caller: OrgAdmin,
    path: Path<InvitePath>,
) -> ApiResult<Json<OrganizationInviteRead>> {
    let organization_id = caller.membership.organization_id;
    let invite = cx.db.write::<_, DbError>(|tx| store::delete(tx, organization_id, path.invite_id)).await?;
    Ok(Json(invite.ok_or_else(ApiError::not_found)?.into()))
}

/// Accepts an invitation that is addressed to the caller's e-mail address. Failures count like failed sign-ins.
pub async fn accept_org_invite(
    cx: Cx,
    caller: SignedIn,
    body: Body<OrganizationInviteAccept>,
) -> ApiResult<Json<OrganizationMemberRead>> {
    match cx.db.write(|tx| accept(tx, &caller.user, &body.token)).await {
        Ok(member) => Ok(Json(member.into())),
        Err(Refused::Database(error)) => Err(error.into()),
        Err(refused) => Err(failed_attempt(&cx, refused.into()).await),
    }
}
