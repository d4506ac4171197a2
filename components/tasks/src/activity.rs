//! What happened, for people and agents.

use mission_control_core::activity;
use mission_control_core::activity::comment_feed::{
    self, ActivityTaskCommentFeedItemRead, CommentFilter, CommentStreamQuery, Scope,
};
use mission_control_core::activity::wire::ActivityEventRead;
use mission_control_core::agents::Actor;
use mission_control_core::guards::require_board_if_named;
use mission_control_core::organizations::SignedIn;
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Cx, Json, Query, Raw};
use mission_control_web::sse;

/// Lists what happened that the caller may know of, newest first: an agent its own events, a person those of the boards
/// that they may read in their active organization.
pub async fn list_activity(cx: Cx, actor: Actor, paging: Paging) -> ApiResult<Json<Page<ActivityEventRead>>> {
    let events = cx.db.read::<_, DbError>(|tx| match &actor {
        Actor::Agent(agent) => activity::store::of_agent(tx, agent.id, &paging),
        Actor::User(caller) => activity::store::of_member(tx, &caller.membership, &paging),
    })?;
    Ok(Json(events.map(ActivityEventRead::from)))
}

/// Lists the comments on the tasks of the boards that the caller may read, or of one of them, newest first.
pub async fn list_task_comment_feed(
    cx: Cx,
    caller: SignedIn,
    filter: Query<CommentFilter>,
    paging: Paging,
) -> ApiResult<Json<Page<ActivityTaskCommentFeedItemRead>>> {
    let page = cx.db.read(|tx| {
        require_board_if_named(tx, &caller, filter.board_id)?;
        comment_feed::page(tx, Scope::new(&caller.membership, filter.board_id), &paging).map_err(ApiError::from)
    })?;
    Ok(Json(page))
}

/// Streams those comments as they are written.
pub async fn stream_task_comment_feed(cx: Cx, caller: SignedIn, query: Query<CommentStreamQuery>) -> ApiResult<Raw> {
    cx.db.read(|tx| require_board_if_named(tx, &caller, query.board_id))?;
    let feed = comment_feed::feed(&cx, caller.membership, query.board_id, query.since.as_deref());
    sse::follow::<SignedIn>(&cx, feed).await
}
