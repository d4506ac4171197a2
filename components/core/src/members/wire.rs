//! Bodies of the routes of members.

use uuid::Uuid;

use super::{Member, Person};
use crate::members::grants::{BoardGrant, NewGrant};
use crate::organizations::Role;
use crate::organizations::wire::RoleText;
use mission_control_platform::time::Timestamp;
use mission_control_web::{request, response};

response! {
    /// What members see of each other.
    pub struct OrganizationUserRead {
        pub id: Uuid,
        pub email: Option<String>,
        pub name: Option<String>,
        pub preferred_name: Option<String>,
    }
}

impl From<Person> for OrganizationUserRead {
    fn from(person: Person) -> Self {
        let Person { id, email, name, preferred_name } = person;
        Self { id, email, name, preferred_name }
    }
}

response! {
    /// A member's right on one board.
    pub struct OrganizationBoardAccessRead {
        pub id: Uuid,
        pub board_id: Uuid,
        pub can_read: bool,
        pub can_write: bool,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<BoardGrant> for OrganizationBoardAccessRead {
    fn from(grant: BoardGrant) -> Self {
        let BoardGrant { id, board_id, can_read, can_write, created_at, updated_at } = grant;
        Self { id, board_id, can_read, can_write, created_at, updated_at }
    }
}

response! {
    /// A member of an organization.
    pub struct OrganizationMemberRead {
        pub id: Uuid,
        pub organization_id: Uuid,
        pub user_id: Uuid,
        pub role: Role,
        pub all_boards_read: bool,
        pub all_boards_write: bool,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        pub user: Option<OrganizationUserRead>,
        /// Rights on single boards; they matter where neither flag is set.
        pub board_access: Vec<OrganizationBoardAccessRead>,
    }
}

impl From<Member> for OrganizationMemberRead {
    fn from(member: Member) -> Self {
        let Member { membership, person, board_access } = member;
        Self {
            id: membership.id,
            organization_id: membership.organization_id,
            user_id: membership.user_id,
            role: membership.role,
            all_boards_read: membership.all_boards_read,
            all_boards_write: membership.all_boards_write,
            created_at: membership.created_at,
            updated_at: membership.updated_at,
            user: Some(person.into()),
            board_access: board_access.into_iter().map(Into::into).collect(),
        }
    }
}

request! {
    /// Which member.
    pub struct MemberPath {
        pub member_id: Uuid,
    }
}

request! {
    /// A right on one board.
    pub struct OrganizationBoardAccessSpec {
        pub board_id: Uuid,
        pub can_read: bool = true,
        /// Includes reading.
        pub can_write: bool = false,
    }
}

impl From<OrganizationBoardAccessSpec> for NewGrant {
    fn from(spec: OrganizationBoardAccessSpec) -> Self {
        let OrganizationBoardAccessSpec { board_id, can_read, can_write } = spec;
        Self { board_id, can_read, can_write }
    }
}

request! {
    /// Changes of a member.
    pub struct OrganizationMemberUpdate {
        /// `owner`, `admin` or `member`; null changes nothing.
        pub role: Option<RoleText> = None,
    }
}

request! {
    /// All rights that a member shall have on boards.
    pub struct OrganizationMemberAccessUpdate {
        pub all_boards_read: bool = false,
        pub all_boards_write: bool = false,
        /// Rights on single boards; not kept when a flag is set.
        pub board_access: Vec<OrganizationBoardAccessSpec> = Vec::new(),
    }
}
