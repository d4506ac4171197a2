//! Readiness: this component reads every setting, so it can tell whether all are in order.

use mission_control_platform::settings::Group;
use mission_control_platform::telemetry;
use mission_control_web::http::{ApiResult, Cx, Instance, WithStatus};
use mission_control_web::response;

response! {
    /// How the service is.
    pub struct HealthStatusResponse {
        /// Whether it is well.
        pub ok: bool,
    }
}

/// The settings are valid, and the database has the expected schema and can be written to; 503 with `{"ok": false}`
/// otherwise.
pub async fn readyz(cx: Cx) -> ApiResult<WithStatus<HealthStatusResponse>> {
    let prepared = match Instance::existing() {
        Some(instance) => instance.ready(Group::ALL).await.is_ok(),
        None => false,
    };
    let ready = prepared && can_store(&cx);
    let status = if ready { http::StatusCode::OK } else { http::StatusCode::SERVICE_UNAVAILABLE };
    Ok(WithStatus(status, HealthStatusResponse { ok: ready }))
}

fn can_store(cx: &Cx) -> bool {
    let checked = cx.db.check();
    if let Err(error) = &checked {
        telemetry::failure(&cx.request_id, &cx.path, &error.to_string());
    }
    checked.is_ok()
}
