//! What the OpenAPI document says of refusals: their shapes, and the responses that operations share.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::response;
use crate::schema::{Components, Object, Schema};

/// What a refusal that is not a list of faults says.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Detail {
    /// A text for people.
    Text(String),
    /// An object with a `message`, and what programs may want to know.
    Object(Object),
}

impl Schema for Detail {
    fn schema(components: &mut Components) -> Value {
        json!({"anyOf": [String::schema(components), Object::schema(components)]})
    }
}

/// A step on the way to a faulty value.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// The name of a member.
    Name(String),
    /// The index of an item.
    Index(u64),
}

impl Schema for Step {
    fn schema(_: &mut Components) -> Value {
        json!({"anyOf": [{"type": "string"}, {"type": "integer"}]})
    }
}

response! {
    /// The envelope of every refusal whose detail is not a list of field errors.
    pub struct ErrorResponse {
        /// A text, or an object with a `message`.
        pub detail: Detail,
        /// The id that the log knows the request by.
        pub request_id: String,
    }
}

response! {
    /// One fault of a request.
    pub struct ValidationError {
        /// Where: `body`, `query`, `path` or `header`, then names and indexes.
        pub loc: Vec<Step>,
        /// The text for people.
        pub msg: String,
        /// The kind of fault.
        pub r#type: String,
        /// What was sent.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub input: Option<Value>,
        /// The bounds or reason behind the text.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub ctx: Option<Object>,
    }
}

response! {
    /// Everything that is wrong with a request.
    pub struct HTTPValidationError {
        /// The faults.
        pub detail: Vec<ValidationError>,
        /// The id that the log knows the request by.
        pub request_id: String,
    }
}

/// A status of refusals: the name of its shared response, what it means, and the headers that may come with it.
struct Refused {
    status: u16,
    name: &'static str,
    description: &'static str,
    headers: &'static [&'static str],
}

const fn refused(
    status: u16,
    name: &'static str,
    description: &'static str,
    headers: &'static [&'static str],
) -> Refused {
    Refused { status, name, description, headers }
}

const REFUSED: [Refused; 13] = [
    refused(400, "BadRequest", "The body cannot be read.", &[]),
    refused(401, "Unauthorized", "No valid credentials were presented.", &["WWW-Authenticate"]),
    refused(403, "Forbidden", "The caller may not do this.", &[]),
    refused(404, "NotFound", "The resource does not exist or the caller may not see it.", &[]),
    refused(409, "Conflict", "The request conflicts with the state of the resource.", &[]),
    refused(410, "Gone", "The resource is disabled.", &[]),
    refused(413, "PayloadTooLarge", "The body is too large.", &[]),
    refused(415, "UnsupportedMediaType", "The body's content encoding is not supported.", &[]),
    refused(422, "UnprocessableEntity", "The request is not valid.", &[]),
    refused(
        429,
        "TooManyRequests",
        "Too many requests; see Retry-After.",
        &["Retry-After", "RateLimit", "RateLimit-Policy"],
    ),
    refused(500, "InternalServerError", "The service failed; the log says why under the request id.", &[]),
    refused(502, "BadGateway", "A gateway failed.", &[]),
    refused(503, "ServiceUnavailable", "The service cannot answer now; see Retry-After.", &["Retry-After"]),
];

/// The responses that operations refer to by name.
pub(super) fn shared(components: &mut Components) -> Map<String, Value> {
    let schema = ErrorResponse::schema(components);
    REFUSED.iter().map(|refused| (refused.name.to_owned(), refused.document(&schema))).collect()
}

/// The response for a status with bodies of these shapes: the shared one, if the plain envelope is the only shape.
pub(super) fn response(status: u16, mut shapes: Vec<Value>) -> Value {
    let Some(refused) = REFUSED.iter().find(|refused| refused.status == status) else {
        return json!({"description": "Another answer."});
    };
    let shape = match shapes.len() {
        1 => shapes.remove(0),
        _ => json!({"anyOf": shapes}),
    };
    if shape == ErrorResponse::schema(&mut Components::default()) {
        return json!({"$ref": format!("#/components/responses/{}", refused.name)});
    }
    refused.document(&shape)
}

impl Refused {
    fn document(&self, schema: &Value) -> Value {
        let mut document =
            json!({"description": self.description, "content": {"application/json": {"schema": schema}}});
        if let Some(document) = document.as_object_mut().filter(|_| !self.headers.is_empty()) {
            let header = |name: &&str| ((*name).to_owned(), json!({"schema": {"type": "string"}}));
            document.insert("headers".into(), Value::Object(self.headers.iter().map(header).collect()));
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plain_envelope_is_shared() {
        let mut components = Components::default();
        let plain = ErrorResponse::schema(&mut components);
        let list = HTTPValidationError::schema(&mut components);
        assert_eq!(response(404, vec![plain.clone()]), json!({"$ref": "#/components/responses/NotFound"}));
        let schema = |response: &Value| response["content"]["application/json"]["schema"].clone();
        assert_eq!(schema(&response(422, vec![list.clone()])), list);
        assert_eq!(schema(&response(422, vec![list.clone(), plain.clone()])), json!({"anyOf": [list, plain]}));
        assert!(shared(&mut components).contains_key("NotFound"));
    }
}
