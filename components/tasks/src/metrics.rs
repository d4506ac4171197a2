//! The figures of the dashboard.

use mission_control_core::guards::require_board_if_named;
use mission_control_core::metrics;
use mission_control_core::metrics::wire::{DashboardMetrics, MetricsQuery};
use mission_control_core::organizations::SignedIn;
use mission_control_web::http::{ApiError, ApiResult, Cx, Json, Query};

/// Answers what the boards that the caller may read got done, how fast, and what waits.
pub async fn dashboard_metrics(
    cx: Cx,
    caller: SignedIn,
    query: Query<MetricsQuery>,
) -> ApiResult<Json<DashboardMetrics>> {
    let figures = cx.db.read(|tx| {
        require_board_if_named(tx, &caller, query.board_id)?;
        metrics::dashboard(tx, &caller.membership, &query).map_err(ApiError::from)
    })?;
    Ok(Json(figures))
}
