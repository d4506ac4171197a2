//! What happened, for people and agents.

use mission_control_core::activity;
use mission_control_core::activity::wire::ActivityEventRead;
use mission_control_core::agents::Actor;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiResult, Cx, Json};

/// Lists what happened that the caller may know of, newest first: an agent its own events, a person those of the boards
/// that they may read in their active organization.
pub async fn list_activity(cx: Cx, actor: Actor, paging: Paging) -> ApiResult<Json<Page<ActivityEventRead>>> {
    let events = cx.db.read::<_, DbError>(|tx| match &actor {
        Actor::Agent(agent) => activity::store::of_agent(tx, agent.id, &paging),
        Actor::User(caller) => activity::store::of_member(tx, &caller.membership, &paging),
    })?;
    Ok(Json(events.map(ActivityEventRead::from)))
}
