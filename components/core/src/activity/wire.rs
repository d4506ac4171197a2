//! Bodies of the activity feed.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Event;
use mission_control_platform::time::Timestamp;
use mission_control_web::response;
use mission_control_web::schema::{Components, Schema};

response! {
    /// Something that happened, and where a person finds it.
    pub struct ActivityEventRead {
        pub id: Uuid,
        pub event_type: String,
        pub message: Option<String>,
        pub agent_id: Option<Uuid>,
        pub task_id: Option<Uuid>,
        pub board_id: Option<Uuid>,
        /// The page that shows it.
        pub route_name: Option<String>,
        /// What that page needs to know.
        pub route_params: Option<RouteParams>,
        pub created_at: Timestamp,
    }
}

impl From<Event> for ActivityEventRead {
    fn from(event: Event) -> Self {
        let (route_name, route_params) = route_to(&event);
        let Event { id, event_type, message, agent_id, task_id, board_id, created_at } = event;
        Self {
            id,
            event_type,
            message,
            agent_id,
            task_id,
            board_id,
            route_name: Some(route_name.to_owned()),
            route_params: Some(route_params),
            created_at,
        }
    }
}

/// Parameters of a page, by name, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteParams(Vec<(&'static str, String)>);

impl Serialize for RouteParams {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Schema for RouteParams {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "object", "additionalProperties": {"type": "string"}})
    }
}

/// The page that shows an event.
fn route_to(event: &Event) -> (&'static str, RouteParams) {
    let task = event.task_id.map(|id| ("taskId", id.to_string()));
    let Some(board_id) = event.board_id else {
        let mut params = vec![
            ("eventId", event.id.to_string()),
            ("eventType", event.event_type.clone()),
            ("createdAt", event.created_at.to_string()),
        ];
        params.extend(task);
        return ("activity", RouteParams(params));
    };
    let mut params = vec![("boardId", board_id.to_string())];
    if event.event_type == "task.comment" && task.is_some() {
        params.extend(task);
        params.push(("commentId", event.id.to_string()));
    } else if event.event_type.starts_with("approval.") {
        return ("board.approvals", RouteParams(params));
    } else if event.event_type.starts_with("board.") {
        params.push(("panel", "chat".to_owned()));
    } else {
        params.extend(task);
    }
    ("board", RouteParams(params))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(event_type: &str, board: bool, task: bool) -> (&'static str, Vec<&'static str>) {
        let (name, params) = route_to(&Event {
            id: Uuid::from_u128(1),
            event_type: event_type.to_owned(),
            message: None,
            agent_id: None,
            task_id: task.then(|| Uuid::from_u128(2)),
            board_id: board.then(|| Uuid::from_u128(3)),
            created_at: Timestamp::MIN,
        });
        (name, params.0.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn every_event_leads_to_a_page() {
        assert_eq!(route("task.comment", true, true), ("board", vec!["boardId", "taskId", "commentId"]));
        assert_eq!(route("task.comment", true, false), ("board", vec!["boardId"]));
        assert_eq!(route("approval.lead_notified", true, true), ("board.approvals", vec!["boardId"]));
        assert_eq!(route("board.lead_notified", true, true), ("board", vec!["boardId", "panel"]));
        assert_eq!(route("task.created", true, true), ("board", vec!["boardId", "taskId"]));
        assert_eq!(route("agent.created", true, false), ("board", vec!["boardId"]));
        assert_eq!(
            route("agent.created", false, true),
            ("activity", vec!["eventId", "eventType", "createdAt", "taskId"])
        );
        assert_eq!(route("x", false, false), ("activity", vec!["eventId", "eventType", "createdAt"]));
    }
}
