//! Bodies of the routes of organizations.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Organization, Role};
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Components, Fault, Faults, Field, Name, Place, Schema, scalar};
use mission_control_web::{request, response};

response! {
    /// An organization.
    pub struct OrganizationRead {
        pub id: Uuid,
        pub name: String,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<Organization> for OrganizationRead {
    fn from(organization: Organization) -> Self {
        let Organization { id, name, created_at, updated_at } = organization;
        Self { id, name, created_at, updated_at }
    }
}

response! {
    /// One of the caller's organizations.
    pub struct OrganizationListItem {
        pub id: Uuid,
        pub name: String,
        /// The caller's role there.
        pub role: Role,
        /// Whether it is the caller's active one.
        pub is_active: bool,
    }
}

request! {
    /// A new organization.
    pub struct OrganizationCreate {
        pub name: Name,
    }
}

request! {
    /// Which organization becomes the active one.
    pub struct OrganizationActiveUpdate {
        pub organization_id: Uuid,
    }
}

/// A role as clients write it: see [`Role::from_text`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleText(pub Role);

impl Schema for RoleText {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string"})
    }

    fn example_default(&self) -> Option<Value> {
        Some(self.0.as_str().into())
    }
}

impl Field for RoleText {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let fault = match scalar::string(input) {
            Ok(text) => match Role::from_text(&text) {
                Some(role) => return Some(Self(role)),
                None => Fault::literal_error(Role::WORDS),
            },
            Err(fault) => fault,
        };
        faults.add(place, fault, input);
        None
    }
}
