//! Whether the OpenAPI document says what was answered: for each operation its statuses, media types and bodies.

use std::sync::LazyLock;

use boon::{Compiler, Draft, Format, SchemaIndex, Schemas};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::root;

/// Where the document is, for references within it.
const LOCATION: &str = "https://mission-control.invalid/openapi.json";
/// The schema of refusals that belong to no operation.
const REFUSAL: &str = "/components/schemas/ErrorResponse";
const UNKNOWN_STATUS: &str = "is no status of the operation";
/// Paths that the document leaves out: it and its pages, and what operators alone use.
const LEFT_OUT: [&str; 4] = ["/docs", "/redoc", "/openapi.json", "/internal/tick"];

static DOCUMENT: LazyLock<Document> = LazyLock::new(|| {
    let text = std::fs::read_to_string(root().join("components/system/openapi.json")).expect("the document is read");
    Document::new(serde_json::from_str(&text).expect("the document is JSON"))
});

/// What is wrong with an answer by the document in the repository; none if nothing is.
pub(crate) fn fault(request: &str, head: &str, body: &str) -> Option<String> {
    DOCUMENT.fault(request, &Answered::new(head, body))
}

/// A document and its schemas, ready to compare answers with.
struct Document {
    paths: Vec<Path>,
    schemas: Schemas,
    refusal: SchemaIndex,
}

/// A path of the document with its operations.
struct Path {
    /// Such as `/boards/{board_id}`.
    template: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    contents: Vec<Content>,
}

/// What an operation may answer with one status in one media type.
struct Content {
    status: String,
    /// None where a status has no content.
    media_type: Option<String>,
    /// None where nothing is said about the body.
    schema: Option<SchemaIndex>,
}

/// The parts of an answer that the document speaks of.
struct Answered<'a> {
    status: &'a str,
    media_type: Option<&'a str>,
    body: &'a str,
}

impl Document {
    fn new(mut json: Value) -> Self {
        close(&mut json);
        inline_responses(&mut json);
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.register_format(Format { name: "date-time", func: is_wire_time });
        compiler.add_resource(LOCATION, json.clone()).expect("a location");
        let mut schemas = Schemas::new();
        let mut compile = |pointer: &str| {
            let schema = compiler.compile(&format!("{LOCATION}#{pointer}"), &mut schemas);
            schema.unwrap_or_else(|error| panic!("{pointer}: {error:#}"))
        };
        let refusal = compile(REFUSAL);
        let paths = members(&json["paths"]).map(|(template, item)| {
            let operations = members(item).map(|(method, operation)| {
                let place = format!("/paths/{}/{method}", escape(template));
                Operation { method: method.to_uppercase(), contents: contents(operation, &place, &mut compile) }
            });
            Path { template: template.clone(), operations: operations.collect() }
        });
        let paths = paths.collect();
        Self { paths, schemas, refusal }
    }

    fn fault(&self, request: &str, answered: &Answered) -> Option<String> {
        let (method, target) = request.split_once(' ')?;
        if method == "OPTIONS" {
            // A question of browsers before they send the request itself.
            return None;
        }
        let target = target.split(['?', '#', ' ']).next().unwrap_or_default();
        let Some(path) = self.path(target) else {
            let fault = self.stray_fault(answered, LEFT_OUT.contains(&target));
            return fault.map(|fault| format!("{method} {target}: {} {fault}", answered.status));
        };
        let operation = |method: &str| path.operations.iter().find(|operation| operation.method == method);
        let fault = match (method, operation(method)) {
            (_, Some(operation)) => self.operation_fault(operation, answered),
            ("HEAD", None) => operation("GET").and_then(|get| head_fault(get, answered)),
            _ => self.stray_fault(answered, false),
        };
        fault.map(|fault| format!("{method} {}: {} {fault}", path.template, answered.status))
    }

    /// The path that a request's target belongs to: of several the one with the most literal segments.
    fn path(&self, target: &str) -> Option<&Path> {
        let matching = self.paths.iter().filter(|path| matches(&path.template, target));
        matching.min_by_key(|path| path.template.matches('{').count())
    }

