//! Readiness: this component reads every setting, so it can tell whether all are in order.

use mission_control_platform::settings::Group;
use mission_control_platform::telemetry;
use mission_control_web::http::{Answer, ApiResult, Cx, Instance, Json, Raw};
use mission_control_web::response;

response! {
    /// Whether the service can do its work.
    pub struct ReadyResponse {
        /// Whether it can.
        pub ok: bool,
    }
}

/// The settings are valid, and the database has the expected schema and can be written to; 503 with `{"ok": false}`
/// otherwise.
pub async fn readyz(cx: Cx) -> ApiResult<Raw> {
    let ready = Instance::existing().is_some_and(|instance| instance.ready(Group::ALL).is_ok()) && can_store(&cx);
    let status = if ready { http::StatusCode::OK } else { http::StatusCode::SERVICE_UNAVAILABLE };
    Json(ReadyResponse { ok: ready }).into_response(status).map(Raw)
}

fn can_store(cx: &Cx) -> bool {
    let checked = cx.db.check();
    if let Err(error) = &checked {
        telemetry::failure(&cx.request_id, &cx.path, &error.to_string());
    }
    checked.is_ok()
}
