//! Bodies of the routes of organizations.

use uuid::Uuid;

use super::{Organization, Role};
use crate::schema::Name;
use crate::time::Timestamp;
use crate::{request, response};

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
