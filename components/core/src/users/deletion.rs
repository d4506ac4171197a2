//! Deleting a person.

use super::{User, store};
use crate::db::Tx;
use crate::http::ApiResult;
use crate::organizations;

/// Deletes a person and the organizations that nobody else is a member of.
///
/// # Errors
/// 409 when an organization would be left with members and no owner: nothing is deleted then. A database failure.
pub fn delete(tx: &mut Tx<'_>, user: &User) -> ApiResult<()> {
    organizations::deletion::of_leaving_person(tx, user.id)?;
    Ok(store::delete(tx, user.id)?)
}
