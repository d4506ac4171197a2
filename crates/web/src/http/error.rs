//! Refusals and failures: one type, one envelope (platform specification §11).

use http::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::Value;

use crate::schema::Faults;
use mission_control_platform::db::{DbError, DbErrorKind};
use mission_control_platform::tokens::NoRandomness;

/// The answer of a handler.
pub type ApiResult<T> = Result<T, ApiError>;

/// A request that is not answered with success: the status, what the client is told, and what only the log is told.
#[derive(Debug)]
pub struct ApiError(Box<Refusal>);

/// Boxed, so that the success path does not carry its size.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    detail: Value,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    detail: &'a Value,
    request_id: &'a str,
}

impl ApiError {
    /// A refusal with a text or object of its own.
    pub fn new(status: StatusCode, detail: impl Into<Value>) -> Self {
        Self(Box::new(Refusal { status, detail: detail.into(), headers: Vec::new(), cause: None }))
    }

    /// A refusal with the status's standard phrase as its text.
    #[must_use]
    pub fn status(status: StatusCode) -> Self {
        Self::new(status, phrase(status))
    }

    /// 401. Names the scheme, as RFC 9110 §11.6.1 asks.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::status(StatusCode::UNAUTHORIZED).with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    }

    /// 403 with the standard phrase.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::status(StatusCode::FORBIDDEN)
    }

    /// 403 with a text.
    pub fn forbidden_because(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404 with the standard phrase: the thing does not exist, or the caller may not know that it does.
    #[must_use]
    pub fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    /// 404 with a text or object.
    pub fn not_found_because(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 409 with a text or object.
    pub fn conflict(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 422 with a text or object: a rule of the domain, not of one member.
    pub fn unprocessable(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// 422 with the list of everything that is wrong with the request.
    #[must_use]
    pub fn invalid(faults: Faults) -> Self {
        let entries =
            faults.into_entries().iter().map(|entry| serde_json::to_value(entry).unwrap_or_default()).collect();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, Value::Array(entries))
    }

    /// 400 for a body that cannot be read as JSON at all.
    #[must_use]
    pub fn unreadable_body() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "There was an error parsing the body")
    }

    /// 413 for a body over this many bytes.
    #[must_use]
    pub fn too_large(limit: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, format!("Payload exceeds maximum size of {limit} bytes."))
    }

    /// 429 with `Retry-After` and the rate-limit fields.
    #[must_use]
    pub fn too_many_requests(fields: impl IntoIterator<Item = (HeaderName, HeaderValue)>) -> Self {
        let mut error = Self::status(StatusCode::TOO_MANY_REQUESTS);
        error.0.headers.extend(fields);
        error
    }

    /// 502: another system failed us.
    pub fn bad_gateway(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::BAD_GATEWAY, detail)
    }

    /// 503 with a text.
    pub fn unavailable(detail: impl Into<Value>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// 500. The cause goes to the log with the request id, never to the client.
    pub fn internal(cause: impl ToString) -> Self {
        let mut error = Self::status(StatusCode::INTERNAL_SERVER_ERROR);
        error.0.cause = Some(cause.to_string());
        error
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// The status of the answer.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        self.0.status
    }

    /// What the client is told.
    #[must_use]
    pub fn detail(&self) -> &Value {
        &self.0.detail
    }

    /// What only the log is told.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    pub(super) fn body(&self, request_id: &str) -> Vec<u8> {
        serde_json::to_vec(&Envelope { detail: &self.0.detail, request_id }).unwrap_or_default()
    }

    pub(super) fn add_headers(&mut self, headers: &mut HeaderMap) {
        for (name, value) in self.0.headers.drain(..) {
            headers.append(name, value);
        }
    }
}

impl From<NoRandomness> for ApiError {
    fn from(error: NoRandomness) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<DbError> for ApiError {
    /// What was checked before is refused by the database only if somebody else was faster: then a thing of this key is
    /// there already, or what the thing belongs to is gone.
    fn from(error: DbError) -> Self {
        match error.kind() {
            DbErrorKind::Unique => Self::status(StatusCode::CONFLICT),
            DbErrorKind::ForeignKey => Self::not_found(),
            DbErrorKind::Busy | DbErrorKind::Unavailable => {
                let mut refused = Self::status(StatusCode::SERVICE_UNAVAILABLE)
                    .with_header(RETRY_AFTER, HeaderValue::from_static("1"));
                refused.0.cause = Some(error.to_string());
                refused
            }
            DbErrorKind::Decode | DbErrorKind::Other => Self::internal(error),
        }
    }
}

/// The phrases are pinned: newer runtimes reword 413 and 422.
fn phrase(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Entity",
        other => other.canonical_reason().unwrap_or("Error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_were_faster_with_is_no_fault_of_the_server() {
        let status = |kind| ApiError::from(DbError::new(kind, "secret")).status_code().as_u16();
        assert_eq!(status(DbErrorKind::Unique), 409);
        assert_eq!(status(DbErrorKind::ForeignKey), 404);
        assert_eq!((status(DbErrorKind::Busy), status(DbErrorKind::Unavailable)), (503, 503));
        assert_eq!((status(DbErrorKind::Decode), status(DbErrorKind::Other)), (500, 500));
    }

    #[test]
    fn trouble_of_the_database_says_when_to_come_again() {
        let mut headers = HeaderMap::new();
        ApiError::from(DbError::from_sqlite_text("database or disk is full")).add_headers(&mut headers);
        assert_eq!(headers.get(RETRY_AFTER).map(HeaderValue::as_bytes), Some(b"1".as_slice()));
    }
}
