//! Changing and removing members.

use uuid::Uuid;

use super::wire::OrganizationMemberAccessUpdate;
use super::{Member, lock_as_admin, store};
use crate::members::grants::{self, Grants};
use crate::members::invites;
use crate::organizations::{Membership, NEEDS_AN_OWNER, Role, normalised_email, store as organizations};
use crate::users;
use mission_control_platform::db::Tx;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

/// Gives a member another role, if one is named. Only owners grant or change the role of an owner, and one owner stays.
/// Pending invitations by the member that need the role it had are withdrawn.
///
/// # Errors
/// 404 when the organization has no such member, 403 when the caller may not, 422 for the last owner, a database failure.
pub fn role(tx: &mut Tx<'_>, caller: &Membership, member_id: Uuid, role: Option<Role>) -> ApiResult<Member> {
    let caller = lock_as_admin(tx, caller)?;
    let (mut member, person) = store::find(tx, caller.organization_id, member_id)?.ok_or_else(ApiError::not_found)?;
    if let Some(role) = role.filter(|role| *role != member.role) {
        if (role == Role::Owner || member.role == Role::Owner) && caller.role != Role::Owner {
            return Err(ApiError::forbidden_because(ONLY_OWNERS_GRANT));
        }
        require_another_owner(tx, &member)?;
        member.role = role;
    }
    member.updated_at = Timestamp::now();
    store::save(tx, &member)?;
    invites::store::withdraw(tx, member.organization_id, member.user_id, Some(member.role))?;
    Ok(Member::load(tx, member, person)?)
}

/// What an admin is told who touches the role owner.
pub const ONLY_OWNERS_GRANT: &str = "Only owners can grant or change the owner role";

/// What an admin is told who touches the rights of an owner.
pub const ONLY_OWNERS_CHANGE: &str = "Only owners can change the board access of owners";

/// Replaces all rights of a member. Rights on single boards are kept only without a right on all of them. Those of an
/// owner are changed by owners only.
///
/// # Errors
/// 404 when the organization has no such member, 422 when it has no such board, 403 when the caller may not, a database
/// failure.
pub fn access(
    tx: &mut Tx<'_>,
    caller: &Membership,
    member_id: Uuid,
    body: OrganizationMemberAccessUpdate,
) -> ApiResult<Member> {
    let caller = lock_as_admin(tx, caller)?;
    let (mut member, person) = store::find(tx, caller.organization_id, member_id)?.ok_or_else(ApiError::not_found)?;
    let wanted = Grants::new(body.board_access.into_iter().map(Into::into));
    wanted.check(tx, caller.organization_id)?;
    let before = (member.all_boards_read, member.all_boards_write, grants::of_member(tx, member.id)?);
    member.all_boards_read = body.all_boards_read;
    member.all_boards_write = body.all_boards_write;
    let kept = if member.reads_all_boards() { Grants::default() } else { wanted };
    let changes = before != (member.all_boards_read, member.all_boards_write, kept.clone());
    if changes && member.role == Role::Owner && caller.role != Role::Owner {
        return Err(ApiError::forbidden_because(ONLY_OWNERS_CHANGE));
    }
    member.updated_at = Timestamp::now();
    store::save(tx, &member)?;
    grants::replace(tx, member.id, &kept, member.updated_at)?;
    Ok(Member::load(tx, member, person)?)
}

/// Ends a membership with everything that leads back to it: rights on boards, and pending invitations to the same address
/// and by the same person.
///
/// # Errors
/// 404 when the organization has no such member; 403 for oneself, and for an owner unless the caller is one; 422 for the
/// last owner; a database failure.
pub fn remove(tx: &mut Tx<'_>, caller: &Membership, member_id: Uuid) -> ApiResult<()> {
    let caller = lock_as_admin(tx, caller)?;
    let (member, person) = store::find(tx, caller.organization_id, member_id)?.ok_or_else(ApiError::not_found)?;
    if member.id == caller.id {
        return Err(ApiError::forbidden_because("You cannot remove yourself from the organization"));
    }
    if member.role == Role::Owner && caller.role != Role::Owner {
        return Err(ApiError::forbidden_because("Only owners can remove owners"));
    }
    require_another_owner(tx, &member)?;
    store::delete(tx, member.id)?;
    let fallback = organizations::oldest_membership(tx, member.user_id)?.map(|other| other.organization_id);
    users::store::leave_organization(tx, member.user_id, member.organization_id, fallback)?;
    invites::store::withdraw(tx, member.organization_id, member.user_id, None)?;
    if let Some(email) = person.email {
        invites::store::delete_pending_for(tx, member.organization_id, &normalised_email(&email))?;
    }
    Ok(())
}

/// Refuses to go on when this member is the only owner.
fn require_another_owner(tx: &mut Tx<'_>, member: &Membership) -> ApiResult<()> {
    if member.role == Role::Owner && !store::has_another_owner(tx, member.organization_id, member.id)? {
        return Err(ApiError::unprocessable(NEEDS_AN_OWNER));
    }
    Ok(())
}
