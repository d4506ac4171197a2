//! Organizations (the tenants), memberships and roles.

pub mod store;
pub mod wire;

use uuid::Uuid;

use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::words;

use crate::users::User;

words! {
    /// A member's role. Roles give no rights on boards.
    pub enum Role {
        /// Everything an admin may, and deleting the organization.
        Owner = "owner",
        /// Manages members, gateways, agents, tags and fields.
        Admin = "admin",
        /// Works on boards.
        Member = "member",
    }
}

impl Role {
    /// Owner or admin.
    #[must_use]
    pub fn is_admin(self) -> bool {
        self != Self::Member
    }

    /// Whether it allows more than the other role.
    #[must_use]
    pub fn outranks(self, other: Self) -> bool {
        self.rank() > other.rank()
    }

    fn rank(self) -> u8 {
        match self {
            Self::Owner => 2,
            Self::Admin => 1,
            Self::Member => 0,
        }
    }

    /// The role that a client means: white space around it and the case of its letters do not count, blank is `member`.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let word = text.trim().to_lowercase();
        if word.is_empty() { Some(Self::Member) } else { Self::from_word(&word) }
    }
}

/// What every change that would leave an organization without an owner is told.
pub const NEEDS_AN_OWNER: &str = "Organization must have at least one owner";

/// An e-mail address as it is compared and stored: trimmed, in small letters.
#[must_use]
pub fn normalised_email(email: &str) -> String {
    email.trim().to_lowercase()
}

record! {
    /// A tenant.
    #[derive(Clone, Debug)]
    pub struct Organization {
        /// Identifier.
        pub id: Uuid,
        /// Shown to people; not unique.
        pub name: String,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

record! {
    /// A person's membership of an organization.
    #[derive(Clone, Debug)]
    pub struct Membership {
        /// Identifier.
        pub id: Uuid,
        /// The organization.
        pub organization_id: Uuid,
        /// The person.
        pub user_id: Uuid,
        /// The role.
        pub role: Role,
        /// May read every board.
        pub all_boards_read: bool,
        /// May change every board.
        pub all_boards_write: bool,
        /// When the person joined.
        pub created_at: Timestamp,
        /// When the membership was last changed.
        pub updated_at: Timestamp,
    }
}

impl Membership {
    /// Whether every board of the organization may be read.
    #[must_use]
    pub fn reads_all_boards(&self) -> bool {
        self.all_boards_read || self.all_boards_write
    }

    /// Whether every board of the organization may be changed.
    #[must_use]
    pub fn writes_all_boards(&self) -> bool {
        self.all_boards_write
    }
}

/// A signed-in person with their membership of the active organization, or of the one that the request names; they always
/// have one.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person.
    pub user: User,
    /// Their membership of the organization that the request acts on.
    pub membership: Membership,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_whatever_its_case_and_blank_is_member() {
        assert_eq!(Role::from_text(" Admin "), Some(Role::Admin));
        assert_eq!(Role::from_text("OWNER"), Some(Role::Owner));
        assert_eq!(Role::from_text("  "), Some(Role::Member));
        assert_eq!(Role::from_text("wizard"), None);
    }

    #[test]
    fn an_owner_outranks_an_admin_who_outranks_a_member() {
        assert!(Role::Owner.outranks(Role::Admin) && Role::Admin.outranks(Role::Member));
        assert!(!Role::Admin.outranks(Role::Admin) && !Role::Member.outranks(Role::Owner));
    }
}
