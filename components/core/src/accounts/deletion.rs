//! Deleting a person.

use super::{organization_deletion, remote};
use crate::users::{User, store};
use mission_control_platform::db::Tx;
use mission_control_platform::settings::Settings;
use mission_control_web::http::ApiResult;

/// Deletes a person and the organizations that nobody else is a member of; the account at the identity provider follows.
///
/// # Errors
/// 409 when an organization would be left with members and no owner: nothing is deleted then. A database failure.
pub fn delete(tx: &mut Tx<'_>, settings: &Settings, user: &User) -> ApiResult<()> {
    organization_deletion::of_leaving_person(tx, user.id)?;
    remote::schedule_deletion(tx, settings, &user.clerk_user_id)?;
    Ok(store::delete(tx, user.id)?)
}
