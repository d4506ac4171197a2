//! Forgetting what happened long ago, or beyond what an organization's log may hold. Comments stay: they are part of their
//! tasks.

use std::time::Duration;

use uuid::Uuid;

use super::comments::COMMENT;
use mission_control_platform::db::retention::{BATCH, Keep, delete_found, delete_rows};
use mission_control_platform::db::{Connection, DbError, Tx, transaction};
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record};

/// Organizations whose events one tick looks through.
const ORGANIZATIONS: i64 = 10;

record! {
    /// Events of an organization to look through, oldest first.
    struct Sweep {
        organization_id: Uuid,
        /// Everything before this was looked through.
        swept_until: Option<Timestamp>,
        /// How many events there are too many, or a whole batch.
        rows: i64,
    }
}

record! {
    struct Seen {
        id: Uuid,
        created_at: Timestamp,
        event_type: String,
    }
}

/// Deletes some of what is not kept.
///
/// # Errors
/// A database failure.
pub fn tidy(connection: &mut dyn Connection, settings: &Settings, now: Timestamp) -> Result<(), DbError> {
    let keep = Keep { days: settings.activity_keep_days, rows: settings.activity_keep_rows };
    if let Some(since) = keep.since(now) {
        for sweep in outdated(&mut Tx::on(connection), since)? {
            sweep_away(connection, &sweep, since)?;
        }
        delete_found(connection, "activity_events", |tx| outdated_without_board(tx, since))?;
    }
    if let Some(rows) = keep.newest() {
        for sweep in surplus(&mut Tx::on(connection), rows)? {
            sweep_away(connection, &sweep, now)?;
        }
    }
    Ok(())
}

/// Organizations with events before this that nobody has looked through.
fn outdated(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<Sweep>, DbError> {
    tx.all(
        "SELECT o.id, o.activity_swept_until, CAST($1 AS bigint) FROM organizations o WHERE EXISTS (
             SELECT 1 FROM activity_events e WHERE e.organization_id = o.id
             AND e.created_at >= COALESCE(o.activity_swept_until, $2) AND e.created_at < $3
         ) LIMIT $4",
        &params![BATCH, Timestamp::MIN, since, ORGANIZATIONS],
    )
}

/// Organizations with more events than this.
fn surplus(tx: &mut Tx<'_>, rows: i64) -> Result<Vec<Sweep>, DbError> {
    tx.all(
        "SELECT o.id, o.activity_swept_until, CAST(sum(c.entries) - CAST($1 AS bigint) AS bigint) FROM organizations o
         JOIN boards b ON b.organization_id = o.id JOIN list_counts c ON c.owner_id = b.id
         GROUP BY o.id, o.activity_swept_until HAVING sum(c.entries) > $1 LIMIT $2",
        &params![rows, ORGANIZATIONS],
    )
}

/// What main agents did on no board.
fn outdated_without_board(tx: &mut Tx<'_>, since: Timestamp) -> Result<Vec<Uuid>, DbError> {
    tx.all(
        "SELECT e.id FROM agents a JOIN activity_events e ON e.agent_id = a.id
         WHERE a.board_id IS NULL AND e.board_id IS NULL AND e.created_at < $1 LIMIT $2",
        &params![since, BATCH],
    )
}

/// Deletes the oldest events but comments, and remembers how far that went, so that no comment is looked at twice.
fn sweep_away(connection: &mut dyn Connection, sweep: &Sweep, before: Timestamp) -> Result<(), DbError> {
    let (from, limit) = (sweep.swept_until.unwrap_or(Timestamp::MIN), sweep.rows.clamp(1, BATCH));
    let seen: Vec<Seen> = Tx::on(connection).all(
        "SELECT id, created_at, event_type FROM activity_events
         WHERE organization_id = $1 AND created_at >= $2 AND created_at < $3 ORDER BY created_at, id LIMIT $4",
        &params![sweep.organization_id, from, before, limit],
    )?;
    let is_all = seen.len() < usize::try_from(limit).unwrap_or(usize::MAX);
    let until = match seen.last() {
        Some(last) if !is_all => last.created_at,
        _ => before,
    };
    let ids: Vec<Uuid> = seen.iter().filter(|event| event.event_type != COMMENT).map(|event| event.id).collect();
    // Comments of one moment that fill a batch would hold it up for ever.
    let is_stuck = ids.is_empty() && until == from;
    let until = if is_stuck { until.plus(Duration::from_micros(1)) } else { until };
    transaction(connection, |tx| {
        delete_rows(tx, "activity_events", &ids)?;
        tx.execute(
            "UPDATE organizations SET activity_swept_until = $1 WHERE id = $2",
            &params![until, sweep.organization_id],
        )
    })
}
