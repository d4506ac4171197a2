//! Accepting an invitation: once, by whom it is addressed to.

use uuid::Uuid;

use super::{Invite, store};
use crate::members::grants::{self, Holder};
use crate::members::{self, Member, Person};
use crate::organizations::{Membership, normalised_email, store as organizations};
use crate::users::User;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_platform::tokens;
use mission_control_web::http::ApiError;

/// Why an invitation was not accepted.
#[derive(Debug)]
pub enum Refused {
    /// No pending invitation has this token.
    Unknown,
    /// It is for another address, or the person's own is not known.
    NotAddressed,
    /// The database failed.
    Database(DbError),
}

impl From<DbError> for Refused {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Unknown => Self::not_found(),
            Refused::NotAddressed => Self::forbidden(),
            Refused::Database(error) => error.into(),
        }
    }
}

/// Makes the person a member as the invitation with this token says. Who is one already gets what it adds.
///
/// # Errors
/// As [`Refused`] says.
pub fn accept(tx: &mut Tx<'_>, user: &User, token: &str) -> Result<Member, Refused> {
    let found = store::pending_with_token(tx, &tokens::lookup_hash(token))?.ok_or(Refused::Unknown)?;
    let invite = claim(tx, &found)?.ok_or(Refused::Unknown)?;
    let email = user.email.as_deref().map(normalised_email).unwrap_or_default();
    if email.is_empty() || email != normalised_email(&invite.invited_email) {
        return Err(Refused::NotAddressed);
    }
    let membership = match organizations::membership(tx, invite.organization_id, user.id)? {
        Some(membership) => merge(tx, &invite, membership)?,
        None => join(tx, &invite, user.id)?,
    };
    Ok(Member::load(tx, membership, Person::from(user))?)
}

/// Makes a person a member by the oldest pending invitation of this e-mail address, if there is one.
///
/// # Errors
/// A database failure.
pub fn accept_oldest(tx: &mut Tx<'_>, user_id: Uuid, email: &str) -> Result<Option<Membership>, DbError> {
    while let Some(found) = store::oldest_pending_for(tx, email)? {
        // Revoked or accepted by another in the meantime: then the next one is the oldest.
        if let Some(invite) = claim(tx, &found)? {
            return join(tx, &invite, user_id).map(Some);
        }
    }
    Ok(None)
}

/// Locks the organization and the invitation, in the order of everything that changes members. None if it is not pending
/// any more.
fn claim(tx: &mut Tx<'_>, found: &Invite) -> Result<Option<Invite>, DbError> {
    organizations::lock(tx, found.organization_id)?;
    store::lock_pending(tx, found.id)
}

fn join(tx: &mut Tx<'_>, invite: &Invite, user_id: Uuid) -> Result<Membership, DbError> {
    let now = Timestamp::now();
    let membership = Membership {
        id: Uuid::new_v4(),
        organization_id: invite.organization_id,
        user_id,
        role: invite.role,
        all_boards_read: invite.all_boards_read,
        all_boards_write: invite.all_boards_write,
        created_at: now,
        updated_at: now,
    };
    organizations::insert_membership(tx, &membership)?;
    hand_over(tx, invite, &membership, now)?;
    Ok(membership)
}

/// Never takes anything away: the higher role and the union of rights stay.
fn merge(tx: &mut Tx<'_>, invite: &Invite, mut membership: Membership) -> Result<Membership, DbError> {
    let now = Timestamp::now();
    if invite.role.outranks(membership.role) {
        membership.role = invite.role;
    }
    membership.all_boards_read |= invite.reads_all_boards();
    membership.all_boards_write |= invite.all_boards_write;
    membership.updated_at = now;
    members::store::save(tx, &membership)?;
    hand_over(tx, invite, &membership, now)?;
    Ok(membership)
}

/// Gives the invitation's rights on single boards, unless it has one on all of them, and notes that it is accepted.
fn hand_over(tx: &mut Tx<'_>, invite: &Invite, membership: &Membership, now: Timestamp) -> Result<(), DbError> {
    if !invite.reads_all_boards() {
        let rights = grants::of_invite(tx, invite.id)?;
        grants::add(tx, Holder::Member(membership.id), &rights, now)?;
    }
    store::mark_accepted(tx, invite.id, membership.user_id, now)
}
