//! People and organizations: `/api/v1/auth`, `/api/v1/users`, `/api/v1/organizations`.

mod organizations;
mod users;

use mission_control::http::{Api, get, patch, post};

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new()
        .group("auth", [post("/api/v1/auth/bootstrap", users::bootstrap_user)])
        .group("users", [get("/api/v1/users/me", users::get_me), patch("/api/v1/users/me", users::update_me)])
        .group(
            "organizations",
            [
                post("/api/v1/organizations", organizations::create_organization),
                get("/api/v1/organizations/me", organizations::get_my_org),
                get("/api/v1/organizations/me/list", organizations::list_my_organizations),
                patch("/api/v1/organizations/me/active", organizations::set_active_org),
            ],
        )
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control::http::Response {
    mission_control::http::serve(request, api).await
}
