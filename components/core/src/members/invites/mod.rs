//! Invitations: an e-mail address, a role and rights on boards, and a secret token that admins can read while it is pending.
//!
//! The token is derived from the server's key and stored as a hash only.

pub mod accept;
pub mod store;
pub mod wire;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::keys::{Purpose, ServerKey};
use crate::members::change::ONLY_OWNERS_GRANT;
use crate::members::grants::{self, Grants, Holder};
use crate::members::{self, lock_as_admin};
use crate::organizations::{Membership, Role, normalised_email};
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use mission_control_platform::{record, tokens};
use mission_control_web::http::{ApiError, ApiResult};
use wire::{OrganizationInviteCreate, OrganizationInviteRead};

record! {
    /// An invitation. It is pending until it is accepted or expires.
    #[derive(Clone, Debug)]
    pub struct Invite {
        /// Identifier.
        pub id: Uuid,
        /// The organization that it opens.
        pub organization_id: Uuid,
        /// Who may accept it: trimmed, in small letters.
        pub invited_email: String,
        /// The hash of the token that accepts it.
        pub token_hash: String,
        /// The role it gives.
        pub role: Role,
        /// Gives reading of every board.
        pub all_boards_read: bool,
        /// Gives changing of every board.
        pub all_boards_write: bool,
        /// Who made it, while that person exists.
        pub created_by_user_id: Option<Uuid>,
        /// Who accepted it, while that person exists.
        pub accepted_by_user_id: Option<Uuid>,
        /// When it was accepted.
        pub accepted_at: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
        /// When it ends, if nobody accepts it before.
        pub expires_at: Option<Timestamp>,
    }
}

impl Invite {
    /// What admins see of it. The token is empty where it cannot be derived: the invitation is older than derived tokens,
    /// or the server has another key since.
    fn shown_to_admins(self, key: Option<&ServerKey>) -> OrganizationInviteRead {
        let token = key.map(|key| token_of(key, self.id)).filter(|token| tokens::lookup_hash(token) == self.token_hash);
        OrganizationInviteRead { token: token.unwrap_or_default(), ..self.into() }
    }

    fn reads_all_boards(&self) -> bool {
        self.all_boards_read || self.all_boards_write
    }
}

/// Bytes of an invitation's token; as text it has 32 characters.
const TOKEN_BYTES: usize = 24;

/// The token of the invitation with this id.
fn token_of(key: &ServerKey, id: Uuid) -> String {
    let derived = key.derive(Purpose::Invitation, id.as_bytes());
    URL_SAFE_NO_PAD.encode(derived.get(..TOKEN_BYTES).unwrap_or(&derived))
}

/// One page of the pending invitations of an organization, newest first, as its admins see them.
///
/// # Errors
/// A database failure.
pub fn page_for_admins(
    tx: &mut Tx<'_>,
    settings: &Settings,
    organization_id: Uuid,
    paging: &Paging,
) -> Result<Page<OrganizationInviteRead>, DbError> {
    let key = ServerKey::find(tx, settings)?;
    Ok(store::page_of_pending(tx, organization_id, paging)?.map(|invite| invite.shown_to_admins(key.as_ref())))
}

/// Invites an e-mail address for the time of the settings. The answer carries the token.
///
/// # Errors
/// 422 when the address is blank or a board is not the organization's; 403 when an admin invites an owner; 409 when
/// somebody with this address is a member already; a database failure.
pub fn create(
    tx: &mut Tx<'_>,
    settings: &Settings,
    caller: &Membership,
    body: OrganizationInviteCreate,
) -> ApiResult<OrganizationInviteRead> {
    let invited_email = normalised_email(&body.invited_email);
    if invited_email.is_empty() {
        return Err(ApiError::status(http::StatusCode::UNPROCESSABLE_ENTITY));
    }
    let caller = lock_as_admin(tx, caller)?;
    if body.role.0 == Role::Owner && caller.role != Role::Owner {
        return Err(ApiError::forbidden_because(ONLY_OWNERS_GRANT));
    }
    if members::store::has_address(tx, caller.organization_id, &invited_email)? {
        return Err(ApiError::status(http::StatusCode::CONFLICT));
    }
    let wanted = Grants::new(body.board_access.into_iter().map(Into::into));
    wanted.check(tx, caller.organization_id)?;

    let key = ServerKey::find_or_make(tx, settings)?;
    let (id, now) = (Uuid::new_v4(), Timestamp::now());
    let invite = Invite {
        id,
        organization_id: caller.organization_id,
        invited_email,
        token_hash: tokens::lookup_hash(&token_of(&key, id)),
        role: body.role.0,
        all_boards_read: body.all_boards_read,
        all_boards_write: body.all_boards_write,
        created_by_user_id: Some(caller.user_id),
        accepted_by_user_id: None,
        accepted_at: None,
        created_at: now,
        updated_at: now,
        expires_at: expiry(now, settings.invite_ttl_hours),
    };
    store::insert(tx, &invite)?;
    if !invite.reads_all_boards() {
        grants::add(tx, Holder::Invite(invite.id), &wanted, now)?;
    }
    Ok(invite.shown_to_admins(Some(&key)))
}

/// The end of an invitation that is made now; with 0 hours it has none.
fn expiry(now: Timestamp, ttl_hours: u32) -> Option<Timestamp> {
    (ttl_hours > 0).then(|| now.plus(Duration::from_secs(u64::from(ttl_hours) * 3600)))
}
