//! Forgetting payloads that were received long ago, or beyond what is kept of a webhook's.

use uuid::Uuid;

use mission_control_platform::db::retention::{Keep, delete_found};
use mission_control_platform::db::{Connection, DbError, Tx};
use mission_control_platform::params;
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;

/// Payloads that one transaction deletes: each may be large.
const BATCH: i64 = 50;

/// Deletes some of what is not kept.
///
/// # Errors
/// A database failure.
pub fn tidy(connection: &mut dyn Connection, settings: &Settings, now: Timestamp) -> Result<(), DbError> {
    let keep = Keep { days: settings.payload_keep_days, rows: settings.payload_keep_rows };
    if let Some(since) = keep.since(now) {
        delete_found(connection, "board_webhook_payloads", |tx| outdated(tx, since))?;
    }
    if let Some(rows) = keep.newest() {
        delete_found(connection, "board_webhook_payloads", |tx| surplus(tx, rows))?;
    }
    Ok(())
}

fn outdated(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<Uuid>, DbError> {
    tx.all(
        "SELECT id FROM board_webhook_payloads WHERE received_at < $1 ORDER BY received_at LIMIT $2",
        &params![since, BATCH],
    )
}

/// The oldest payloads of a webhook that has more than this.
fn surplus(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Uuid>, DbError> {
    let crowded: Option<(Uuid, i64)> = tx.first(
        "SELECT w.id, CAST(sum(c.entries) - CAST($1 AS bigint) AS bigint) FROM board_webhooks w JOIN list_counts c ON c.owner_id = w.id
         GROUP BY w.id HAVING sum(c.entries) > $1 LIMIT 1",
        &params![rows],
    )?;
    let Some((webhook_id, surplus)) = crowded else { return Ok(Vec::new()) };
    tx.all(
        "SELECT id FROM board_webhook_payloads WHERE webhook_id = $1 ORDER BY received_at, id LIMIT $2",
        &params![webhook_id, surplus.min(BATCH)],
    )
}
