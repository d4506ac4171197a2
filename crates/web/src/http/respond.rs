//! What handlers may answer with.

use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use super::body::{Body, Response};
use super::error::{ApiError, ApiResult};
use crate::response;
use crate::schema::{Components, Schema};
use mission_control_platform::db::Page;

/// A success that knows how to become a response and how it is documented.
pub trait Answer: Sized {
    /// The response, before the headers that every response gets.
    ///
    /// # Errors
    /// When the value cannot be written.
    fn into_response(self, status: StatusCode) -> ApiResult<Response>;

    /// The schema of the `application/json` content; `None` for other content.
    fn schema(components: &mut Components) -> Option<Value>;

    /// The media type of the content.
    const MEDIA_TYPE: &'static str = "application/json";
}

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize + Schema> Answer for Json<T> {
    fn into_response(self, status: StatusCode) -> ApiResult<Response> {
        json_response(status, &self.0)
    }

    fn schema(components: &mut Components) -> Option<Value> {
        Some(T::schema(components))
    }
}

/// A JSON body with a status of its own, which the route's is no match for.
#[derive(Debug)]
pub struct WithStatus<T>(pub StatusCode, pub T);

impl<T: Serialize + Schema> Answer for WithStatus<T> {
    fn into_response(self, _: StatusCode) -> ApiResult<Response> {
        json_response(self.0, &self.1)
    }

    fn schema(components: &mut Components) -> Option<Value> {
        Some(T::schema(components))
    }
}

/// A response made by hand, such as an event stream.
#[derive(Debug)]
pub struct Raw(pub Response);

impl Answer for Raw {
    fn into_response(self, _: StatusCode) -> ApiResult<Response> {
        Ok(self.0)
    }

    fn schema(_: &mut Components) -> Option<Value> {
        None
    }
}

response! {
    /// `{"ok": true}`: done, nothing more to say.
    pub struct OkResponse {
        /// Always true.
        pub ok: bool,
    }
}

/// `{"ok": true}`.
#[must_use]
pub fn done() -> Json<OkResponse> {
    Json(OkResponse { ok: true })
}

/// A response with a JSON body.
///
/// # Errors
/// When the value cannot be written.
pub fn json_response<T: Serialize>(status: StatusCode, value: &T) -> ApiResult<Response> {
    let bytes = serde_json::to_vec(value).map_err(ApiError::internal)?;
    Ok(with_type(status, "application/json", bytes))
}

/// A response of this media type.
pub fn with_type(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = http::Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

impl<T: Schema> Schema for Page<T> {
    fn schema(components: &mut Components) -> Value {
        let item = T::schema(components);
        let item_name =
            item.get("$ref").and_then(Value::as_str).and_then(|name| name.rsplit('/').next()).unwrap_or("Item");
        let name = format!("LimitOffsetPage_TypeVar_Customized_{item_name}_");
        let integer = |title: &str, minimum: i64| json!({"type": "integer", "minimum": minimum, "title": title});
        components.named(&name, || {
            json!({
                "properties": {
                    "items": {"items": item, "type": "array", "title": "Items"},
                    "total": integer("Total", 0),
                    "limit": integer("Limit", 1),
                    "offset": integer("Offset", 0),
                },
                "type": "object",
                "required": ["items", "total", "limit", "offset"],
                "title": name,
            })
        })
    }
}
