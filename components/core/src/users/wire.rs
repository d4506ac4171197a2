//! Bodies of the routes of people.

use uuid::Uuid;

use super::User;
use mission_control_web::schema::Patch;
use mission_control_web::{request, response};

response! {
    /// A person, as the API shows them.
    pub struct UserRead {
        pub clerk_user_id: String,
        pub email: Option<String>,
        pub name: Option<String>,
        pub preferred_name: Option<String>,
        pub pronouns: Option<String>,
        pub timezone: Option<String>,
        pub notes: Option<String>,
        pub context: Option<String>,
        pub id: Uuid,
        pub is_super_admin: bool,
    }
}

impl From<User> for UserRead {
    fn from(user: User) -> Self {
        Self {
            clerk_user_id: user.clerk_user_id,
            email: user.email,
            name: user.name,
            preferred_name: user.preferred_name,
            pronouns: user.pronouns,
            timezone: user.timezone,
            notes: user.notes,
            context: user.context,
            id: user.id,
            is_super_admin: user.is_super_admin,
        }
    }
}

request! {
    /// What a person may change about themselves.
    pub struct UserUpdate {
        pub name: Patch<Option<String>> = Patch::Keep,
        pub preferred_name: Patch<Option<String>> = Patch::Keep,
        pub pronouns: Patch<Option<String>> = Patch::Keep,
        pub timezone: Patch<Option<String>> = Patch::Keep,
        pub notes: Patch<Option<String>> = Patch::Keep,
        pub context: Patch<Option<String>> = Patch::Keep,
    }
}

impl UserUpdate {
    /// Applies the members that the request carries.
    pub fn apply(self, user: &mut User) {
        self.name.apply_to(&mut user.name);
        self.preferred_name.apply_to(&mut user.preferred_name);
        self.pronouns.apply_to(&mut user.pronouns);
        self.timezone.apply_to(&mut user.timezone);
        self.notes.apply_to(&mut user.notes);
        self.context.apply_to(&mut user.context);
    }
}
