//! The documented side of a route: what its arguments and its answer add to the OpenAPI document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::refusals::{ErrorResponse, HTTPValidationError, response};
use crate::schema::{Components, Model, Schema, property};

/// An operation of the document while it is being described.
#[derive(Debug)]
pub struct Operation<'a> {
    pub(super) components: &'a mut Components,
    parameters: Vec<Value>,
    request_body: Option<Value>,
    user_auth: bool,
    agent_auth: bool,
    /// For each status the schemas of its bodies.
    refusals: BTreeMap<u16, Vec<Value>>,
}

impl<'a> Operation<'a> {
    pub(super) fn new(components: &'a mut Components) -> Self {
        Self {
            components,
            parameters: Vec::new(),
            request_body: None,
            user_auth: false,
            agent_auth: false,
            refusals: BTreeMap::new(),
        }
    }

    /// The JSON body has this schema and is required.
    pub fn request_body<T: Schema>(&mut self) {
        let schema = T::schema(self.components);
        self.request_body = Some(json!({"required": true, "content": {"application/json": {"schema": schema}}}));
        self.reads_body();
    }

    /// Reads a body, declared or not: it may be broken, too large or in an unknown encoding.
    pub fn reads_body(&mut self) {
        for status in [400, 413, 415] {
            self.refuses(status);
        }
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

    /// Takes a uuid in the path, of something that may not exist.
    pub fn path_uuid(&mut self, name: &str) {
        let title = crate::schema::title_of(name);
        self.parameter(name, "path", true, json!({"type": "string", "format": "uuid", "title": title}));
        self.refuses(404);
    }

    /// Callers authenticate as a person. Too many failures are refused.
    pub fn user_auth(&mut self) {
        self.user_auth = true;
        self.refuses(401);
        self.refuses(429);
    }

    /// Callers authenticate as an agent, by either header.
    pub fn agent_auth(&mut self) {
        self.agent_auth = true;
        self.refuses(401);
        self.refuses(429);
    }

    /// May answer this status with a text or an object as the detail.
    pub fn refuses(&mut self, status: u16) {
        self.refuses_with::<ErrorResponse>(status);
    }

    /// May answer this status with a body of this shape.
    pub fn refuses_with<T: Schema>(&mut self, status: u16) {
        let schema = T::schema(self.components);
        let shapes = self.refusals.entry(status).or_default();
        if !shapes.contains(&schema) {
            shapes.push(schema);
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
        // Where agents call too, neither scheme is required.
        if self.user_auth && !self.agent_auth {
            operation.insert("security".into(), json!([{"HTTPBearer": []}]));
        }
        if !self.parameters.is_empty() || self.request_body.is_some() {
            self.refuses_with::<HTTPValidationError>(422);
        }
        if !self.parameters.is_empty() {
            operation.insert("parameters".into(), Value::Array(self.parameters));
        }
        if let Some(body) = self.request_body {
            operation.insert("requestBody".into(), body);
        }
        let mut responses = Map::new();
        let schema = content.unwrap_or_else(|| json!({"type": "string"}));
        let content = json!({media_type: {"schema": schema}});
        responses.insert(success.to_string(), json!({"description": describe(success), "content": content}));
        responses
            .extend(self.refusals.into_iter().map(|(status, shapes)| (status.to_string(), response(status, shapes))));
        operation.insert("responses".into(), Value::Object(responses));
        operation
    }
}

fn describe(success: u16) -> &'static str {
    match success {
        202 => "The request was accepted and will be worked on.",
        _ => "The request succeeded.",
    }
}
