//! Organizations (the tenants), memberships and roles.

pub mod provisioning;
pub mod store;
pub mod wire;

use uuid::Uuid;

use crate::time::Timestamp;
use crate::{record, words};

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
}
