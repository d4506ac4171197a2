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

use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use serde_json::Value;
use uuid::Uuid;

use crate::db::retention::{self, Keep, delete_found};
use crate::db::{Connection, Database, DbError, DbErrorKind, Tx, transaction};
use crate::settings::Settings;
use crate::time::Timestamp;
use crate::{random, telemetry};

use store::Job;
pub use store::enqueue;

/// What a job does. The module above the nouns that want jobs done makes the list of all kinds.
#[derive(Debug)]
pub struct Kind {
    /// Its name in the database.
    pub name: &'static str,
    /// How it is done.
    pub work: Work,
}

/// How a job is done. Either way it ends with a word for what became of it.
#[derive(Clone, Copy, Debug)]
pub enum Work {
    /// Needs the database only: its effect and its end are one transaction.
    InTransaction(fn(&mut Tx<'_>, &Settings, &Value) -> Result<&'static str, DbError>),
    /// Asks another system, outside any transaction; may happen twice. Its payload is forgotten with its end.
    Outside(for<'a> fn(&'a Settings, &'a Value) -> LocalBoxFuture<'a, Result<&'static str, String>>),
}

/// Deletes some of what nobody needs any more, in small transactions of its own.
pub type Tidy = fn(&mut dyn Connection, &Settings, now: Timestamp) -> Result<(), DbError>;

/// Everything that a drain and a tick do.
#[derive(Debug)]
pub struct Jobs {
    /// The kinds of jobs.
    pub kinds: &'static [Kind],
    /// What a tick tidies up besides the queue itself.
    pub tidy: &'static [Tidy],
}

impl Jobs {
    fn work(&self, job: &Job) -> Option<Work> {
        self.kinds.iter().find(|kind| kind.name == job.kind).map(|kind| kind.work)
    }
}

/// How long a claimed job belongs to its worker.
const LEASE: Duration = Duration::from_secs(60);

/// Jobs that one drain runs at the most: the others of its instance wait as long.
pub const BATCH: usize = 20;

/// Jobs after which a tick claims no more.
const TICK_JOBS: usize = 200;

/// Time after which a tick claims no more.
const TICK_TIME: Duration = Duration::from_secs(2);

/// A job to be.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The name of its [`Kind`].
    pub kind: &'static str,
    /// After how many failed attempts it is dead.
    pub max_attempts: i64,
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
pub async fn drain(db: &Database, settings: &Settings, jobs: &Jobs) -> Result<usize, DbError> {
    let (ran, outside) = drain_local(&mut Waiting(db), settings, jobs).await?;
    let outcomes = join_all(outside.iter().map(|claimed| attempt_outside(db, settings, claimed))).await;
    outcomes.into_iter().collect::<Result<(), DbError>>()?;
    Ok(ran + outside.len())
}

/// Drains until nothing is due or a tick's share is done, then deletes what nobody needs any more. Gives how many jobs it
/// ran.
///
/// # Errors
/// As [`drain`].
pub async fn tick(db: &Database, settings: &Settings, jobs: &Jobs) -> Result<usize, DbError> {
    let mut share = Share::new();
    while share.is_left() {
        match drain(db, settings, jobs).await? {
            0 => break,
            ran => share.ran += ran,
        }
    }
    match db.connected(|connection| tidy(connection, settings, jobs, Timestamp::now())) {
        // Others write; there is a next tick.
        Err(error) if error.kind() == DbErrorKind::Busy => {}
        outcome => outcome?,
    }
    Ok(share.ran)
}

/// As [`drain`], on an open connection and without the jobs that ask another system: those stay claimed.
///
/// # Errors
/// As [`drain`].
pub fn drain_on(connection: &mut dyn Connection, settings: &Settings, jobs: &Jobs) -> Result<usize, DbError> {
    let drained = drain_local(&mut Open(connection), settings, jobs).now_or_never();
    drained.unwrap_or(Ok((0, Vec::new()))).map(|(ran, _)| ran)
}

/// As [`tick`], with [`drain_on`].
///
/// # Errors
/// As [`drain`].
pub fn tick_on(connection: &mut dyn Connection, settings: &Settings, jobs: &Jobs) -> Result<usize, DbError> {
    let mut share = Share::new();
    while share.is_left() {
        match drain_on(connection, settings, jobs)? {
            0 => break,
            ran => share.ran += ran,
        }
    }
    tidy(connection, settings, jobs, Timestamp::now())?;
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

/// A claimed job that asks another system, and how.
type Claimed = (Job, for<'a> fn(&'a Settings, &'a Value) -> LocalBoxFuture<'a, Result<&'static str, String>>);

/// Where a drain's transactions run.
trait Transactions {
    /// Runs one.
    async fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> Result<T, DbError>;
}

/// A component's database: each transaction waits for its turn outside the host.
struct Waiting<'a>(&'a Database);

impl Transactions for Waiting<'_> {
    async fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> Result<T, DbError> {
        self.0.write(work).await
    }
}

/// An open connection, which waits by itself.
struct Open<'a>(&'a mut dyn Connection);

impl Transactions for Open<'_> {
    async fn write<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, DbError>) -> Result<T, DbError> {
        transaction(self.0, work)
    }
}

