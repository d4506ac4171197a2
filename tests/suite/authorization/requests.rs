//! How the operations are called.

use mission_control_tests::{Answer, Client, World, unique};
use serde_json::{Value, json};

use super::callers::Ids;
use super::table::Row;

/// The operation's path with these ids.
pub fn path(row: &Row, ids: &Ids) -> String {
    let fill = |segment: &str| match parameter(segment) {
        Some(name) => ids.get(name).unwrap_or_else(|| panic!("no id for {segment}")).clone(),
        None => segment.to_owned(),
    };
    row.path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

/// The names of the path's parameters, in order.
pub fn parameters(row: &Row) -> Vec<&str> {
    row.path.split('/').filter_map(parameter).collect()
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The thing that a successful call uses up, so that the next one needs another.
pub fn used_up(row: &Row) -> Option<&str> {
    let replaces = row.operation() == "POST /api/v1/agents/{agent_id}/token";
    if row.method == "DELETE" || replaces { parameters(row).last().copied() } else { None }
}

/// Whether the organization or its people are not the same after a successful call.
pub fn ends_the_world(row: &Row) -> bool {
    row.method == "DELETE" && parameters(row).is_empty()
}

/// Calls the operation; an event stream is closed at once, and stands as the answer 200.
pub fn call(client: &Client, row: &Row, ids: &Ids, world: &World<'_>) -> Result<Answer, u16> {
    let path = path(row, ids);
    match row.method.as_str() {
        "GET" if row.path.ends_with("/stream") => match client.try_events(&path) {
            Ok(_) => Err(200),
            Err(answer) => Ok(*answer),
        },
        "GET" | "DELETE" => Ok(client.raw(&row.method, &path, &[], b"")),
        method => Ok(client.json(method, &path, body(row, world))),
    }
}

/// An array is no body for any operation: whoever is let in gets 422, and nothing happens. Some operations look closer at
/// the caller only once they know what is asked; for those, a body that changes nothing that matters.
fn body(row: &Row, world: &World<'_>) -> Value {
    match row.operation().as_str() {
        "POST /api/v1/agents" => json!({"name": unique("Agent"), "board_id": world.board_id()}),
        "POST /api/v1/agents/heartbeat" => json!({"name": "Worker", "board_id": world.board_id()}),
        "POST /api/v1/board-groups/{group_id}/heartbeat" => json!({"every": "10m"}),
        "PATCH /api/v1/organizations/me/active" => json!({"organization_id": world.organization_id()}),
        "POST /api/v1/agents/{agent_id}/heartbeat"
        | "PATCH /api/v1/agents/{agent_id}"
        | "POST /api/v1/boards/{board_id}/onboarding/start"
        | "PATCH /api/v1/boards/{board_id}/webhooks/{webhook_id}"
        | "PATCH /api/v1/organizations/me/members/{member_id}"
        | "PUT /api/v1/organizations/me/members/{member_id}/access" => json!({}),
        _ => json!([]),
    }
}
