//! What happened, for people and agents.

use mission_control::activity;
use mission_control::activity::wire::ActivityEventRead;
use mission_control::db::DbError;
use mission_control::http::{ApiResult, Cx, Json, Page, Paging};
use mission_control::identity::Actor;

/// Lists what happened that the caller may know of, newest first.
pub async fn list_activity(cx: Cx, actor: Actor, paging: Paging) -> ApiResult<Json<Page<ActivityEventRead>>> {
    let events = cx.db.read::<_, DbError>(|tx| activity::feed(tx, &actor, &paging))?;
    Ok(Json(events.map(ActivityEventRead::from)))
}
