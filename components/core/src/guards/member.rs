//! Roles in the active organization.

use std::ops::Deref;

use crate::organizations::{Role, SignedIn};
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation};
use mission_control_web::schema::Faults;

macro_rules! role_guard {
    ($(#[$meta:meta])* $name:ident, $allows:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name(pub SignedIn);

        impl Deref for $name {
            type Target = SignedIn;

            fn deref(&self) -> &SignedIn {
                &self.0
            }
        }

        impl From<$name> for SignedIn {
            fn from(caller: $name) -> Self {
                caller.0
            }
        }

        impl Extract for $name {
            async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
                let Some(signed_in) = SignedIn::extract(cx, faults).await? else { return Ok(None) };
                let allows: fn(Role) -> bool = $allows;
                if allows(signed_in.membership.role) { Ok(Some(Self(signed_in))) } else { Err(ApiError::forbidden()) }
            }

            fn describe(operation: &mut Operation<'_>) {
                SignedIn::describe(operation);
                operation.refuses(403);
            }
        }
    };
}

role_guard! {
    /// A person whose role in the active organization is owner or admin.
    OrgAdmin, Role::is_admin
}
role_guard! {
    /// A person whose role in the active organization is owner.
    OrgOwner, |role| role == Role::Owner
}
