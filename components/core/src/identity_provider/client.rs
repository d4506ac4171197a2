//! Requests to the provider's API, each within a deadline: whatever the provider does, nobody waits longer.

use std::fmt;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use mission_control_platform::settings::Settings;

/// Largest answer that is read, in bytes.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only components send"))]
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What an id may not carry into a path as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-');

/// Why the provider gave no usable answer. Shown as one word, for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The request cannot be written, such as with a secret that is no header text.
    Unwritable,
    /// No connection, or it broke.
    Unreachable,
    /// No whole answer within the deadline.
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only components wait"))]
    Timeout,
    /// An answer with this status.
    Status(u16),
    /// An answer that is too large or not what was asked for.
    Unreadable,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwritable => f.write_str("unwritable"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Timeout => f.write_str("timeout"),
            Self::Status(status) => write!(f, "status_{status}"),
            Self::Unreadable => f.write_str("unreadable"),
        }
    }
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Reply {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body of a success.
    pub(super) fn successful(self) -> Result<Vec<u8>, Failure> {
        if (200..300).contains(&self.status) { Ok(self.body) } else { Err(Failure::Status(self.status)) }
    }
}

/// Asks the provider; `path` follows the version in the URL.
pub(super) async fn call(
    settings: &Settings,
    method: Method,
    path: &str,
    deadline: Duration,
) -> Result<Reply, Failure> {
    let mut secret = HeaderValue::try_from(format!("Bearer {}", settings.clerk_secret_key.expose()))
        .map_err(|_| Failure::Unwritable)?;
    secret.set_sensitive(true);
    let request = Request::builder()
        .method(method)
        .uri(format!("{}{path}", base_url(settings)))
        .header(AUTHORIZATION, secret)
        .header(ACCEPT, "application/json")
        .body(())
        .map_err(|_| Failure::Unwritable)?;
    outbound::send(request, deadline).await
}

/// The provider's API with its version, without a trailing slash.
pub(super) fn base_url(settings: &Settings) -> String {
    format!("{}/v1", settings.clerk_api_url)
}

/// The path of an account.
pub(super) fn user_path(external_id: &str) -> String {
    format!("/users/{}", utf8_percent_encode(external_id, IN_PATH))
}

pub(super) use outbound::pause;

#[cfg(target_arch = "wasm32")]
mod outbound {
    use std::pin::pin;

    use bytes::Bytes;
    use futures::future::{Either, select};
    use http_body_util::{BodyExt, Empty, Limited};

    use super::{Duration, Failure, MAX_BODY_BYTES, Reply, Request};

    pub(in super::super) async fn pause(duration: Duration) {
        spin_sdk::time::sleep(duration).await;
    }

    pub(super) async fn send(request: Request<()>, deadline: Duration) -> Result<Reply, Failure> {
        let exchange = pin!(exchange(request));
        match select(exchange, pin!(pause(deadline))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(Failure::Timeout),
        }
    }

    async fn exchange(request: Request<()>) -> Result<Reply, Failure> {
        let request = request.map(|()| Empty::<Bytes>::new());
        let response = spin_sdk::http::send(request).await.map_err(|_| Failure::Unreachable)?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MAX_BODY_BYTES).collect().await;
        let body = body.map_err(|_| Failure::Unreadable)?.to_bytes().to_vec();
        Ok(Reply { status, body })
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod outbound {
    //! Native builds serve tests and reach nobody.

    use super::{Duration, Failure, Reply, Request};

    pub(in super::super) async fn pause(_: Duration) {}

    pub(super) async fn send(_: Request<()>, _: Duration) -> Result<Reply, Failure> {
        Err(Failure::Unreachable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(user_path("user_2a-B"), "/users/user_2a-B");
        assert_eq!(user_path("../x?y#z é"), "/users/%2E%2E%2Fx%3Fy%23z%20%C3%A9");
    }

    #[test]
    fn only_2xx_is_success() {
        let reply = |status| Reply { status, body: vec![1] }.successful();
        assert_eq!(reply(204), Ok(vec![1]));
        assert_eq!(reply(301), Err(Failure::Status(301)));
        assert_eq!(reply(404), Err(Failure::Status(404)));
    }
}
