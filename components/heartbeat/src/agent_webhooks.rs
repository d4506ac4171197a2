//! What webhooks have received, for the agents of the board.

use mission_control_core::guards::AgentOnBoard;
use mission_control_core::webhooks::store;
use mission_control_core::webhooks::wire::{BoardWebhookPayloadRead, PayloadPath};
use mission_control_platform::db::DbError;
use mission_control_web::http::{ApiError, ApiResult, Cx, Json, Path, Query};
use mission_control_web::request;
use mission_control_web::schema::Ranged;

request! {
    /// How much of a payload to answer.
    pub struct PayloadQuery {
        /// A longer payload is answered as the start of its text.
        pub max_chars: Option<Ranged<1, 1_000_000>> = None,
    }
}

/// Answers one payload, shortened if asked.
pub async fn get_webhook_payload(
    cx: Cx,
    board: AgentOnBoard,
    path: Path<PayloadPath>,
    query: Query<PayloadQuery>,
) -> ApiResult<Json<BoardWebhookPayloadRead>> {
    let payload = cx.db.read::<_, DbError>(|tx| store::find_payload(tx, board.id, path.webhook_id, path.payload_id))?;
    let payload = payload.ok_or_else(ApiError::not_found)?;
    let max_chars = query.max_chars.and_then(|limit| usize::try_from(limit.0).ok());
    let payload = match max_chars {
        Some(limit) => payload.at_most(limit),
        None => payload,
    };
    Ok(Json(payload.into()))
}
