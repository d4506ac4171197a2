//! One request, as handlers and extractors see it.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::BodyExt;
use serde_json::Value;

use super::error::{ApiError, ApiResult};
use mission_control_platform::db::Database;
use mission_control_platform::settings::Settings;

/// The bytes of a request, as they come.
pub type Incoming = Pin<Box<dyn http_body::Body<Data = Bytes, Error = anyhow::Error>>>;

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

/// A request in progress. Cheap to clone; every clone is the same request.
#[derive(Clone)]
pub struct Cx(Rc<Request>);

/// The parts of a request that everything may read.
pub struct Request {
    /// The id that the answer, its errors and the log carry.
    pub request_id: String,
    /// The application's settings.
    pub settings: Rc<Settings>,
    /// The application's database.
    pub db: Database,
    /// The address that rate limits count by: the peer, or what trusted proxies say of it.
    pub client_address: String,
    /// The method.
    pub method: Method,
    /// The path, percent-encoded as it came.
    pub path: String,
    /// The headers, the host's own last.
    pub headers: HeaderMap,
    pub(super) params: Vec<(String, String)>,
    pub(super) query: String,
    pub(super) payload: Payload,
    pub(super) incoming: RefCell<Option<Incoming>>,
    wrote: Cell<bool>,
}

impl Deref for Cx {
    type Target = Request;

    fn deref(&self) -> &Request {
        &self.0
    }
}

pub(super) struct Parts {
    pub request_id: String,
    pub settings: Rc<Settings>,
    pub db: Database,
    pub client_address: String,
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub params: Vec<(String, String)>,
    pub query: String,
    pub payload: Payload,
    pub incoming: Option<Incoming>,
}

impl Cx {
    pub(super) fn new(parts: Parts) -> Self {
        Self(Rc::new(Request {
            request_id: parts.request_id,
            settings: parts.settings,
            db: parts.db,
            client_address: parts.client_address,
            method: parts.method,
            path: parts.path,
            headers: parts.headers,
            params: parts.params,
            query: parts.query,
            payload: parts.payload,
            incoming: RefCell::new(parts.incoming),
            wrote: Cell::new(false),
        }))
    }

    /// The raw text of a path parameter, percent-decoded; empty if the route has none of that name.
    #[must_use]
    pub fn path_param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A header's first value as text; `None` if absent or not ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Says that this request left work in the outbox, so that some of it is drained once the answer is out.
    pub fn outbox_has_work(&self) {
        self.wrote.set(true);
    }

    pub(super) fn left_work(&self) -> bool {
        self.wrote.get()
    }

    /// Reads the raw body of a route that declares none, up to `limit` bytes.
    ///
    /// # Errors
    /// 413 as soon as it is larger; 400 when the connection breaks.
    pub async fn read_raw_body(&self, limit: usize) -> ApiResult<Bytes> {
        let incoming = self.incoming.borrow_mut().take();
        match incoming {
            Some(incoming) => read_limited(&self.headers, incoming, limit).await,
            None => Ok(Bytes::new()),
        }
    }
}

/// How much of an unwanted body is read and thrown away before the connection is given up, in bytes.
const DISCARDED_BYTES: usize = 8 * 1024 * 1024;

/// Reads a body up to `limit` bytes. A `Content-Length` that cannot be parsed counts as absent.
pub(super) async fn read_limited(headers: &HeaderMap, mut incoming: Incoming, limit: usize) -> ApiResult<Bytes> {
    let declared =
        headers.get(http::header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.trim().parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        discard(incoming).await;
        return Err(ApiError::too_large(limit));
    }
    let mut body = Vec::new();
    while let Some(frame) = incoming.frame().await {
        let frame = frame.map_err(|_| ApiError::unreadable_body())?;
        if let Ok(data) = frame.into_data() {
            if body.len() + data.len() > limit {
                discard(incoming).await;
                return Err(ApiError::too_large(limit));
            }
            body.extend_from_slice(&data);
        }
    }
    Ok(body.into())
}

/// Reads what nobody wants of a body and keeps none of it: with an unread rest a client that is still sending would lose
/// the connection instead of seeing the answer.
pub(super) async fn discard(mut incoming: Incoming) {
    let mut read = 0;
    while let Some(Ok(frame)) = incoming.frame().await {
        read += frame.data_ref().map_or(0, Bytes::len);
        if read > DISCARDED_BYTES {
            return;
        }
    }
}
