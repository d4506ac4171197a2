//! SQL of the outbox.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::NewJob;
use crate::db::{DbError, DbErrorKind, Tx};
use crate::time::Timestamp;
use crate::{params, record};

record! {
    /// A claimed job.
    #[derive(Clone, Debug)]
    pub struct Job {
        /// Identifier.
        pub id: Uuid,
        /// What to do. Text, so that a job of a newer build does not keep the others from being claimed.
        pub kind: String,
        /// With what.
        pub payload: Value,
        /// How often it was tried, this time included.
        pub attempts: i64,
        /// After how many attempts it is dead.
        pub max_attempts: i64,
        /// When it was due.
        pub due_at: Timestamp,
        /// The claim: who lost it to another may no longer finish the job.
        pub lease_owner: Option<String>,
    }
}

/// Writes a job in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn enqueue(tx: &mut Tx<'_>, job: NewJob) -> Result<(), DbError> {
    let now = Timestamp::now();
    tx.execute(
        "INSERT INTO outbox (id, kind, payload, attempts, max_attempts, due_at, status, organization_id, created_at, updated_at)
         VALUES ($1, $2, $3, 0, $4, $5, 'pending', $6, $7, $8)",
        &params![
            Uuid::now_v7(), job.kind, job.payload, job.max_attempts, job.due_at,
            job.organization_id, now, now
        ],
    )
}

/// Takes due jobs, oldest first, for as long as the lease lasts. Two workers never take the same one.
pub(super) fn claim(tx: &mut Tx<'_>, now: Timestamp, limit: usize, lease: Duration) -> Result<Vec<Job>, DbError> {
    let sql = format!(
        "WITH due AS (
             SELECT id FROM outbox
             WHERE status = 'pending' AND due_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
             AND attempts < max_attempts
             ORDER BY due_at, id LIMIT $2{}
         )
         UPDATE outbox SET leased_until = $3, lease_owner = $4, attempts = attempts + 1, updated_at = $1
         WHERE id IN (SELECT id FROM due)
         RETURNING {}",
        tx.skip_locked(),
        Job::COLUMNS.join(", ")
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut jobs: Vec<Job> = tx.all(&sql, &params![now, limit, now.plus(lease), Uuid::new_v4().to_string()])?;
    jobs.sort_by_key(|job| (job.due_at, job.id));
    Ok(jobs)
}

/// Marks a job as done, with what became of it.
///
/// # Errors
/// `Busy` when another worker has claimed it since: then the effect must not happen twice.
pub(super) fn finish(tx: &mut Tx<'_>, job: &Job, outcome: &str) -> Result<(), DbError> {
    let finished = tx.exists(
        "UPDATE outbox SET status = 'done', outcome = $1, leased_until = NULL, last_error = NULL, updated_at = $2
         WHERE id = $3 AND lease_owner = $4 AND status = 'pending' RETURNING id",
        &params![outcome, Timestamp::now(), job.id, &job.lease_owner],
    )?;
    if finished { Ok(()) } else { Err(DbError::new(DbErrorKind::Busy, "the job was taken over by another worker")) }
}

/// Empties the payload of a job that is done, where it names somebody who is to be forgotten.
pub(super) fn forget_payload(tx: &mut Tx<'_>, job: &Job) -> Result<(), DbError> {
    tx.execute("UPDATE outbox SET payload = $1 WHERE id = $2", &params![json!({}), job.id])
}

/// Schedules the next attempt after a pause, or gives the job up as dead. Nothing happens to a job that another worker
/// has claimed since.
pub(super) fn fail(tx: &mut Tx<'_>, job: &Job, pause: Duration, error: &str) -> Result<(), DbError> {
    let now = Timestamp::now();
    let status = if job.attempts >= job.max_attempts { "dead" } else { "pending" };
    tx.execute(
        "UPDATE outbox SET status = $1, due_at = $2, leased_until = NULL, last_error = $3, updated_at = $4
         WHERE id = $5 AND lease_owner = $6 AND status = 'pending'",
        &params![status, now.plus(pause), error, now, job.id, &job.lease_owner],
    )
}

/// Jobs whose last worker neither finished nor failed them; parameter 1 is the time.
const ABANDONED: &str = "status = 'pending' AND due_at <= $1 AND attempts >= max_attempts AND leased_until <= $1";

/// Whether there are jobs to bury.
pub(super) fn any_abandoned(tx: &mut Tx<'_>, now: Timestamp) -> Result<bool, DbError> {
    tx.exists(&format!("SELECT 1 FROM outbox WHERE {ABANDONED} LIMIT 1"), &params![now])
}

/// Gives up jobs whose last worker neither finished nor failed them: it died, and so would the next.
pub(super) fn bury_abandoned(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<(Uuid, String)>, DbError> {
    let sql = format!(
        "UPDATE outbox SET status = 'dead', leased_until = NULL, last_error = 'the worker died', updated_at = $1
         WHERE {ABANDONED} RETURNING id, kind"
    );
    tx.all(&sql, &params![now])
}

/// Some of the jobs that were done before this time.
pub(super) fn done_before(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<Vec<Uuid>, DbError> {
    // A job is never done before it is due, so the index on due_at narrows the search.
    tx.all(
        "SELECT id FROM outbox WHERE status = 'done' AND due_at < $1 AND updated_at < $1 ORDER BY due_at, id LIMIT $2",
        &params![before, limit],
    )
}

/// Some of the jobs of this status beyond the newest `keep`.
pub(super) fn beyond(tx: &mut Tx<'_>, status: &str, keep: i64, limit: i64) -> Result<Vec<Uuid>, DbError> {
    tx.all(
        "SELECT id FROM outbox WHERE status = $1 ORDER BY due_at DESC, id DESC LIMIT $2 OFFSET $3",
        &params![status, limit, keep],
    )
}
