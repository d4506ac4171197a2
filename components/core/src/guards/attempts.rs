//! Failures that count against the client's address.

use mission_control_platform::limits::{self, Namespace};
use mission_control_web::http::{ApiError, Cx, rate_limit_headers};

/// Counts a failure and gives the refusal, or 429 once the address has failed too often.
pub(super) async fn failed(cx: &Cx, namespace: Namespace, refusal: ApiError) -> ApiError {
    let decision = limits::check(&cx.settings, namespace, &cx.client_address).await;
    if decision.allowed { refusal } else { ApiError::too_many_requests(rate_limit_headers(&decision, namespace)) }
}

/// The same for a wrong guess of a secret inside a signed-in request, which counts like a failed sign-in.
pub async fn failed_attempt(cx: &Cx, refusal: ApiError) -> ApiError {
    failed(cx, Namespace::UserAuth, refusal).await
}
