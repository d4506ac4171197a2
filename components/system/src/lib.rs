//! What serves the others: health, the OpenAPI document, the reference page, and every path that nobody has.

mod docs;
mod health;

use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, get};

/// The OpenAPI document of all components, generated from their routes.
pub const OPENAPI: &str = include_str!("../openapi.json");

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new(&[Group::General, Group::Docs])
        .group(
            "health",
            [
                get("/health", health::health).always().with_head(),
                get("/healthz", health::healthz).always().with_head(),
            ],
        )
        .group(
            "docs",
            [
                get("/openapi.json", docs::openapi).with_head().hidden(),
                get("/docs", docs::docs).with_head().hidden(),
                get("/redoc", docs::docs).with_head().hidden(),
            ],
        )
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::Response {
    mission_control_web::http::serve(request, api).await
}
