//! SQL of webhooks and their payloads.

use serde_json::Value;
use uuid::Uuid;

use super::{Payload, Webhook};
use mission_control_platform::db::{self, DbError, FromRow, FromValue, List, Page, Paging, Row, Tx, columns_as};
use mission_control_platform::params;

/// The webhook, if the board has it.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, board_id: Uuid, id: Uuid) -> Result<Option<Webhook>, DbError> {
    tx.first(&select_one(), &params![id, board_id])
}

/// The same, locked until the end of the transaction.
///
/// # Errors
/// A database failure.
pub fn lock(tx: &mut Tx<'_>, board_id: Uuid, id: Uuid) -> Result<Option<Webhook>, DbError> {
    let sql = format!("{}{}", select_one(), tx.for_update());
    tx.first(&sql, &params![id, board_id])
}

fn select_one() -> String {
    format!("SELECT {} FROM board_webhooks WHERE id = $1 AND board_id = $2", Webhook::COLUMNS.join(", "))
}

/// The board that an event is for, and its webhook if it has this one.
#[derive(Clone, Debug)]
pub struct Target {
    /// The tenant of the board.
    pub organization_id: Uuid,
    /// The webhook.
    pub webhook: Option<Webhook>,
}

impl FromRow for Target {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let organization_id = row.next()?;
        let has_webhook = row.next::<Option<Uuid>>()?.is_some();
        Ok(Self { organization_id, webhook: if has_webhook { Some(Webhook::from_row(row)?) } else { None } })
    }
}

/// Where an event goes; `None` if the board does not exist.
///
/// # Errors
/// A database failure.
pub fn find_target(tx: &mut Tx<'_>, board_id: Uuid, id: Uuid) -> Result<Option<Target>, DbError> {
    let sql = format!(
        "SELECT b.organization_id, w.id, {} FROM boards b
         LEFT JOIN board_webhooks w ON w.board_id = b.id AND w.id = $1 WHERE b.id = $2",
        columns_as("w", Webhook::COLUMNS)
    );
    tx.first(&sql, &params![id, board_id])
}

/// The webhooks of a board, newest first.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, board_id: Uuid, paging: &Paging) -> Result<Page<Webhook>, DbError> {
    let list = List {
        columns: Webhook::COLUMNS.join(", "),
        from: "board_webhooks",
        conditions: vec!["board_id = $1".to_owned()],
        order: "created_at DESC, id DESC",
        total: "SELECT count(*) FROM board_webhooks WHERE board_id = $1".to_owned(),
        params: params![board_id].to_vec(),
    };
    list.page(tx, paging)
}

/// Stores a new webhook.
///
/// # Errors
/// A database failure.
pub fn insert(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO board_webhooks
         (id, board_id, agent_id, description, enabled, secret, signature_header, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            webhook.id,
            webhook.board_id,
            webhook.agent_id,
            &webhook.description,
            webhook.enabled,
            &webhook.secret,
            &webhook.signature_header,
            webhook.created_at,
            webhook.updated_at
        ],
    )
}

/// Stores what changed of a webhook.
///
/// # Errors
/// A database failure.
pub fn save(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<(), DbError> {
    tx.execute(
        "UPDATE board_webhooks SET agent_id = $1, description = $2, enabled = $3, secret = $4, signature_header = $5,
         updated_at = $6 WHERE id = $7",
        &params![
            webhook.agent_id,
            &webhook.description,
            webhook.enabled,
            &webhook.secret,
            &webhook.signature_header,
            webhook.updated_at,
            webhook.id
        ],
    )
}

/// Deletes a webhook with its payloads; `false` if the board has no such webhook.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, board_id: Uuid, id: Uuid) -> Result<bool, DbError> {
    tx.exists("DELETE FROM board_webhooks WHERE id = $1 AND board_id = $2 RETURNING id", &params![id, board_id])
}

/// Stores a received payload.
///
/// # Errors
/// A database failure; `ForeignKey` when the webhook was deleted meanwhile.
pub fn insert_payload(tx: &mut Tx<'_>, payload: &Payload) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO board_webhook_payloads
         (id, board_id, webhook_id, payload, headers, source_ip, content_type, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            payload.id,
            payload.board_id,
            payload.webhook_id,
            // Text, because jsonb forgets the order of members.
            payload.payload.as_ref().map(Value::to_string),
            &payload.headers,
            &payload.source_ip,
            &payload.content_type,
            payload.received_at
        ],
    )
}

