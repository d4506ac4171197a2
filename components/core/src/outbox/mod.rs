//! Work that happens after the answer: rows written in the transaction that wants it, so that none is lost.
//!
//! A job is claimed with a lease, so a crash in the middle only delays it; a failed one is tried again with growing
//! pauses and ends as `dead`, never silently. A job and its effect are one transaction, but a job whose worker was slow
//! may be tried again by another: what leaves the database carries a dedupe key.
//!
//! Jobs that ask another system run outside any transaction: claimed, awaited, then finished or failed. They may happen
//! twice, so what they ask for must come out the same.

mod store;

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Connection, Database, DbError, DbErrorKind, Tx, transaction};
use crate::messaging;
use crate::settings::Settings;
use crate::telemetry;
use crate::time::Timestamp;
use crate::words;
use crate::{users, webhooks};

use store::Job;
pub use store::enqueue;

words! {
    /// What a job does.
    pub enum JobKind {
        /// Tells an agent of a webhook payload.
        WebhookDelivery = "webhook_delivery",
        /// Deletes an account at the identity provider.
        AccountDeletion = "account_deletion",
    }
}

impl JobKind {
    /// After how many failed attempts a job is dead.
    fn max_attempts(self, settings: &Settings) -> i64 {
        match self {
            Self::WebhookDelivery => settings.rq_dispatch_max_retries.clamp(0, 1_000) + 1,
            Self::AccountDeletion => REMOTE_ATTEMPTS,
        }
    }
}

/// Attempts of a job that asks another system: enough for an outage of a day, with the default pauses.
const REMOTE_ATTEMPTS: i64 = 1_000;

/// How long a claimed job belongs to its worker.
const LEASE: Duration = Duration::from_secs(60);

/// Jobs that one drain runs at the most: the others of its instance wait as long.
pub const BATCH: usize = 20;

/// Jobs after which a tick claims no more.
const TICK_JOBS: usize = 200;

/// Time after which a tick claims no more.
const TICK_TIME: Duration = Duration::from_secs(2);

/// How long a finished job can be looked at.
const KEEP_DONE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long an acknowledged message can be looked at.
const KEEP_ACKNOWLEDGED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long an account that was deleted is refused: tokens of the provider do not live so long.
const KEEP_DELETED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Rows of each kind that one tick deletes: a small transaction, so that nobody waits for it.
const TIDY_ROWS: i64 = 500;

/// A job to be.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// What to do.
    pub kind: JobKind,
    /// With what.
    pub payload: Value,
    /// The tenant it belongs to and is deleted with, if any.
    pub organization_id: Option<Uuid>,
    /// When to do it.
    pub due_at: Timestamp,
}

/// Runs the jobs that are due, up to a batch, and gives how many it ran. Failures are logged and rescheduled.
///
/// # Errors
/// When jobs cannot be claimed or their end cannot be noted.
pub async fn drain(db: &Database, settings: &Settings) -> Result<usize, DbError> {
    let (ran, remote) = db.connected(|connection| drain_local(connection, settings))?;
    let outcomes = join_all(remote.iter().map(|job| attempt_remote(db, settings, job))).await;
    outcomes.into_iter().collect::<Result<(), DbError>>()?;
    Ok(ran + remote.len())
}

/// Drains until nothing is due or a tick's share is done, then deletes what nobody needs any more. Gives how many jobs it
/// ran.
///
/// # Errors
/// As [`drain`].
pub async fn tick(db: &Database, settings: &Settings) -> Result<usize, DbError> {
    let mut share = Share::new();
    while share.is_left() {
        match drain(db, settings).await? {
            0 => break,
            ran => share.ran += ran,
        }
    }
    db.write(|tx| tidy(tx, Timestamp::now()))?;
    Ok(share.ran)
}

/// As [`drain`], on an open connection and without the jobs that ask another system: those stay claimed.
///
/// # Errors
/// As [`drain`].
pub fn drain_on(connection: &mut dyn Connection, settings: &Settings) -> Result<usize, DbError> {
    drain_local(connection, settings).map(|(ran, _)| ran)
}

/// As [`tick`], with [`drain_on`].
///
/// # Errors
/// As [`drain`].
pub fn tick_on(connection: &mut dyn Connection, settings: &Settings) -> Result<usize, DbError> {
    let mut share = Share::new();
    while share.is_left() {
        match drain_on(connection, settings)? {
            0 => break,
            ran => share.ran += ran,
        }
    }
    transaction(connection, |tx| tidy(tx, Timestamp::now()))?;
    Ok(share.ran)
}

/// What a tick has done so far.
struct Share {
    started: Timestamp,
    ran: usize,
}

impl Share {
    fn new() -> Self {
        Self { started: Timestamp::now(), ran: 0 }
    }

    fn is_left(&self) -> bool {
        self.ran < TICK_JOBS && Timestamp::now().since(self.started) < TICK_TIME
    }
}

