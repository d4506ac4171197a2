//! Tasks, their comments and the activity feed: `/api/v1/boards/{board_id}/tasks`, `/api/v1/activity`.

mod activity;
mod approvals;
mod comments;
mod metrics;
mod tasks;

use mission_control_core::approvals::wire::ApprovalConflictError;
use mission_control_core::tasks::blocked::BlockedTaskError;
use mission_control_platform::settings::Group;
use mission_control_web::http::{Api, delete, get, patch, post};

/// The routes of this component.
#[must_use]
pub fn api() -> Api {
    Api::new(&[Group::General, Group::Database, Group::SignIn, Group::Limits, Group::Streams])
        .group(
            "tasks",
            [
                get("/api/v1/boards/{board_id}/tasks", tasks::list_tasks).refuses(&[422]),
                post("/api/v1/boards/{board_id}/tasks", tasks::create_task)
                    .refuses(&[422])
                    .refuses_with::<BlockedTaskError>(409),
                get("/api/v1/boards/{board_id}/tasks/stream", tasks::stream_tasks).media_type("text/event-stream"),
                get("/api/v1/boards/{board_id}/tasks/{task_id}", tasks::get_task),
                patch("/api/v1/boards/{board_id}/tasks/{task_id}", tasks::update_task)
                    .refuses(&[422])
                    .refuses_with::<BlockedTaskError>(409),
                delete("/api/v1/boards/{board_id}/tasks/{task_id}", tasks::delete_task),
                get("/api/v1/boards/{board_id}/tasks/{task_id}/comments", comments::list_task_comments),
                post("/api/v1/boards/{board_id}/tasks/{task_id}/comments", comments::create_task_comment),
            ],
        )
        .group(
            "approvals",
            [
                get("/api/v1/boards/{board_id}/approvals", approvals::list_approvals),
                post("/api/v1/boards/{board_id}/approvals", approvals::create_approval)
                    .refuses_with::<ApprovalConflictError>(409),
                get("/api/v1/boards/{board_id}/approvals/stream", approvals::stream_approvals)
                    .media_type("text/event-stream"),
                patch("/api/v1/boards/{board_id}/approvals/{approval_id}", approvals::update_approval)
                    .refuses_with::<ApprovalConflictError>(409),
            ],
        )
        .group(
            "activity",
            [
                get("/api/v1/activity", activity::list_activity),
                get("/api/v1/activity/task-comments", activity::list_task_comment_feed).refuses(&[403]),
                get("/api/v1/activity/task-comments/stream", activity::stream_task_comment_feed)
                    .refuses(&[403])
                    .media_type("text/event-stream"),
            ],
        )
        .group("metrics", [get("/api/v1/metrics/dashboard", metrics::dashboard_metrics).refuses(&[403])])
}

#[cfg(target_arch = "wasm32")]
#[spin_sdk::http_service]
async fn handle(request: spin_sdk::http::Request) -> mission_control_web::http::HostResponse {
    mission_control_web::http::serve(request, api).await
}
