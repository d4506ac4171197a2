//! Invitations: an e-mail address, a role and rights on boards, and a secret token that is shown once.

pub mod accept;
pub mod store;
pub mod wire;

use std::time::Duration;

use uuid::Uuid;

use crate::members::change::ONLY_OWNERS_GRANT;
use crate::members::grants::{self, Grants, Holder};
use crate::members::{self, lock_as_admin};
use crate::organizations::{Membership, Role, normalised_email};
use mission_control_platform::db::Tx;
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
    fn reads_all_boards(&self) -> bool {
        self.all_boards_read || self.all_boards_write
    }
}

/// Bytes of an invitation's token; as text it has 32 characters.
const TOKEN_BYTES: usize = 24;

/// Invites an e-mail address for `ttl_hours` hours (0: for ever). The answer is the only one that carries the token.
///
/// # Errors
/// 422 when the address is blank or a board is not the organization's; 403 when an admin invites an owner; 409 when
/// somebody with this address is a member already; a database failure.
pub fn create(
    tx: &mut Tx<'_>,
    caller: &Membership,
    body: OrganizationInviteCreate,
    ttl_hours: u32,
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

    let now = Timestamp::now();
    let invite = Invite {
        id: Uuid::new_v4(),
        organization_id: caller.organization_id,
        invited_email,
        role: body.role.0,
        all_boards_read: body.all_boards_read,
        all_boards_write: body.all_boards_write,
        created_by_user_id: Some(caller.user_id),
        accepted_by_user_id: None,
        accepted_at: None,
        created_at: now,
        updated_at: now,
        expires_at: (ttl_hours > 0).then(|| now.plus(Duration::from_secs(u64::from(ttl_hours) * 3600))),
    };
    let token = tokens::generate::<TOKEN_BYTES>()?;
    store::insert(tx, &invite, &tokens::lookup_hash(&token))?;
    if !invite.reads_all_boards() {
        grants::add(tx, Holder::Invite(invite.id), &wanted, now)?;
    }
    Ok(OrganizationInviteRead { token, ..invite.into() })
}
