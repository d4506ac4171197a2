//! What webhooks have received.

use mission_control_core::guards::UserReadsBoard;
use mission_control_core::webhooks::store;
use mission_control_core::webhooks::wire::{BoardWebhookPayloadRead, PayloadPath, WebhookPath};
use mission_control_platform::db::{DbError, Page, Paging};
use mission_control_web::http::{ApiError, ApiResult, Cx, Json, Path};

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
