//! The documented side of a route: what its arguments and its answer add to the OpenAPI document.

use serde_json::{Map, Value, json};

use crate::schema::{Components, Model, Schema, property};

/// An operation of the document while it is being described.
#[derive(Debug)]
pub struct Operation<'a> {
    pub(super) components: &'a mut Components,
    parameters: Vec<Value>,
    request_body: Option<Value>,
    user_auth: bool,
    agent_auth: bool,
    refusals: Vec<u16>,
}

impl<'a> Operation<'a> {
    pub(super) fn new(components: &'a mut Components) -> Self {
        Self {
            components,
            parameters: Vec::new(),
            request_body: None,
            user_auth: false,
            agent_auth: false,
            refusals: Vec::new(),
        }
    }

    /// The JSON body has this schema and is required.
    pub fn request_body<T: Schema>(&mut self) {
        let schema = T::schema(self.components);
        self.request_body = Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}));
    }

    /// The members of this model are parameters of the path or the query.
    pub fn parameters<M: Model>(&mut self, place: &'static str) {
        for member in M::members(self.components) {
            let schema = property(&member);
            self.parameter(member.name, place, member.required || place == "path", schema);
        }
    }

    /// One parameter; a repeated one is described once.
    pub fn parameter(&mut self, name: &str, place: &str, required: bool, schema: Value) {
        let known = self.parameters.iter().any(|parameter| parameter["name"] == name && parameter["in"] == place);
        if !known {
            self.parameters.push(json!({"name": name, "in": place, "required": required, "schema": schema}));
        }
    }

    /// Takes a uuid in the path.
    pub fn path_uuid(&mut self, name: &str) {
        let title = crate::schema::title_of(name);
        self.parameter(name, "path", true, json!({"type": "string", "format": "uuid", "title": title}));
    }

    /// Callers authenticate as a person.
    pub fn user_auth(&mut self) {
        self.user_auth = true;
        self.refuses(401);
    }

    /// Callers authenticate as an agent, by either header.
    pub fn agent_auth(&mut self) {
        self.agent_auth = true;
        self.refuses(401);
        self.refuses(429);
    }

    /// May answer this status.
    pub fn refuses(&mut self, status: u16) {
        if !self.refusals.contains(&status) {
            self.refusals.push(status);
        }
    }

    pub(super) fn finish(mut self, success: u16, content: Option<Value>, media_type: &str) -> Map<String, Value> {
        if self.agent_auth {
            for name in ["X-Agent-Token", "Authorization"] {
                let schema = json!({"anyOf": [{"type": "string"}, {"type": "null"}], "title": name});
                self.parameter(name, "header", false, schema);
            }
        }
        let mut operation = Map::new();
        if self.user_auth {
            operation.insert("security".into(), json!([{"HTTPBearer": []}]));
        }
        if !self.parameters.is_empty() || self.request_body.is_some() {
            self.refuses(422);
        }
        if !self.parameters.is_empty() {
            operation.insert("parameters".into(), Value::Array(self.parameters));
        }
        if let Some(body) = self.request_body {
            operation.insert("requestBody".into(), body);
        }
        let mut responses = Map::new();
        let content = match content {
            Some(schema) => json!({media_type: {"schema": schema}}),
            None => json!({media_type: {"schema": {"type": "string"}}}),
        };
        responses.insert(success.to_string(), json!({"description": describe(success), "content": content}));
        self.refusals.sort_unstable();
        for status in self.refusals {
            let schema = if status == 422 { "HTTPValidationError" } else { "ErrorResponse" };
            let schema = json!({"$ref": format!("#/components/schemas/{schema}")});
            responses.insert(
                status.to_string(),
                json!({"description": describe(status), "content": {"application/json": {"schema": schema}}}),
            );
        }
        operation.insert("responses".into(), Value::Object(responses));
        operation
    }
}

fn describe(status: u16) -> &'static str {
    match status {
        200 => "The request succeeded.",
        202 => "The request was accepted and will be worked on.",
        401 => "No valid credentials were presented.",
        403 => "The caller may not do this.",
        404 => "The resource does not exist or the caller may not see it.",
        409 => "The request conflicts with the state of the resource.",
        410 => "The resource is disabled.",
        413 => "The body is too large.",
        422 => "The request is not valid.",
        429 => "Too many requests; see Retry-After.",
        502 => "A gateway failed.",
        _ => "Another answer.",
    }
}