    fn operation_fault(&self, operation: &Operation, answered: &Answered) -> Option<String> {
        let of_status = || operation.contents.iter().filter(|content| content.status == answered.status);
        if of_status().next().is_none() {
            return Some(UNKNOWN_STATUS.to_owned());
        }
        let Some(content) = of_status().find(|content| content.media_type.as_deref() == answered.media_type) else {
            return Some(format!("with {} is not described", answered.media_type.unwrap_or("no content")));
        };
        self.body_fault(content.schema?, answered)
    }

    /// What is wrong with the answer to a request that is for no operation.
    fn stray_fault(&self, answered: &Answered, is_left_out: bool) -> Option<String> {
        match answered.media_type {
            _ if is_left_out => None,
            Some("application/json") if answered.status >= "400" => self.body_fault(self.refusal, answered),
            // Without a body there is nothing to describe, as for the way to the path without a slash at its end.
            _ if answered.status >= "300" && answered.body.is_empty() => None,
            _ => Some("is answered though no operation is described".to_owned()),
        }
    }

    fn body_fault(&self, schema: SchemaIndex, answered: &Answered) -> Option<String> {
        if answered.media_type != Some("application/json") {
            return None;
        }
        let Ok(body) = serde_json::from_str::<Value>(answered.body) else {
            return Some("with a body that is no JSON".to_owned());
        };
        let error = self.schemas.validate(&body, schema).err()?;
        // The first line only says where the schema is.
        let lines = error.to_string();
        let lines: Vec<&str> = lines.lines().skip(1).map(str::trim).collect();
        Some(format!("with a body of another shape: {}", lines.join("; ")))
    }
}

impl<'a> Answered<'a> {
    /// Reads a status line and headers, with or without the protocol's version.
    fn new(head: &'a str, body: &'a str) -> Self {
        let (line, headers) = head.split_once('\n').unwrap_or((head, ""));
        let status = line.split(' ').find(|word| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()));
        let media_type = headers.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-type").then_some(value.split(';').next()?.trim())
        });
        Self { status: status.unwrap_or_default(), media_type, body }
    }
}

/// What is wrong with the answer to HEAD: it is one of GET, without its body, or that there is no HEAD.
fn head_fault(get: &Operation, answered: &Answered) -> Option<String> {
    let is_known = answered.status == "405" || get.contents.iter().any(|content| content.status == answered.status);
    (!is_known).then(|| UNKNOWN_STATUS.to_owned())
}

/// What an operation may answer.
fn contents(operation: &Value, place: &str, compile: &mut impl FnMut(&str) -> SchemaIndex) -> Vec<Content> {
    let mut all = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        let empty = Content { status: status.clone(), media_type: None, schema: None };
        let Some(contents) = response["content"].as_object().filter(|contents| !contents.is_empty()) else {
            all.push(empty);
            continue;
        };
        for (media_type, content) in contents {
            let place = format!("{place}/responses/{status}/content/{}/schema", escape(media_type));
            let schema = content.get("schema").map(|_| compile(&place));
            all.push(Content { status: status.clone(), media_type: Some(media_type.clone()), schema });
        }
    }
    all
}

/// Puts the shared responses where operations refer to them.
fn inline_responses(document: &mut Value) {
    let shared = document["components"]["responses"].take();
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    let operations = paths.flat_map(|item| item.as_object_mut().into_iter().flat_map(|item| item.values_mut()));
    for response in operations.filter_map(|operation| operation["responses"].as_object_mut()).flat_map(Map::values_mut)
    {
        let name = response["$ref"].as_str().and_then(|place| place.strip_prefix("#/components/responses/"));
        if let Some(name) = name {
            *response = shared[name].clone();
        }
    }
}

/// Lets objects have the members that the document names and no others, unless it says which.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(schema) => {
            if schema.contains_key("properties") && schema.get("type").is_some_and(|kind| kind == "object") {
                schema.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            schema.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

/// Whether a path has the form of a template, as servers see it: decoded, segment by segment.
fn matches(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(segment)) if expected.starts_with('{') && !segment.is_empty() => {}
            (Some(expected), Some(segment)) if percent_decode_str(segment).eq(expected.bytes()) => {}
            _ => return false,
        }
    }
}

