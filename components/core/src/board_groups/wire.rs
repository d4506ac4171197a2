//! Bodies of the routes of board groups.

use uuid::Uuid;

use super::BoardGroup;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Name, Nullable, Patch};
use mission_control_web::{request, response};

request! {
    /// Which group the path names.
    pub struct GroupPath {
        pub group_id: Uuid,
    }
}

request! {
    /// A new board group.
    pub struct BoardGroupCreate {
        pub name: Name,
        /// A short name for addresses, stored as it is; made of the name if blank.
        pub slug: Name,
        pub description: Option<String> = None,
    }
}

request! {
    /// What to change of a board group; absent members stay as they are.
    pub struct BoardGroupUpdate {
        pub name: Patch<Name> = Patch::Keep,
        /// Made anew of the name if blank.
        pub slug: Patch<Name> = Patch::Keep,
        pub description: Nullable<String> = Patch::Keep,
    }
}

response! {
    /// A board group.
    pub struct BoardGroupRead {
        pub name: String,
        pub slug: String,
        pub description: Option<String>,
        pub id: Uuid,
        pub organization_id: Uuid,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<BoardGroup> for BoardGroupRead {
    fn from(group: BoardGroup) -> Self {
        let BoardGroup { id, organization_id, name, slug, description, created_at, updated_at } = group;
        Self { name, slug, description, id, organization_id, created_at, updated_at }
    }
}
