//! Making, changing and deleting webhooks.

use mission_control_core::agents;
use mission_control_core::guards::{UserReadsBoard, UserWritesBoard};
use mission_control_core::webhooks::wire::{BoardWebhookCreate, BoardWebhookRead, BoardWebhookUpdate, WebhookPath};
use mission_control_core::webhooks::{Webhook, store};
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_web::http::{ApiError, ApiResult, Body, Cx, Json, OkResponse, Path, done};

/// Lists the webhooks of a board, newest first.
pub async fn list_board_webhooks(
    cx: Cx,
    board: UserReadsBoard,
    paging: Paging,
) -> ApiResult<Json<Page<BoardWebhookRead>>> {
    let page = cx.db.read::<_, DbError>(|tx| store::page(tx, board.id, &paging))?;
    Ok(Json(page.map(|webhook| BoardWebhookRead::new(webhook, &cx.settings))))
}

/// Makes a webhook.
pub async fn create_board_webhook(
    cx: Cx,
    board: UserWritesBoard,
    body: Body<BoardWebhookCreate>,
) -> ApiResult<Json<BoardWebhookRead>> {
    let webhook = body.0.into_webhook(board.id);
    cx.db
        .write(|tx| {
            require_agent_on_board(tx, &webhook)?;
            store::insert(tx, &webhook).map_err(ApiError::from)
        })
        .await?;
    Ok(Json(BoardWebhookRead::new(webhook, &cx.settings)))
}

/// Answers one webhook.
pub async fn get_board_webhook(
    cx: Cx,
    board: UserReadsBoard,
    path: Path<WebhookPath>,
) -> ApiResult<Json<BoardWebhookRead>> {
    let webhook = cx.db.read::<_, DbError>(|tx| store::find(tx, board.id, path.webhook_id))?;
    Ok(Json(BoardWebhookRead::new(webhook.ok_or_else(ApiError::not_found)?, &cx.settings)))
}

/// Changes what the request carries of a webhook; a request that carries nothing changes nothing.
pub async fn update_board_webhook(
    cx: Cx,
    board: UserWritesBoard,
    path: Path<WebhookPath>,
    body: Body<BoardWebhookUpdate>,
) -> ApiResult<Json<BoardWebhookRead>> {
    let webhook = cx
        .db
        .write(|tx| {
            let mut webhook = store::lock(tx, board.id, path.webhook_id)?.ok_or_else(ApiError::not_found)?;
            if !body.is_empty() {
                let former_agent = webhook.agent_id;
                body.0.apply(&mut webhook);
                if webhook.agent_id != former_agent {
                    require_agent_on_board(tx, &webhook)?;
                }
                store::save(tx, &webhook)?;
            }
            Ok::<_, ApiError>(webhook)
        })
        .await?;
    Ok(Json(BoardWebhookRead::new(webhook, &cx.settings)))
}

/// Deletes a webhook and what it has received. Board memory stays.
pub async fn delete_board_webhook(
    cx: Cx,
    board: UserWritesBoard,
    path: Path<WebhookPath>,
) -> ApiResult<Json<OkResponse>> {
    if cx.db.write::<_, DbError>(|tx| store::delete(tx, board.id, path.webhook_id)).await? {
        Ok(done())
    } else {
        Err(ApiError::not_found())
    }
}

fn require_agent_on_board(tx: &mut Tx<'_>, webhook: &Webhook) -> ApiResult<()> {
    let Some(agent_id) = webhook.agent_id else { return Ok(()) };
    match agents::store::find(tx, agent_id)? {
        Some(agent) if agent.board_id == Some(webhook.board_id) => Ok(()),
        _ => Err(ApiError::unprocessable("agent_id must reference an agent on this board.")),
    }
}
