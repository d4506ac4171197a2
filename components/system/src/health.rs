//! Health: alive.

use mission_control_web::http::{ApiResult, Json};
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
