//! Health: alive, and ready to serve.

use mission_control_web::http::{ApiResult, Cx, Instance, Json, WithStatus};
use mission_control_web::response;

response! {
    /// How the service is.
    pub struct HealthStatusResponse {
        /// Whether it is well.
        pub ok: bool,
    }
}

fn alive() -> Json<HealthStatusResponse> {
    Json(HealthStatusResponse { ok: true })
}

/// The process answers.
pub async fn health() -> ApiResult<Json<HealthStatusResponse>> {
    Ok(alive())
}

/// The process answers; the name that container platforms probe.
pub async fn healthz() -> ApiResult<Json<HealthStatusResponse>> {
    Ok(alive())
}

/// The settings are valid and the database answers with the expected schema; 503 with `{"ok": false}` otherwise.
pub async fn readyz(cx: Cx) -> ApiResult<WithStatus<HealthStatusResponse>> {
    let ready = Instance::existing().is_some_and(|instance| instance.ready().is_ok())
        && cx.db.read(|tx| tx.one::<i64>("SELECT 1", &[])).is_ok();
    let status = if ready { http::StatusCode::OK } else { http::StatusCode::SERVICE_UNAVAILABLE };
    Ok(WithStatus(status, HealthStatusResponse { ok: ready }))
}
