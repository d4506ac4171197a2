//! Board groups: sets of boards that share a memory.

pub mod store;

use uuid::Uuid;

use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

record! {
    /// A board group.
    #[derive(Clone, Debug)]
    pub struct BoardGroup {
        /// Identifier.
        pub id: Uuid,
        /// The tenant.
        pub organization_id: Uuid,
        /// Shown to people.
        pub name: String,
        /// A short name for addresses; any text.
        pub slug: String,
        /// What the group is for.
        pub description: Option<String>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}
