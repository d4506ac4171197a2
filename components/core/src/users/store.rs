//! SQL of people.

use uuid::Uuid;

use super::User;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

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

/// Makes a person without e-mail and name, whose profile was asked for at this time. `None` if there is one already.
///
/// # Errors
/// A database failure.
pub fn create(tx: &mut Tx<'_>, external_id: &str, profile_checked_at: Timestamp) -> Result<Option<User>, DbError> {
    let sql = format!(
        "INSERT INTO users (id, clerk_user_id, is_super_admin, profile_checked_at) VALUES ($1, $2, FALSE, $3)
         ON CONFLICT (clerk_user_id) DO NOTHING RETURNING {}",
        User::COLUMNS.join(", ")
    );
    tx.first(&sql, &params![Uuid::new_v4(), external_id, profile_checked_at])
}

/// The person with this external id, whose row is locked until the end of the transaction.
///
/// # Errors
/// A database failure.
pub fn find_locked(tx: &mut Tx<'_>, external_id: &str) -> Result<Option<User>, DbError> {
    let sql = format!("SELECT {} FROM users WHERE clerk_user_id = $1{}", User::COLUMNS.join(", "), tx.for_update());
    tx.first(&sql, &params![external_id])
}

/// Overwrites what the identity provider says about the person.
///
/// # Errors
/// A database failure.
pub fn save_identity(tx: &mut Tx<'_>, user: &User) -> Result<(), DbError> {
    tx.execute(
        "UPDATE users SET email = $1, email_verified = $2, name = $3 WHERE id = $4",
        &params![&user.email, user.email_verified, &user.name, user.id],
    )
}

/// Notes that the person's profile is asked for now, unless it was after `before`: then the answer is no.
///
/// # Errors
/// A database failure.
pub fn claim_profile_check(tx: &mut Tx<'_>, id: Uuid, now: Timestamp, before: Timestamp) -> Result<bool, DbError> {
    tx.exists(
        "UPDATE users SET profile_checked_at = $1
         WHERE id = $2 AND (profile_checked_at IS NULL OR profile_checked_at <= $3) RETURNING id",
        &params![now, id, before],
    )
}

/// Remembers that the account with this external id (as a hash) was deleted.
///
/// # Errors
/// A database failure.
pub fn insert_deleted(tx: &mut Tx<'_>, external_id_hash: &str, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO deleted_accounts (external_id_hash, deleted_at) VALUES ($1, $2)
         ON CONFLICT (external_id_hash) DO UPDATE SET deleted_at = excluded.deleted_at",
        &params![external_id_hash, now],
    )
}

/// Whether the account with this external id (as a hash) was deleted.
///
/// # Errors
/// A database failure.
pub fn was_deleted(tx: &mut Tx<'_>, external_id_hash: &str) -> Result<bool, DbError> {
    tx.exists("SELECT 1 FROM deleted_accounts WHERE external_id_hash = $1", &params![external_id_hash])
}

/// Whether any account is remembered that was deleted before this time.
///
/// # Errors
/// A database failure.
pub fn has_deleted_before(tx: &mut Tx<'_>, before: Timestamp) -> Result<bool, DbError> {
    tx.exists("SELECT 1 FROM deleted_accounts WHERE deleted_at < $1 LIMIT 1", &params![before])
}

/// Forgets some of the accounts that were deleted before this time.
///
/// # Errors
/// A database failure.
pub fn forget_deleted(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM deleted_accounts WHERE external_id_hash IN (
             SELECT external_id_hash FROM deleted_accounts WHERE deleted_at < $1 ORDER BY deleted_at LIMIT $2
         )",
        &params![before, limit],
    )
}
