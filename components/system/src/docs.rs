//! The OpenAPI document and a page that shows it, without loading anything from elsewhere.

use http::StatusCode;
use mission_control_web::http::{ApiError, ApiResult, Cx, Raw, with_type};

/// The OpenAPI document, as generated from the routes.
pub async fn openapi(cx: Cx) -> ApiResult<Raw> {
    require_enabled(&cx)?;
    Ok(Raw(with_type(StatusCode::OK, "application/json", crate::OPENAPI)))
}

/// A page that lists every operation of the document.
pub async fn docs(cx: Cx) -> ApiResult<Raw> {
    require_enabled(&cx)?;
    Ok(Raw(with_type(StatusCode::OK, "text/html; charset=utf-8", include_str!("docs.html"))))
}

fn require_enabled(cx: &Cx) -> ApiResult<()> {
    if cx.settings.docs_enabled { Ok(()) } else { Err(ApiError::not_found()) }
}
