//! People.

pub mod store;
pub mod wire;

use uuid::Uuid;

use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

record! {
    /// A person.
    #[derive(Clone, Debug)]
    pub struct User {
        /// Identifier.
        pub id: Uuid,
        /// The identity provider's id; unique.
        pub clerk_user_id: String,
        /// E-mail address, if known. Not unique.
        pub email: Option<String>,
        /// Full name.
        pub name: Option<String>,
        /// What the person wants to be called.
        pub preferred_name: Option<String>,
        /// Pronouns.
        pub pronouns: Option<String>,
        /// Time zone, any text.
        pub timezone: Option<String>,
        /// Notes for agents.
        pub notes: Option<String>,
        /// Context for agents.
        pub context: Option<String>,
        /// Stored and shown, honoured nowhere.
        pub is_super_admin: bool,
        /// The organization that routes without an id act on.
        pub active_organization_id: Option<Uuid>,
        /// Whether the identity provider vouches for the e-mail address.
        pub email_verified: bool,
        /// When the provider was last asked for the profile, whatever it answered.
        pub profile_checked_at: Option<Timestamp>,
    }
}

impl User {
    /// How messages name the person: preferred name, else name, else `User`.
    #[must_use]
    pub fn display_name(&self) -> &str {
        [&self.preferred_name, &self.name]
            .into_iter()
            .flatten()
            .map(|name| name.trim())
            .find(|name| !name.is_empty())
            .unwrap_or("User")
    }
}
