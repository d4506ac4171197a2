//! The OpenAPI 3.1 document, made of the same routes that answer requests.

use serde_json::{Map, Value, json};

use super::api::Api;
use super::refusals;
use crate::schema::Components;

/// The tags of the document in order, with what each group is about.
const TAGS: &[(&str, &str)] = &[
    ("auth", "Signing in."),
    ("health", "Whether the service is alive and ready."),
    ("agents", "Agents and their life cycle."),
    ("activity", "What happened, newest first."),
    ("gateways", "Gateways that carry messages to agents."),
    ("metrics", "Figures for dashboards."),
    ("organizations", "Organizations, members and invites."),
    ("souls-directory", "Published agent personas."),
    ("skills", "Skill packs and the marketplace."),
    ("board-groups", "Groups of boards."),
    ("board-group-memory", "Memory that the boards of a group share."),
    ("boards", "Boards and their rules."),
    ("board-memory", "Notes and chat of a board."),
    ("board-webhooks", "Webhooks that turn outside events into work."),
    ("board-onboarding", "Setting up a board in conversation."),
    ("approvals", "Decisions before risky steps."),
    ("tasks", "Tasks, dependencies and comments."),
    ("custom-fields", "Task fields that an organization defines."),
    ("tags", "Labels of tasks."),
    ("users", "The signed-in person."),
    ("agent", "The agents' own API."),
    ("agent-lead", "What board leads use."),
    ("agent-worker", "What worker agents use."),
    ("agent-main", "What gateway main agents use."),
];

/// Guidance for agents on schemas: what one is for, and when to use it.
const SCHEMA_GUIDANCE: &[(&str, &str, &[&str])] = &[
    ("AgentCreate", "agent_profile", &["To describe an agent that does not exist yet"]),
    ("AgentRead", "agent_profile_lookup", &["To choose an agent by its role and status"]),
    ("AgentHeartbeat", "agent_health_signal", &["To say that an agent is alive and what it is doing"]),
    ("AgentHeartbeatCreate", "agent_bootstrap", &["To make an agent with its first sign of life"]),
];

/// The document of all these components' routes.
#[must_use]
pub fn document<'a>(apis: impl IntoIterator<Item = &'a Api>) -> Value {
    let mut components = Components::default();
    let responses = refusals::shared(&mut components);
    let mut paths: Map<String, Value> = Map::new();
    for route in apis.into_iter().flat_map(Api::routes).filter(|route| route.is_documented()) {
        let operation = route.document(&mut components);
        let path = paths.entry(route.path()).or_insert_with(|| json!({}));
        if let Some(operations) = path.as_object_mut() {
            operations.insert(route.method().as_str().to_lowercase(), operation);
        }
    }
    paths.sort_keys();
    let mut schemas = components.into_schemas();
    for (name, intent, when_to_use) in SCHEMA_GUIDANCE {
        if let Some(schema) = schemas.get_mut(*name).and_then(Value::as_object_mut) {
            schema.insert("x-llm-intent".into(), json!(intent));
            schema.insert("x-when-to-use".into(), json!(when_to_use));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Mission Control API", "version": "0.1.0"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "securitySchemes": {"HTTPBearer": {"type": "http", "scheme": "bearer"}},
        },
        "tags": TAGS.iter().map(|(name, description)| json!({"name": name, "description": description})).collect::<Vec<_>>(),
    })
}
