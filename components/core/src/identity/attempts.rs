//! Guessing a secret inside a signed-in request.

use crate::http::{ApiError, Cx};
use crate::limits::{self, Namespace};

/// Counts a wrong guess against the client's address like a failed sign-in, and gives the refusal, or 429 once the address
/// has failed too often.
pub async fn failed_attempt(cx: &Cx, refusal: ApiError) -> ApiError {
    let decision = limits::check(&cx.settings, Namespace::UserAuth, &cx.client_address).await;
    if decision.allowed {
        refusal
    } else {
        ApiError::too_many_requests(limits::rate_limit_headers(&decision, Namespace::UserAuth))
    }
}
