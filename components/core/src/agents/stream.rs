//! Agents as they change and check in.

use super::wire::AgentRead;
use super::{Agent, store};
use crate::organizations::Membership;
use crate::organizations::store::is_unchanged;
use mission_control_platform::db::{DbError, Position};
use mission_control_web::http::Cx;
use mission_control_web::sse::{Feed, Item};
use serde::Serialize;

/// What an event of the stream carries.
#[derive(Serialize)]
struct AgentEvent {
    agent: AgentRead,
}

/// The agents of the member's organization that pass the filter, as they change; none any more once the member's rights have
/// changed.
#[must_use]
pub fn feed(cx: &Cx, member: Membership, filter: store::Filter, since: Option<&str>) -> Feed {
    let db = cx.db.clone();
    Feed::new(cx, format!("agents {} {filter:?}", member.id), since, move |position, limit| {
        let agents = db.read(|tx| match is_unchanged(tx, &member)? {
            true => store::changed_after(tx, member.organization_id, filter, position, limit),
            false => Ok::<_, DbError>(Vec::new()),
        })?;
        let item = |agent: Agent| {
            let position = Position { at: agent.updated_at, id: agent.id };
            Item::new("agent", position, &AgentEvent { agent: agent.into() })
        };
        Ok(agents.into_iter().map(item).collect())
    })
}
