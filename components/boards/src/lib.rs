//! Boards and what is remembered on them: `/api/v1/boards`.

mod boards;
mod custom_fields;
mod group_memory;
mod groups;
mod memory;
mod onboarding;
mod snapshots;
mod tags;

use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, delete, get, patch, post};

/// Role tags of routes that the agents of a board call, too.
const BOARD_AGENTS: &[&str] = &["agent-lead", "agent-worker"];

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
                get("/api/v1/boards/{board_id}/snapshot", snapshots::get_board_snapshot),
                get("/api/v1/boards/{board_id}/group-snapshot", snapshots::get_board_group_snapshot_for_board)
                    .tags(BOARD_AGENTS),
            ],
        )
        .group(
            "board-onboarding",
            [
                get("/api/v1/boards/{board_id}/onboarding", onboarding::get_onboarding),
                post("/api/v1/boards/{board_id}/onboarding/start", onboarding::start_onboarding).refuses(&[422, 502]),
                post("/api/v1/boards/{board_id}/onboarding/answer", onboarding::answer_onboarding)
                    .refuses(&[409, 422, 502]),
                post("/api/v1/boards/{board_id}/onboarding/agent", onboarding::agent_onboarding_update).refuses(&[409]),
                post("/api/v1/boards/{board_id}/onboarding/confirm", onboarding::confirm_onboarding)
                    .refuses(&[422, 502]),
            ],
        )
        .group(
            "board-groups",
            [
                get("/api/v1/board-groups", groups::list_board_groups),
                post("/api/v1/board-groups", groups::create_board_group),
                get("/api/v1/board-groups/{group_id}", groups::get_board_group),
                patch("/api/v1/board-groups/{group_id}", groups::update_board_group),
                delete("/api/v1/board-groups/{group_id}", groups::delete_board_group),
                get("/api/v1/board-groups/{group_id}/snapshot", snapshots::get_board_group_snapshot),
                post("/api/v1/board-groups/{group_id}/heartbeat", groups::apply_board_group_heartbeat).refuses(&[403]),
            ],
        )
        .group(
            "board-group-memory",
            [
                get("/api/v1/board-groups/{group_id}/memory", group_memory::list_board_group_memory),
                post("/api/v1/board-groups/{group_id}/memory", group_memory::create_board_group_memory),
                get("/api/v1/board-groups/{group_id}/memory/stream", group_memory::stream_board_group_memory)
                    .media_type("text/event-stream"),
                get("/api/v1/boards/{board_id}/group-memory", group_memory::list_board_group_memory_for_board)
                    .tags(BOARD_AGENTS),
                post("/api/v1/boards/{board_id}/group-memory", group_memory::create_board_group_memory_for_board)
                    .refuses(&[422])
                    .tags(BOARD_AGENTS),
                get("/api/v1/boards/{board_id}/group-memory/stream", group_memory::stream_board_group_memory_for_board)
                    .media_type("text/event-stream")
                    .tags(BOARD_AGENTS),
            ],
        )
        .group(
            "tags",
            [
                get("/api/v1/tags", tags::list_tags),
                post("/api/v1/tags", tags::create_tag).refuses(&[409]),
                get("/api/v1/tags/{tag_id}", tags::get_tag),
                patch("/api/v1/tags/{tag_id}", tags::update_tag).refuses(&[409]),
                delete("/api/v1/tags/{tag_id}", tags::delete_tag),
            ],
        )
        .group(
            "custom-fields",
            [
                get("/api/v1/organizations/me/custom-fields", custom_fields::list_org_custom_fields),
                post("/api/v1/organizations/me/custom-fields", custom_fields::create_org_custom_field)
                    .refuses(&[409, 422]),
                patch(
                    "/api/v1/organizations/me/custom-fields/{task_custom_field_definition_id}",
                    custom_fields::update_org_custom_field,
                )
                .refuses(&[422]),
                delete(
                    "/api/v1/organizations/me/custom-fields/{task_custom_field_definition_id}",
                    custom_fields::delete_org_custom_field,
                )
                .refuses(&[409]),
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
