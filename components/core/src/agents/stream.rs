//! Agents as they change and check in.

use serde::Serialize;
use uuid::Uuid;

use super::wire::AgentRead;
use super::{Agent, store};
use mission_control_platform::db::Position;
use mission_control_web::http::Cx;
use mission_control_web::sse::{Feed, Item};

/// What an event of the stream carries.
#[derive(Serialize)]
struct AgentEvent {
    agent: AgentRead,
}

/// The organization's agents that pass the filter, as they change from this moment on.
#[must_use]
pub fn feed(cx: &Cx, organization_id: Uuid, filter: store::Filter, since: Option<&str>) -> Feed {
    let db = cx.db.clone();
    Feed::new(cx, format!("agents {organization_id} {filter:?}"), since, move |position, limit| {
        let agents = db.read(|tx| store::changed_after(tx, organization_id, filter, position, limit))?;
        let item = |agent: Agent| {
            let position = Position { at: agent.updated_at, id: agent.id };
            Item::new("agent", position, &AgentEvent { agent: agent.into() })
        };
        Ok(agents.into_iter().map(item).collect())
    })
}
