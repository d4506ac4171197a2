//! The body of a request: read when somebody asks for it, and what becomes of one that nobody wants.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, TRANSFER_ENCODING};
use http_body_util::BodyExt;
use serde_json::{Map, Value};

use super::context::Cx;
use super::encoding::Codings;
use super::error::{ApiError, ApiResult};
use crate::schema::json::{self, BodyError};
use crate::schema::{Fault, Faults};

/// The bytes of a request, as they come.
pub type Incoming = Pin<Box<dyn http_body::Body<Data = Bytes, Error = anyhow::Error>>>;

/// What of a body has not been asked for yet. Cheap to clone; every clone is the same body.
#[derive(Clone)]
pub(super) struct Unread(Rc<RefCell<Option<Incoming>>>);

/// What a request's body turned out to be, for routes that declare one.
#[derive(Debug)]
pub(super) enum Payload {
    /// No body, an empty one, or the JSON literal null.
    Missing,
    /// Parsed JSON.
    Json(Value),
    /// Another content type: the text, not parsed.
    Text(String),
}

impl Cx {
    /// Refuses a body that says itself that it is larger than `limit` bytes.
    ///
    /// # Errors
    /// 413.
    pub fn require_announced_within(&self, limit: usize) -> ApiResult<()> {
        if announced(&self.headers).is_some_and(|length| length > limit) {
            return Err(ApiError::too_large(limit));
        }
        Ok(())
    }

    /// Reads the body as it was sent, up to `limit` bytes. Until somebody asks, nothing of it is read, so that whoever
    /// may not call is told so without being listened to.
    ///
    /// # Errors
    /// 413 as soon as it is larger; 400 when the connection breaks.
    pub async fn read_raw_body(&self, limit: usize) -> ApiResult<Bytes> {
        self.require_announced_within(limit)?;
        let Some(mut incoming) = self.unread.take() else { return Ok(Bytes::new()) };
        let mut body = Vec::new();
        while let Some(frame) = incoming.frame().await {
            let frame = frame.map_err(|_| ApiError::unreadable_body())?;
            if let Ok(data) = frame.into_data() {
                if body.len() + data.len() > limit {
                    self.unread.put_back(incoming);
                    return Err(ApiError::too_large(limit));
                }
                body.extend_from_slice(&data);
            }
        }
        Ok(body.into())
    }

    /// Reads and parses a declared body (platform specification §11.4).
    pub(super) async fn payload(&self) -> ApiResult<Payload> {
        let (codings, limit) = (Codings::of(&self.headers)?, self.settings.max_body_bytes);
        let bytes = codings.decode(self.read_raw_body(limit).await?, limit)?;
        if bytes.is_empty() {
            return Ok(Payload::Missing);
        }
        if !is_json(&self.headers) {
            return Ok(Payload::Text(String::from_utf8_lossy(&bytes).into_owned()));
        }
        match json::parse(&bytes) {
            Ok(Value::Null) => Ok(Payload::Missing),
            Ok(value) => Ok(Payload::Json(value)),
            Err(BodyError::Unreadable) => Err(ApiError::unreadable_body()),
            Err(BodyError::Invalid { offset, message }) => {
                let (place, input) = (vec!["body".into(), offset.into()], Value::Object(Map::new()));
                let mut faults = Faults::default();
                faults.add_at(place, Fault::json_invalid(message), input);
                Err(ApiError::invalid(faults))
            }
        }
    }
}

impl Unread {
    pub(super) fn new(incoming: Incoming) -> Self {
        Self(Rc::new(RefCell::new(Some(incoming))))
    }

    fn take(&self) -> Option<Incoming> {
        self.0.borrow_mut().take()
    }

    fn put_back(&self, incoming: Incoming) {
        *self.0.borrow_mut() = Some(incoming);
    }

    /// Lets a client that is still sending finish, so that it sees the answer instead of a lost connection. The answer
    /// does not wait for that. A client that waits to be asked for its body is not asked.
    pub(super) fn discard_behind_the_answer(&self, headers: &HeaderMap) {
        if let Some(incoming) = self.take()
            && has_body(headers)
            && !headers.contains_key(EXPECT)
        {
            discard(incoming);
        }
    }
}

/// Reads a little of an unwanted body for a short time, keeps none of it, and gives the connection up then.
#[cfg(target_arch = "wasm32")]
fn discard(mut incoming: Incoming) {
    /// In bytes.
    const AT_MOST: usize = 8 * 1024 * 1024;
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(1);
    spin_sdk::wit_bindgen::spawn(async move {
        let rest = std::pin::pin!(async {
            let mut read = 0;
            while let Some(Ok(frame)) = incoming.frame().await {
                read += frame.data_ref().map_or(0, Bytes::len);
                if read > AT_MOST {
                    return;
                }
            }
        });
        futures::future::select(rest, std::pin::pin!(spin_sdk::time::sleep(PATIENCE))).await;
    });
}

/// Native builds describe the routes; they serve none.
#[cfg(not(target_arch = "wasm32"))]
fn discard(_: Incoming) {}

/// The length that the request announces. One that cannot be parsed counts as absent.
fn announced(headers: &HeaderMap) -> Option<usize> {
    std::str::from_utf8(headers.get(CONTENT_LENGTH)?.as_bytes()).ok()?.trim().parse().ok()
}

/// Whether the request announces a body.
fn has_body(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0") || headers.contains_key(TRANSFER_ENCODING)
}

/// No content type, `application/json` or `application/*+json`, whatever the parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence =
        String::from_utf8_lossy(value.as_bytes()).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.is_empty()
        || essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}