/// Claims a batch and runs what needs the database only. Gives how many jobs that were, and the others.
async fn drain_local(
    on: &mut impl Transactions,
    settings: &Settings,
    jobs: &Jobs,
) -> Result<(usize, Vec<Claimed>), DbError> {
    let claimed = on.write(|tx| store::claim(tx, Timestamp::now(), BATCH, LEASE)).await?;
    let (mut outside, mut local) = (Vec::new(), Vec::new());
    for job in claimed {
        match jobs.work(&job) {
            Some(Work::Outside(ask)) => outside.push((job, ask)),
            Some(Work::InTransaction(_)) | None => local.push(job),
        }
    }
    if local.is_empty() {
        return Ok((0, outside));
    }
    let together = on.write(|tx| local.iter().try_for_each(|job| complete(tx, settings, jobs, job))).await;
    if together.is_err() {
        // At least one of them fails. It must not take the others with it, so now each is on its own.
        for job in &local {
            attempt(on, settings, jobs, job).await?;
        }
    }
    Ok((local.len(), outside))
}

/// Asks the other system, then notes the end of the job. Whom it was about is forgotten with it.
async fn attempt_outside(db: &Database, settings: &Settings, (job, ask): &Claimed) -> Result<(), DbError> {
    match ask(settings, &job.payload).await {
        Ok(outcome) => {
            db.write(|tx| {
                store::finish(tx, job, outcome)?;
                store::forget_payload(tx, job)
            })
            .await
        }
        Err(error) => db.write(|tx| give_up_for_now(tx, settings, job, &error)).await,
    }
}

/// Completes one job, or notes why not.
async fn attempt(on: &mut impl Transactions, settings: &Settings, jobs: &Jobs, job: &Job) -> Result<(), DbError> {
    let Err(error) = on.write(|tx| complete(tx, settings, jobs, job)).await else { return Ok(()) };
    on.write(|tx| give_up_for_now(tx, settings, job, &error.to_string())).await
}

/// Logs a failed attempt and schedules the next one, if there is one.
fn give_up_for_now(tx: &mut Tx<'_>, settings: &Settings, job: &Job, error: &str) -> Result<(), DbError> {
    telemetry::job_failed(&job.kind, &job.id.to_string(), job.attempts, error);
    store::fail(tx, job, pause_after(settings, job.attempts), error)
}

/// A job's effect and its end, in one transaction.
fn complete(tx: &mut Tx<'_>, settings: &Settings, jobs: &Jobs, job: &Job) -> Result<(), DbError> {
    let Some(Work::InTransaction(run)) = jobs.work(job) else {
        // Perhaps a newer build wrote it, which will also take it.
        return Err(DbError::new(DbErrorKind::Decode, "a job of a kind that this build does not know"));
    };
    let outcome = run(tx, settings, &job.payload)?;
    store::finish(tx, job, outcome)
}

/// Gives up the jobs whose workers keep dying, and forgets what is done.
fn tidy(connection: &mut dyn Connection, settings: &Settings, jobs: &Jobs, now: Timestamp) -> Result<(), DbError> {
    if store::any_abandoned(&mut Tx::on(connection), now)? {
        for (id, kind) in transaction(connection, |tx| store::bury_abandoned(tx, now))? {
            telemetry::job_failed(&kind, &id.to_string(), 0, "its workers died");
        }
    }
    forget_finished(connection, settings, now)?;
    jobs.tidy.iter().try_for_each(|tidy| tidy(connection, settings, now))
}

/// Deletes some of the finished jobs that are not kept. Dead ones stay however old they are, but not however many.
fn forget_finished(connection: &mut dyn Connection, settings: &Settings, now: Timestamp) -> Result<(), DbError> {
    let keep = Keep { days: settings.job_keep_days, rows: settings.job_keep_rows };
    if let Some(since) = keep.since(now) {
        delete_found(connection, "outbox", |tx| store::done_before(tx, since, retention::BATCH))?;
    }
    let Some(rows) = keep.newest() else { return Ok(()) };
    for status in ["done", "dead"] {
        delete_found(connection, "outbox", |tx| store::beyond(tx, status, rows, retention::BATCH))?;
    }
    Ok(())
}

/// The pause before the next attempt: it doubles with each, up to the settings' longest, plus up to a tenth so that jobs
/// that failed together do not come back together.
fn pause_after(settings: &Settings, attempts: i64) -> Duration {
    let longest = settings.rq_dispatch_retry_max_seconds.max(0.0);
    let doublings = i32::try_from(attempts.clamp(1, 30) - 1).unwrap_or_default();
    let pause = (settings.rq_dispatch_retry_base_seconds.max(0.0) * 2_f64.powi(doublings)).min(longest);
    let jitter = (longest / 10.0).min(pause / 10.0) * random::fraction();
    Duration::try_from_secs_f64(pause + jitter).unwrap_or(LEASE)
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
