//! Bodies of the routes of invitations.

use uuid::Uuid;

use super::Invite;
use crate::members::wire::OrganizationBoardAccessSpec;
use crate::organizations::Role;
use crate::organizations::wire::RoleText;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::Name;
use mission_control_web::{request, response};

response! {
    /// An invitation.
    pub struct OrganizationInviteRead {
        pub id: Uuid,
        pub organization_id: Uuid,
        pub invited_email: String,
        pub role: Role,
        pub all_boards_read: bool,
        pub all_boards_write: bool,
        /// What accepts the invitation: in the answer that makes it and in the list, empty in all others.
        pub token: String,
        pub created_by_user_id: Option<Uuid>,
        pub accepted_by_user_id: Option<Uuid>,
        pub accepted_at: Option<Timestamp>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
        /// When it ends, if nobody accepts it before.
        pub expires_at: Option<Timestamp>,
    }
}

impl From<Invite> for OrganizationInviteRead {
    fn from(invite: Invite) -> Self {
        Self {
            id: invite.id,
            organization_id: invite.organization_id,
            invited_email: invite.invited_email,
            role: invite.role,
            all_boards_read: invite.all_boards_read,
            all_boards_write: invite.all_boards_write,
            token: String::new(),
            created_by_user_id: invite.created_by_user_id,
            accepted_by_user_id: invite.accepted_by_user_id,
            accepted_at: invite.accepted_at,
            created_at: invite.created_at,
            updated_at: invite.updated_at,
            expires_at: invite.expires_at,
        }
    }
}

request! {
    /// Which invitation.
    pub struct InvitePath {
        pub invite_id: Uuid,
    }
}

request! {
    /// A new invitation.
    pub struct OrganizationInviteCreate {
        pub invited_email: Name,
        /// `owner`, `admin` or `member`.
        pub role: RoleText = RoleText(Role::Member),
        pub all_boards_read: bool = false,
        pub all_boards_write: bool = false,
        /// Rights on single boards; not kept when a flag is set.
        pub board_access: Vec<OrganizationBoardAccessSpec> = Vec::new(),
    }
}

request! {
    /// The token of an invitation.
    pub struct OrganizationInviteAccept {
        pub token: String,
    }
}
