//! What the operator's scheduler calls every few seconds, so that nothing waits for the next request.

use mission_control::http::{ApiResult, Cx, Json};
use mission_control::identity::Operator;
use mission_control::{outbox, response};

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
    let processed = outbox::tick(&cx.db, &cx.settings).await?;
    cx.db.checkpoint()?;
    Ok(Json(TickResponse { ok: true, processed: i64::try_from(processed).unwrap_or(i64::MAX) }))
}
