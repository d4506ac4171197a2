//! What webhooks have received.

use mission_control::db::DbError;
use mission_control::http::{ApiError, ApiResult, Cx, Json, Page, Paging, Path};
use mission_control::identity::UserReadsBoard;
use mission_control::webhooks::store;
use mission_control::webhooks::wire::{BoardWebhookPayloadRead, PayloadPath, WebhookPath};

/// Lists what a webhook has received, newest first.
pub async fn list_board_webhook_payloads(
    cx: Cx,
    board: UserReadsBoard,
    path: Path<WebhookPath>,
    paging: Paging,
) -> ApiResult<Json<Page<BoardWebhookPayloadRead>>> {
    cx.db.read(|tx| {
        let webhook = store::find(tx, board.id, path.webhook_id)?.ok_or_else(ApiError::not_found)?;
        let page = store::page_of_payloads(tx, webhook.id, &paging)?;
        Ok(Json(page.map(BoardWebhookPayloadRead::from)))
    })
}

/// Answers one payload.
pub async fn get_board_webhook_payload(
    cx: Cx,
    board: UserReadsBoard,
    path: Path<PayloadPath>,
) -> ApiResult<Json<BoardWebhookPayloadRead>> {
    let payload = cx.db.read::<_, DbError>(|tx| store::find_payload(tx, board.id, path.webhook_id, path.payload_id))?;
    Ok(Json(payload.ok_or_else(ApiError::not_found)?.into()))
}
