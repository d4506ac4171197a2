//! The inbox of an agent on a mailbox gateway.

use mission_control_core::guards::AgentCaller;
use mission_control_core::messaging::inbox::{self, InboxMessagePath, InboxMessageRead};
use mission_control_platform::db::{Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Cx, Json, OkResponse, Path, done};

/// Lists the messages that the agent has not acknowledged, oldest first.
pub async fn list_inbox(cx: Cx, caller: AgentCaller, paging: Paging) -> ApiResult<Json<Page<InboxMessageRead>>> {
    let page = cx.db.read::<_, ApiError>(|tx| Ok(inbox::pending(tx, caller.id, &paging)?))?;
    Ok(Json(page.map(Into::into)))
}

/// Takes a message out of the inbox; again is fine.
pub async fn acknowledge_message(
    cx: Cx,
    caller: AgentCaller,
    path: Path<InboxMessagePath>,
) -> ApiResult<Json<OkResponse>> {
    let known = cx.db.write::<_, ApiError>(|tx| Ok(inbox::acknowledge(tx, caller.id, path.message_id)?)).await?;
    if known { Ok(done()) } else { Err(ApiError::not_found()) }
}
