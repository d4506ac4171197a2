//! Where the outside world posts events: public, so every check counts, and so does their order.

use http::StatusCode;
use mission_control_core::webhooks::wire::BoardWebhookIngestResponse;
use mission_control_core::webhooks::{Payload, Webhook, ingest, signature, store};
use mission_control_platform::db::DbError;
use mission_control_platform::limits;
use mission_control_web::http::{
    ApiError, ApiResult, Codings, Cx, Extract, Json, Operation, path_field, rate_limit_headers,
};
use mission_control_web::schema::Faults;
use uuid::Uuid;

/// The webhook of the path, on behalf of an address that has not called too often.
///
/// A call for an unknown board costs the address nothing; one for an unknown webhook does, so that ids cannot be probed.
#[derive(Clone, Debug)]
pub struct CalledWebhook {
    organization_id: Uuid,
    webhook: Webhook,
}

impl Extract for CalledWebhook {
    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        let board_id = path_field::<Uuid>(cx, "board_id", faults);
        let webhook_id = path_field::<Uuid>(cx, "webhook_id", faults);
        let Some(board_id) = board_id else { return Ok(None) };
        let target = cx.db.read::<_, DbError>(|tx| store::find_target(tx, board_id, webhook_id.unwrap_or_default()))?;
        let target = target.ok_or_else(ApiError::not_found)?;
        if webhook_id.is_none() {
            return Ok(None);
        }
        let decision = limits::check(&cx.settings, limits::Namespace::WebhookIngest, &cx.client_address).await;
        if !decision.allowed {
            let headers = rate_limit_headers(&decision, limits::Namespace::WebhookIngest);
            return Err(ApiError::too_many_requests(headers));
        }
        let webhook = target.webhook.ok_or_else(ApiError::not_found)?;
        Ok(Some(Self { organization_id: target.organization_id, webhook }))
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.path_uuid("webhook_id");
        operation.path_uuid("board_id");
        operation.reads_body();
        for status in [403, 404, 410, 429] {
            operation.refuses(status);
        }
    }
}

/// Takes in an event: stores it, puts it into the board's memory and has an agent told of it.
pub async fn ingest_board_webhook(cx: Cx, called: CalledWebhook) -> ApiResult<Json<BoardWebhookIngestResponse>> {
    let CalledWebhook { organization_id, webhook } = called;
    if !webhook.enabled {
        return Err(ApiError::new(StatusCode::GONE, "Webhook is disabled."));
    }
    let limit = cx.settings.webhook_max_payload_bytes;
    let limit = usize::try_from(limit).map_err(|_| ApiError::too_large(limit))?;
    // What the head gives away already is refused before anything of the body is read.
    let codings = Codings::of(&cx.headers)?;
    cx.require_announced_within(limit)?;
    signature::require_presented(&webhook, &cx.headers).map_err(untrusted)?;
    let sent = cx.read_raw_body(limit).await?;
    // The sender signed what it sent.
    signature::verify(&webhook, &cx.headers, &sent).map_err(untrusted)?;
    let body = codings.decode(sent, limit)?;
    let payload = Payload::received(&webhook, &cx.headers, &body, &cx.client_address);
    cx.db.write(|tx| ingest::take_in(tx, &cx.settings, organization_id, &webhook, &payload)).await?;
    cx.outbox_has_work();
    Ok(Json(BoardWebhookIngestResponse {
        ok: true,
        board_id: webhook.board_id,
        webhook_id: webhook.id,
        payload_id: payload.id,
    }))
}

fn untrusted(error: signature::SignatureError) -> ApiError {
    ApiError::forbidden_because(error.to_string())
}
