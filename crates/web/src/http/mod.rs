//! HTTP: routing, extraction, answers, and the headers that every answer carries.

mod api;
mod body;
mod context;
pub mod cors;
#[cfg(target_arch = "wasm32")]
mod entry;
mod error;
mod extract;
mod instance;
pub mod openapi;
mod operation;
mod paging;
mod rate_limit;
mod refusals;
pub mod request_id;
mod respond;
mod route;
pub mod security_headers;

pub use api::{Api, Request};
pub use body::{Body as ResponseBody, Response};
pub use context::{Cx, Incoming};
#[cfg(target_arch = "wasm32")]
pub use entry::serve;
pub use error::{ApiError, ApiResult};
pub use extract::{Body, Extract, Path, Query, path_field};
pub use instance::Instance;
pub use operation::Operation;
pub use rate_limit::rate_limit_headers;
pub use refusals::{ErrorResponse, HTTPValidationError, ValidationError};
pub use respond::{Answer, Json, OkResponse, Raw, WithStatus, done, json_response, with_type};
pub use route::{Handler, Hints, Route, delete, get, patch, post, put};
