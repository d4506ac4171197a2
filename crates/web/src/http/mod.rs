//! HTTP: routing, extraction, answers, and the headers that every answer carries.

mod api;
mod body;
mod context;
pub mod cors;
mod encoding;
#[cfg(target_arch = "wasm32")]
mod entry;
mod error;
mod extract;
mod incoming;
mod instance;
pub mod openapi;
mod operation;
#[cfg(target_arch = "wasm32")]
mod outgoing;
mod paging;
mod rate_limit;
mod refusals;
pub mod request_id;
mod respond;
mod route;
pub mod security_headers;
mod table;

pub use api::{Api, Request};
pub use body::{Body as ResponseBody, Response};
pub use context::Cx;
pub use encoding::Codings;
#[cfg(target_arch = "wasm32")]
pub use entry::serve;
pub use error::{ApiError, ApiResult};
pub use extract::{Body, Extract, Path, Query, path_field};
pub use incoming::Incoming;
pub use instance::Instance;
pub use operation::Operation;
#[cfg(target_arch = "wasm32")]
pub use outgoing::HostResponse;
pub use rate_limit::rate_limit_headers;
pub use refusals::{ErrorResponse, HTTPValidationError, ValidationError};
pub use respond::{Answer, Json, OkResponse, Raw, WithStatus, done, json_response, with_type};
pub use route::{Handler, Hints, Route, delete, get, patch, post, put};
