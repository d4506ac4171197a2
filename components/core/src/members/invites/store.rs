//! SQL of invitations.

use uuid::Uuid;

use super::Invite;
use crate::organizations::Role;
use mission_control_platform::db::{DbError, Page, Paging, Tx, Value};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// The condition for an invitation that can be accepted; parameter `number` is the present time. Whoever made it must
/// still have the right to: rights do not outlive those of the one who grants them.
fn pending(number: usize) -> String {
    format!(
        "accepted_at IS NULL AND (expires_at IS NULL OR expires_at > ${number}) AND EXISTS (
             SELECT 1 FROM organization_members m
             WHERE m.organization_id = organization_invites.organization_id
             AND m.user_id = organization_invites.created_by_user_id
             AND (m.role = 'owner' OR (m.role = 'admin' AND organization_invites.role <> 'owner')))"
    )
}

/// Stores a new invitation.
///
/// # Errors
/// A database failure.
pub fn insert(tx: &mut Tx<'_>, invite: &Invite) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO organization_invites (id, organization_id, invited_email, token_hash, role, all_boards_read,
         all_boards_write, created_by_user_id, created_at, updated_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &params![
            invite.id,
            invite.organization_id,
            &invite.invited_email,
            &invite.token_hash,
            invite.role,
            invite.all_boards_read,
            invite.all_boards_write,
            invite.created_by_user_id,
            invite.created_at,
            invite.updated_at,
            invite.expires_at
        ],
    )
}

/// One page of the pending invitations of an organization, newest first.
///
/// # Errors
/// A database failure.
pub fn page_of_pending(tx: &mut Tx<'_>, organization_id: Uuid, paging: &Paging) -> Result<Page<Invite>, DbError> {
    let now = Timestamp::now();
    let wanted = format!("organization_id = $1 AND {}", pending(2));
    let total = format!("SELECT count(*) FROM organization_invites WHERE {wanted}");
    let sql = format!(
        "SELECT {}, ({total}) FROM organization_invites WHERE {wanted} ORDER BY created_at DESC, id DESC LIMIT $3 OFFSET $4",
        Invite::COLUMNS.join(", ")
    );
    let rows = tx.all(&sql, &params![organization_id, now, paging.limit(), paging.offset()])?;
    paging.counted(rows, || tx.one(&total, &params![organization_id, now]))
}

/// The pending invitation with this hash of its token.
///
/// # Errors
/// A database failure.
pub fn pending_with_token(tx: &mut Tx<'_>, token_hash: &str) -> Result<Option<Invite>, DbError> {
    first_pending(tx, "token_hash = $1", "", token_hash.into())
}

/// The oldest pending invitation of this e-mail address, of any organization.
///
/// # Errors
/// A database failure.
pub fn oldest_pending_for(tx: &mut Tx<'_>, email: &str) -> Result<Option<Invite>, DbError> {
    first_pending(tx, "invited_email = $1", " ORDER BY created_at, id LIMIT 1", email.into())
}

/// The invitation, if it is still pending, locked until the end of the transaction.
///
/// # Errors
/// A database failure.
pub fn lock_pending(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Invite>, DbError> {
    let lock = tx.for_update();
    first_pending(tx, "id = $1", lock, id.into())
}

fn first_pending(tx: &mut Tx<'_>, which: &str, rest: &str, key: Value) -> Result<Option<Invite>, DbError> {
    let sql = format!(
        "SELECT {} FROM organization_invites WHERE {which} AND {}{rest}",
        Invite::COLUMNS.join(", "),
        pending(2)
    );
    tx.first(&sql, &[key, Timestamp::now().into()])
}

/// Notes who accepted an invitation.
///
/// # Errors
/// A database failure.
pub fn mark_accepted(tx: &mut Tx<'_>, id: Uuid, user_id: Uuid, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "UPDATE organization_invites SET accepted_by_user_id = $1, accepted_at = $2, updated_at = $2 WHERE id = $3",
        &params![user_id, now, id],
    )
}

/// Deletes an invitation of this organization, pending or not, with the rights it would give.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<Option<Invite>, DbError> {
    let sql = format!(
        "DELETE FROM organization_invites WHERE organization_id = $1 AND id = $2 RETURNING {}",
        Invite::COLUMNS.join(", ")
    );
    tx.first(&sql, &params![organization_id, id])
}

/// Deletes the invitations of this e-mail address (in small letters) to an organization that nobody has accepted.
///
/// # Errors
/// A database failure.
pub fn delete_pending_for(tx: &mut Tx<'_>, organization_id: Uuid, email: &str) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM organization_invites
         WHERE organization_id = $1 AND lower(invited_email) = $2 AND accepted_at IS NULL",
        &params![organization_id, email],
    )
}

/// Deletes the invitations by this person to an organization that nobody has accepted and that the person, whose role
/// there is this one now, could not make any more.
///
/// # Errors
/// A database failure.
pub fn withdraw(tx: &mut Tx<'_>, organization_id: Uuid, inviter: Uuid, role: Option<Role>) -> Result<(), DbError> {
    let beyond = match role {
        Some(Role::Owner) => return Ok(()),
        Some(Role::Admin) => " AND role = 'owner'",
        Some(Role::Member) | None => "",
    };
    let sql = format!(
        "DELETE FROM organization_invites
         WHERE organization_id = $1 AND created_by_user_id = $2 AND accepted_at IS NULL{beyond}"
    );
    tx.execute(&sql, &params![organization_id, inviter])
}
