//! People and organizations: `/api/v1/auth`, `/api/v1/users`, `/api/v1/organizations`.

mod invites;
mod members;
mod organizations;
mod users;

use mission_control_core::jobs::JOBS;
use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, delete, get, patch, post, put};

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new(&[
        Group::General,
        Group::Database,
        Group::SignIn,
        Group::Limits,
        Group::Invitations,
        Group::Keys,
        Group::Jobs,
    ])
    .drains(&JOBS)
    .group("auth", [post("/api/v1/auth/bootstrap", users::bootstrap_user)])
    .group(
        "users",
        [
            get("/api/v1/users/me", users::get_me),
            patch("/api/v1/users/me", users::update_me),
            delete("/api/v1/users/me", users::delete_me),
        ],
    )
    .group(
        "organizations",
        [
            post("/api/v1/organizations", organizations::create_organization).refuses(&[422]),
            get("/api/v1/organizations/me", organizations::get_my_org).refuses(&[404]),
            get("/api/v1/organizations/me/list", organizations::list_my_organizations),
            patch("/api/v1/organizations/me/active", organizations::set_active_org),
            delete("/api/v1/organizations/me", organizations::delete_my_org),
            get("/api/v1/organizations/me/member", members::get_my_membership),
            get("/api/v1/organizations/me/members", members::list_org_members),
            get("/api/v1/organizations/me/members/{member_id}", members::get_org_member),
            patch("/api/v1/organizations/me/members/{member_id}", members::update_org_member).refuses(&[422]),
            delete("/api/v1/organizations/me/members/{member_id}", members::remove_org_member).refuses(&[422]),
            put("/api/v1/organizations/me/members/{member_id}/access", members::update_member_access).refuses(&[422]),
            get("/api/v1/organizations/me/invites", invites::list_org_invites),
            post("/api/v1/organizations/me/invites", invites::create_org_invite).refuses(&[422]),
            delete("/api/v1/organizations/me/invites/{invite_id}", invites::revoke_org_invite),
            post("/api/v1/organizations/invites/accept", invites::accept_org_invite),
        ],
    )
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::HostResponse {
    mission_control_web::http::serve(request, api).await
}
