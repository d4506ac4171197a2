//! Board webhooks: `/api/v1/boards/{board_id}/webhooks`, and the tick that drains the outbox.

mod ingest;
mod management;
mod payloads;
mod tick;

use http::StatusCode;
use mission_control_core::jobs::JOBS;
use mission_control_web::http::{Api, delete, get, patch, post};

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new()
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
        .group("internal", [post("/internal/tick", tick::tick).hidden()])
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::Response {
    mission_control_web::http::serve(request, api).await
}