/// Times of the wire: RFC 3339, but most have no zone.
fn is_wire_time(value: &Value) -> Result<(), Box<dyn std::error::Error>> {
    let Some(text) = value.as_str() else { return Ok(()) };
    let zoned = match text.ends_with('Z') || text.get(19..).is_some_and(|rest| rest.contains(['+', '-'])) {
        true => text.to_owned(),
        false => format!("{text}Z"),
    };
    zoned.parse::<jiff::Timestamp>().map(|_| ()).map_err(Into::into)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// A name as a step of a JSON pointer in a URL.
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1").replace('{', "%7B").replace('}', "%7D")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Document {
        let thing = json!({
            "type": "object",
            "properties": {"id": {"type": "string", "format": "uuid"}, "at": {"type": "string", "format": "date-time"}},
            "required": ["id"],
        });
        let refusal = json!({"type": "object", "properties": {"detail": {}}, "required": ["detail"]});
        let answers = |schema: &str| {
            let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
            json!({"content": {"application/json": {"schema": schema}}})
        };
        Document::new(json!({
            "paths": {
                "/things/{id}": {
                    "get": {"responses": {"200": answers("Thing"), "404": answers("ErrorResponse")}},
                    "delete": {"responses": {"204": {"description": "Gone."}}},
                },
                "/things/stream": {"get": {"responses": {"200": {"content": {"text/event-stream": {}}}}}},
            },
            "components": {"schemas": {"Thing": thing, "ErrorResponse": refusal}},
        }))
    }

    fn fault(request: &str, head: &str, body: &str) -> Option<String> {
        document().fault(request, &Answered::new(head, body))
    }

    const JSON: &str = "200 OK\ncontent-type: application/json\n";
    const THING: &str = r#"{"id": "0190e8f2-5d4c-7c3b-8f44-0a53a7c1d9aa", "at": "2026-01-02T03:04:05.678"}"#;

    #[test]
    fn what_is_described_is_right() {
        assert_eq!(fault("GET /things/1?limit=2", JSON, THING), None);
        assert_eq!(
            fault("GET /%74hings/1 HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n", THING),
            None
        );
        assert_eq!(
            fault("GET /things/1", "404 Not Found\ncontent-type: application/json\n", r#"{"detail": "?"}"#),
            None
        );
        assert_eq!(fault("DELETE /things/1", "204 No Content\n", ""), None);
        assert_eq!(fault("GET /things/stream", "200 OK\ncontent-type: text/event-stream; charset=utf-8\n", ""), None);
    }

    #[test]
    fn statuses_media_types_and_bodies_must_be_described() {
        let unknown = fault("DELETE /things/1", "409 Conflict\ncontent-type: application/json\n", "{}");
        assert_eq!(unknown.as_deref(), Some("DELETE /things/{id}: 409 is no status of the operation"));
        let text = fault("GET /things/1", "200 OK\ncontent-type: text/plain\n", "hello");
        assert_eq!(text.as_deref(), Some("GET /things/{id}: 200 with text/plain is not described"));
        for body in
            ["{}", "[]", "no JSON", r#"{"id": "1"}"#, &THING.replace("at", "more"), &THING.replace("T03", "T33")]
        {
            assert!(fault("GET /things/1", JSON, body).is_some(), "{body}");
        }
    }

    #[test]
    fn strays_are_refused_like_everything() {
        for request in ["GET /nothing", "PUT /things/1"] {
            let head = "404 Not Found\ncontent-type: application/json\n";
            assert_eq!(fault(request, head, r#"{"detail": "Not Found"}"#), None);
            assert!(fault(request, head, r#"{"error": "Not Found"}"#).is_some());
            assert!(fault(request, JSON, THING).is_some());
        }
        assert_eq!(fault("GET /docs", "200 OK\ncontent-type: text/html\n", "<html>"), None);
        assert_eq!(fault("OPTIONS /things/1", "200 OK\n", ""), None);
        assert_eq!(fault("HEAD /things/1", JSON, ""), None);
        assert!(fault("HEAD /things/1", "500 Internal Server Error\n", "").is_some());
    }

    #[test]
    fn the_document_of_the_repository_can_be_compared_with() {
        let head = "200 OK\ncontent-type: application/json\n";
        assert_eq!(super::fault("GET /healthz", head, r#"{"ok": true}"#), None);
        assert!(super::fault("GET /healthz", head, r#"{"well": true}"#).is_some());
    }
}
