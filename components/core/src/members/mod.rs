//! Members of an organization: who they are, their roles and their rights on boards.

pub mod change;
pub mod grants;
pub mod invites;
pub mod store;
pub mod wire;

use uuid::Uuid;

use crate::organizations::{Membership, store as organizations};
use crate::users::User;
use grants::BoardGrant;
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_platform::record;
use mission_control_web::http::{ApiError, ApiResult};

record! {
    /// What other members see of a person.
    #[derive(Clone, Debug)]
    pub struct Person {
        /// Identifier.
        pub id: Uuid,
        /// E-mail address, if known.
        pub email: Option<String>,
        /// Full name.
        pub name: Option<String>,
        /// What the person wants to be called.
        pub preferred_name: Option<String>,
    }
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            name: user.name.clone(),
            preferred_name: user.preferred_name.clone(),
        }
    }
}

/// A membership with everything that is shown of it.
#[derive(Clone, Debug)]
pub struct Member {
    /// The membership.
    pub membership: Membership,
    /// The person.
    pub person: Person,
    /// The rights on single boards.
    pub board_access: Vec<BoardGrant>,
}

impl Member {
    /// The membership with its rights as they are stored now.
    ///
    /// # Errors
    /// A database failure.
    pub fn load(tx: &mut Tx<'_>, membership: Membership, person: Person) -> Result<Self, DbError> {
        let board_access = grants::of_members(tx, &[membership.id])?.remove(&membership.id).unwrap_or_default();
        Ok(Self { membership, person, board_access })
    }
}

/// One page of the members of an organization, by e-mail address, then name.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, organization_id: Uuid, paging: &Paging) -> Result<Page<Member>, DbError> {
    let page = store::page(tx, organization_id, paging)?;
    let ids: Vec<Uuid> = page.items.iter().map(|(membership, _)| membership.id).collect();
    let mut grants = grants::of_members(tx, &ids)?;
    Ok(page.map(|(membership, person)| {
        let board_access = grants.remove(&membership.id).unwrap_or_default();
        Member { membership, person, board_access }
    }))
}

/// A member, read by another one: rights are shown to the member and to admins.
///
/// # Errors
/// 404 when the organization has no such member, 403 when it is somebody else and the reader is no admin, a database
/// failure.
pub fn read(tx: &mut Tx<'_>, reader: &Membership, member_id: Uuid) -> ApiResult<Member> {
    let (membership, person) = store::find(tx, reader.organization_id, member_id)?.ok_or_else(ApiError::not_found)?;
    if membership.id != reader.id && !reader.role.is_admin() {
        return Err(ApiError::forbidden());
    }
    Ok(Member::load(tx, membership, person)?)
}

/// Locks the organization and gives the caller's membership as it is now: it may have changed since the caller signed in.
///
/// # Errors
/// 403 when the caller is no admin any more, a database failure.
pub fn lock_as_admin(tx: &mut Tx<'_>, caller: &Membership) -> ApiResult<Membership> {
    organizations::lock(tx, caller.organization_id)?;
    organizations::membership(tx, caller.organization_id, caller.user_id)?
        .filter(|caller| caller.role.is_admin())
        .ok_or_else(ApiError::forbidden)
}
