//! Board webhooks: `/api/v1/boards/{board_id}/webhooks`; what operators and their schedulers call: `/readyz` and the tick.

mod ingest;
mod management;
mod payloads;
mod ready;
mod tick;

use http::StatusCode;
use mission_control_core::jobs::JOBS;
use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, delete, get, patch, post};

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new(Group::ALL)
        .drains(&JOBS)
        .group(
            "board-webhooks",
            [
                get("/api/v1/boards/{board_id}/webhooks", management::list_board_webhooks),
                post("/api/v1/boards/{board_id}/webhooks", management::create_board_webhook).refuses(&[422]),
                get("/api/v1/boards/{board_id}/webhooks/{webhook_id}", management::get_board_webhook),
                patch("/api/v1/boards/{board_id}/webhooks/{webhook_id}", management::update_board_webhook)
                    .refuses(&[422]),
                delete("/api/v1/boards/{board_id}/webhooks/{webhook_id}", management::delete_board_webhook),
                post("/api/v1/boards/{board_id}/webhooks/{webhook_id}", ingest::ingest_board_webhook)
                    .status(StatusCode::ACCEPTED),
                get("/api/v1/boards/{board_id}/webhooks/{webhook_id}/payloads", payloads::list_board_webhook_payloads),
                get(
                    "/api/v1/boards/{board_id}/webhooks/{webhook_id}/payloads/{payload_id}",
                    payloads::get_board_webhook_payload,
                ),
            ],
        )
        .group(
            "health",
            [get("/readyz", ready::readyz).always().with_head().refuses_with::<ready::HealthStatusResponse>(503)],
        )
        .group("internal", [post("/internal/tick", tick::tick).hidden()])
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::HostResponse {
    mission_control_web::http::serve(request, api).await
}