/// The payload, if this webhook of this board has received it.
///
/// # Errors
/// A database failure.
pub fn find_payload(tx: &mut Tx<'_>, board_id: Uuid, webhook_id: Uuid, id: Uuid) -> Result<Option<Payload>, DbError> {
    let sql = format!(
        "SELECT {} FROM board_webhook_payloads WHERE id = $1 AND webhook_id = $2 AND board_id = $3",
        Payload::COLUMNS.join(", ")
    );
    tx.first(&sql, &params![id, webhook_id, board_id])
}

/// A payload to tell an agent of.
#[derive(Clone, Debug)]
pub struct Received {
    /// The webhook that received it.
    pub webhook: Webhook,
    /// The name of the webhook's board.
    pub board_name: String,
    /// The payload itself.
    pub payload: Option<Value>,
}

impl FromRow for Received {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { webhook: Webhook::from_row(row)?, board_name: row.next()?, payload: row.next()? })
    }
}

/// The payload with its webhook and board; `None` if one of them is not there or not the other's.
///
/// # Errors
/// A database failure.
pub fn find_received(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    webhook_id: Uuid,
    payload_id: Uuid,
) -> Result<Option<Received>, DbError> {
    let sql = format!(
        "SELECT {}, b.name, p.payload FROM board_webhook_payloads p
         JOIN board_webhooks w ON w.id = p.webhook_id AND w.board_id = p.board_id
         JOIN boards b ON b.id = p.board_id
         WHERE p.id = $1 AND p.webhook_id = $2 AND p.board_id = $3",
        columns_as("w", Webhook::COLUMNS)
    );
    tx.first(&sql, &params![payload_id, webhook_id, board_id])
}

/// How many characters of payloads one page carries. Parsed, they take some thirty times as many bytes.
const PAGE_CHARS: i64 = 4 * 1024 * 1024;

/// How many characters are left of a payload that does not fit on its page.
const START_CHARS: i64 = 4_000;

/// A payload on a page.
struct Listed(Payload);

impl FromRow for Listed {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let (id, board_id, webhook_id) = (row.next()?, row.next()?, row.next()?);
        let (text, fits): (Option<String>, bool) = (row.next()?, row.next()?);
        let payload = text.map(|text| {
            if fits { Value::from_value(db::Value::Text(text)) } else { Ok(Value::String(format!("{text}..."))) }
        });
        Ok(Self(Payload {
            id,
            board_id,
            webhook_id,
            payload: payload.transpose()?,
            headers: row.next()?,
            source_ip: row.next()?,
            content_type: row.next()?,
            received_at: row.next()?,
        }))
    }
}

/// What a webhook has received, newest first. Payloads beyond what a page can carry are the start of their text.
///
/// # Errors
/// A database failure.
pub fn page_of_payloads(tx: &mut Tx<'_>, webhook_id: Uuid, paging: &Paging) -> Result<Page<Payload>, DbError> {
    let total = tx.one(
        "SELECT CAST(COALESCE(sum(entries), 0) AS bigint) FROM list_counts WHERE owner_id = $1",
        &params![webhook_id],
    )?;
    let sql = format!(
        "WITH page AS (
             SELECT {} FROM board_webhook_payloads WHERE webhook_id = $1
             ORDER BY received_at DESC, id DESC LIMIT $2 OFFSET $3
         ), sized AS (
             SELECT page.*, sum(COALESCE(length(payload), 0)) OVER (ORDER BY received_at DESC, id DESC) <= {PAGE_CHARS} AS fits FROM page
         )
         SELECT id, board_id, webhook_id, CASE WHEN fits THEN payload ELSE substr(payload, 1, {START_CHARS}) END, fits, headers,
             source_ip, content_type, received_at FROM sized ORDER BY received_at DESC, id DESC",
        Payload::COLUMNS.join(", ")
    );
    let values = params![webhook_id, paging.limit(), paging.offset()];
    let items = tx.all::<Listed>(&sql, &values)?.into_iter().map(|Listed(payload)| payload).collect();
    Ok(paging.page(items, total))
}