/// Claims a batch and runs what needs the database only. Gives how many jobs that were, and the others.
fn drain_local(connection: &mut dyn Connection, settings: &Settings) -> Result<(usize, Vec<Job>), DbError> {
    let claimed = transaction(connection, |tx| store::claim(tx, Timestamp::now(), BATCH, LEASE))?;
    let (remote, jobs): (Vec<Job>, Vec<Job>) = claimed.into_iter().partition(Job::is_remote);
    if jobs.is_empty() {
        return Ok((0, remote));
    }
    let together = transaction(connection, |tx| jobs.iter().try_for_each(|job| complete(tx, settings, job)));
    if together.is_err() {
        // At least one of them fails. It must not take the others with it, so now each is on its own.
        jobs.iter().try_for_each(|job| attempt(connection, settings, job))?;
    }
    Ok((jobs.len(), remote))
}

/// Asks the other system, then notes the end of the job. Whom it was about is forgotten with it.
async fn attempt_remote(db: &Database, settings: &Settings, job: &Job) -> Result<(), DbError> {
    match users::remote::delete(settings, &job.payload).await {
        Ok(outcome) => db.write(|tx| {
            store::finish(tx, job, outcome)?;
            store::forget_payload(tx, job)
        }),
        Err(error) => db.write(|tx| give_up_for_now(tx, settings, job, &error)),
    }
}

/// Completes one job, or notes why not.
fn attempt(connection: &mut dyn Connection, settings: &Settings, job: &Job) -> Result<(), DbError> {
    let Err(error) = transaction(connection, |tx| complete(tx, settings, job)) else { return Ok(()) };
    transaction(connection, |tx| give_up_for_now(tx, settings, job, &error.to_string()))
}

/// Logs a failed attempt and schedules the next one, if there is one.
fn give_up_for_now(tx: &mut Tx<'_>, settings: &Settings, job: &Job, error: &str) -> Result<(), DbError> {
    telemetry::job_failed(&job.kind, &job.id.to_string(), job.attempts, error);
    store::fail(tx, job, pause_after(settings, job.attempts), error)
}

/// A job's effect and its end, in one transaction.
fn complete(tx: &mut Tx<'_>, settings: &Settings, job: &Job) -> Result<(), DbError> {
    let outcome = run(tx, settings, job)?;
    store::finish(tx, job, outcome)
}

/// Does the job and says what became of it.
fn run(tx: &mut Tx<'_>, settings: &Settings, job: &Job) -> Result<&'static str, DbError> {
    match JobKind::from_word(&job.kind) {
        Some(JobKind::WebhookDelivery) => {
            webhooks::delivery::deliver(tx, settings, &job.payload).map(webhooks::delivery::Outcome::as_str)
        }
        // Perhaps a newer build wrote it, which will also take it. Jobs that ask another system do not come here.
        Some(JobKind::AccountDeletion) | None => {
            Err(DbError::new(DbErrorKind::Decode, "a job of a kind that this build does not know"))
        }
    }
}

/// Gives up the jobs whose workers keep dying, and forgets what is done.
fn tidy(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), DbError> {
    for (id, kind) in store::bury_abandoned(tx, now)? {
        telemetry::job_failed(&kind, &id.to_string(), 0, "its workers died");
    }
    store::forget_done(tx, now.minus(KEEP_DONE), TIDY_ROWS)?;
    users::store::forget_deleted(tx, now.minus(KEEP_DELETED), TIDY_ROWS)?;
    messaging::inbox::forget_acknowledged(tx, now.minus(KEEP_ACKNOWLEDGED), TIDY_ROWS)
}

/// The pause before the next attempt: it doubles with each, up to the settings' longest, plus up to a tenth so that jobs
/// that failed together do not come back together.
fn pause_after(settings: &Settings, attempts: i64) -> Duration {
    let longest = settings.rq_dispatch_retry_max_seconds.max(0.0);
    let doublings = i32::try_from(attempts.clamp(1, 30) - 1).unwrap_or_default();
    let pause = (settings.rq_dispatch_retry_base_seconds.max(0.0) * 2_f64.powi(doublings)).min(longest);
    let jitter = (longest / 10.0).min(pause / 10.0) * random_fraction();
    Duration::try_from_secs_f64(pause + jitter).unwrap_or(LEASE)
}

/// From 0 to 1; 0 when the host has no randomness to give.
fn random_fraction() -> f64 {
    let mut byte = [0_u8];
    let _ = getrandom::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pause in whole seconds, which are the settings' as long as jitter adds less than one.
    fn seconds(attempts: i64) -> u64 {
        pause_after(&Settings::default(), attempts).as_secs_f64().floor() as u64
    }

    #[test]
    fn the_pause_doubles_up_to_the_longest() {
        for (attempts, base) in [(1, 10), (2, 20), (3, 40), (4, 80), (5, 120), (6, 120), (i64::MAX, 120)] {
            let pause = seconds(attempts);
            assert!((base..=base + base / 10).contains(&pause), "{attempts}: {pause}");
        }
    }

    #[test]
    fn senseless_settings_pause_for_no_time() {
        let settings = Settings { rq_dispatch_retry_max_seconds: -1.0, ..Settings::default() };
        assert_eq!(pause_after(&settings, 1), Duration::ZERO);
        let settings = Settings { rq_dispatch_retry_base_seconds: f64::NAN, ..Settings::default() };
        assert_eq!(pause_after(&settings, 1), Duration::ZERO);
    }
}
