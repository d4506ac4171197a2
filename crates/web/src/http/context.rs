//! One request, as handlers and extractors see it.

use std::cell::{Cell, OnceCell};
use std::ops::Deref;
use std::rc::Rc;

use http::{HeaderMap, Method};

use super::incoming::Unread;
use mission_control_platform::db::Database;
use mission_control_platform::settings::Settings;

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
    pub(super) unread: Unread,
    caller: OnceCell<String>,
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
    pub unread: Unread,
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
            unread: parts.unread,
            caller: OnceCell::new(),
            wrote: Cell::new(false),
        }))
    }

    /// The raw text of a path parameter, percent-decoded; empty if the route has none of that name.
    #[must_use]
    pub fn path_param(&self, name: &str) -> &str {
        self.params.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A header's first value as text; `None` if absent or not UTF-8.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// Says who makes this request: the guard that let the caller in does.
    pub fn called_by(&self, caller: impl Into<String>) {
        // A guard that is asked again finds the same caller.
        self.caller.get_or_init(|| caller.into());
    }

    /// Who makes this request, once a guard has found out.
    #[must_use]
    pub fn caller(&self) -> Option<&str> {
        self.caller.get().map(String::as_str)
    }

    /// Says that this request left work in the outbox, so that some of it is drained once the answer is out.
    pub fn outbox_has_work(&self) {
        self.wrote.set(true);
    }

    pub(super) fn left_work(&self) -> bool {
        self.wrote.get()
    }
}
