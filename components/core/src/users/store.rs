//! SQL of people.

use uuid::Uuid;

use super::User;
use crate::db::{DbError, Tx};
use crate::params;

/// The person with this external id, made with these values if there is none; the answer says whether it was made now.
/// Safe against a concurrent first request.
///
/// # Errors
/// A database failure.
pub fn get_or_create(
    tx: &mut Tx<'_>,
    external_id: &str,
    email: &str,
    name: &str,
    email_verified: bool,
) -> Result<(User, bool), DbError> {
    // The no-op update makes RETURNING give the existing row.
    let sql = format!(
        "INSERT INTO users (id, clerk_user_id, email, name, is_super_admin, email_verified)
         VALUES ($1, $2, $3, $4, FALSE, $5)
         ON CONFLICT (clerk_user_id) DO UPDATE SET clerk_user_id = excluded.clerk_user_id RETURNING {}",
        User::COLUMNS.join(", ")
    );
    let id = Uuid::new_v4();
    let user: User = tx.one(&sql, &params![id, external_id, email, name, email_verified])?;
    let is_new = user.id == id;
    Ok((user, is_new))
}

/// Locks the person's row until the end of the transaction.
///
/// # Errors
/// A database failure.
pub fn lock(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    let sql = format!("SELECT 1 FROM users WHERE id = $1{}", tx.for_update());
    tx.execute(&sql, &params![id])
}

/// Deletes the person, and by the schema's cascades their memberships; what they did stays without naming them.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM users WHERE id = $1", &params![id])
}

/// Makes `next` the person's active organization if it was `organization_id`.
///
/// # Errors
/// A database failure.
pub fn leave_organization(
    tx: &mut Tx<'_>,
    user_id: Uuid,
    organization_id: Uuid,
    next: Option<Uuid>,
) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET active_organization_id = $1 WHERE id = $2 AND active_organization_id = $3",
        &params![next, user_id, organization_id],
    )
}

/// Sets the organization that routes without an id act on.
///
/// # Errors
/// A database failure.
pub fn set_active_organization(tx: &mut Tx<'_>, user_id: Uuid, organization_id: Option<Uuid>) -> Result<(), DbError> {
    tx.execute("UPDATE users SET active_organization_id = $1 WHERE id = $2", &params![organization_id, user_id])
}

/// Overwrites everything that a person may change about themselves.
///
/// # Errors
/// A database failure.
pub fn save_profile(tx: &mut Tx<'_>, user: &User) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET email = $1, name = $2, preferred_name = $3, pronouns = $4, timezone = $5, notes = $6, context = $7
         WHERE id = $8",
        &params![
            &user.email, &user.name, &user.preferred_name, &user.pronouns, &user.timezone, &user.notes, &user.context, user.id
        ],
    )
}
