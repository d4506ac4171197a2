//! SQL of people.

use uuid::Uuid;

use super::User;
use crate::db::{DbError, Tx};
use crate::params;

/// The person with this external id, made with these values if there is none. Safe against a concurrent first request.
///
/// # Errors
/// A database failure.
pub fn get_or_create(tx: &mut Tx<'_>, external_id: &str, email: &str, name: &str) -> Result<User, DbError> {
    // The no-op update makes RETURNING give the existing row.
    let sql = format!(
        "INSERT INTO users (id, clerk_user_id, email, name, is_super_admin) VALUES ($1, $2, $3, $4, FALSE)
         ON CONFLICT (clerk_user_id) DO UPDATE SET clerk_user_id = excluded.clerk_user_id RETURNING {}",
        User::COLUMNS.join(", ")
    );
    tx.one(&sql, &params![Uuid::new_v4(), external_id, email, name])
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
