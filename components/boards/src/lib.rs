//! Boards and what is remembered on them: `/api/v1/boards`.

mod boards;
mod memory;

use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, delete, get, patch, post};

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new(&[Group::General, Group::Database, Group::SignIn, Group::Limits, Group::Streams])
        .group(
            "boards",
            [
                get("/api/v1/boards", boards::list_boards),
                post("/api/v1/boards", boards::create_board).refuses(&[422]),
                get("/api/v1/boards/{board_id}", boards::get_board),
                patch("/api/v1/boards/{board_id}", boards::update_board).refuses(&[422]),
                delete("/api/v1/boards/{board_id}", boards::delete_board).refuses(&[422, 502]),
            ],
        )
        .group(
            "board-memory",
            [
                get("/api/v1/boards/{board_id}/memory", memory::list_board_memory),
                post("/api/v1/boards/{board_id}/memory", memory::create_board_memory),
                get("/api/v1/boards/{board_id}/memory/stream", memory::stream_board_memory)
                    .media_type("text/event-stream"),
            ],
        )
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::HostResponse {
    mission_control_web::http::serve(request, api).await
}
