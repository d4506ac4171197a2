//! Requests and answers: [`http`] routes, extracts and refuses, [`schema`] reads bodies and documents them, [`sse`] streams
//! events. Knows no noun of the business.

pub mod http;
pub mod schema;
pub mod sse;

#[doc(hidden)]
pub use mission_control_platform::db;
