//! How many streams one caller may have open.

use http::header::{HeaderValue, ORIGIN, RETRY_AFTER};

use crate::http::{ApiError, ApiResult, Cx};
use mission_control_platform::client_address::client_of;
use mission_control_platform::limits::{Lease, lease};

/// What a client that has too many is told to wait, in seconds.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// The right to keep a stream open, until it is dropped.
pub(super) struct Admission(Vec<Lease>);

impl Admission {
    /// Admits one more stream of the caller, and of the page if it is one that asks. Browsers allow a host few
    /// connections: streams must leave some for everything else.
    ///
    /// # Errors
    /// 503 with `Retry-After` when there are too many.
    pub(super) async fn of(cx: &Cx) -> ApiResult<Self> {
        let (settings, client) = (&cx.settings, client_of(&cx.client_address));
        let caller = cx.caller().unwrap_or(&client);
        let mut leases = Vec::new();
        if cx.headers.contains_key(ORIGIN) {
            let holder = format!("page {caller} {client}");
            leases.push(lease(settings, &holder, settings.sse_page_streams).await.ok_or_else(too_many)?);
        }
        leases.push(lease(settings, caller, settings.sse_caller_streams).await.ok_or_else(too_many)?);
        Ok(Self(leases))
    }

    /// Says that the stream is still open.
    pub(super) async fn prolong(&mut self) {
        for lease in &mut self.0 {
            lease.prolong().await;
        }
    }
}

fn too_many() -> ApiError {
    ApiError::unavailable("Too many open event streams.").with_header(RETRY_AFTER, RETRY_SECONDS)
}
