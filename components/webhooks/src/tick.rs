//! What the operator's scheduler calls every few seconds, so that nothing waits for the next request.

use mission_control_core::guards::Operator;
use mission_control_core::jobs::JOBS;
use mission_control_platform::queue;
use mission_control_web::http::{ApiResult, Cx, Json};
use mission_control_web::response;

response! {
    /// A tick is over.
    pub struct TickResponse {
        /// Always true.
        pub ok: bool,
        /// How many jobs it ran.
        pub processed: i64,
    }
}

/// Drains the outbox and tidies up.
pub async fn tick(cx: Cx, _: Operator) -> ApiResult<Json<TickResponse>> {
    let processed = queue::tick(&cx.db, &cx.settings, &JOBS).await?;
    cx.db.checkpoint()?;
    Ok(Json(TickResponse { ok: true, processed: i64::try_from(processed).unwrap_or(i64::MAX) }))
}
