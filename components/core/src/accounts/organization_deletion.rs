//! Deleting organizations, and what happens to a person's organizations when the person goes.

use uuid::Uuid;

use crate::members::{invites, lock_as_admin};
use crate::organizations::{Membership, NEEDS_AN_OWNER, Role, store};
use crate::users;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult};

/// Deletes the caller's organization with everything in it.
///
/// # Errors
/// 403 unless the caller is an owner, a database failure.
pub fn by_owner(tx: &mut Tx<'_>, caller: &Membership) -> ApiResult<()> {
    if lock_as_admin(tx, caller)?.role != Role::Owner {
        return Err(ApiError::forbidden_because("Only organization owners can delete organizations"));
    }
    Ok(store::delete(tx, caller.organization_id)?)
}

/// Deletes the organizations that the person is the only member of, and the person's pending invitations to others. The
/// memberships of those end with the person, whose row stays locked until the end of the transaction.
///
/// # Errors
/// 409 when another organization would have members and no owner, a database failure.
pub fn of_leaving_person(tx: &mut Tx<'_>, user_id: Uuid) -> ApiResult<()> {
    store::lock_all_of(tx, user_id)?;
    users::store::lock(tx, user_id)?;
    // From here on nobody can make the person a member; whoever did before is seen now.
    store::lock_all_of(tx, user_id)?;
    for company in store::company_of(tx, user_id)? {
        if company.other_members == 0 {
            store::delete(tx, company.organization_id)?;
        } else if company.role == Role::Owner && company.other_owners == 0 {
            return Err(ApiError::conflict(NEEDS_AN_OWNER));
        } else {
            invites::store::withdraw(tx, company.organization_id, user_id, None)?;
        }
    }
    Ok(())
}
