//! Deleting a person.

use super::{User, remote, store};
use crate::db::Tx;
use crate::http::ApiResult;
use crate::organizations;
use crate::settings::Settings;

/// Deletes a person and the organizations that nobody else is a member of; the identity provider is told afterwards.
///
/// # Errors
/// 409 when an organization would be left with members and no owner: nothing is deleted then. A database failure.
pub fn delete(tx: &mut Tx<'_>, settings: &Settings, user: &User) -> ApiResult<()> {
    organizations::deletion::of_leaving_person(tx, user.id)?;
    remote::schedule_deletion(tx, settings, &user.clerk_user_id)?;
    Ok(store::delete(tx, user.id)?)
}
