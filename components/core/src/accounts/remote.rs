//! Accounts that were deleted here: they cannot sign in any more, and the identity provider is told.

use serde_json::{Value, json};

use std::time::Duration;

use crate::identity_provider;
use crate::users;
use mission_control_platform::db::retention::BATCH;
use mission_control_platform::db::{Connection, DbError, Tx, transaction};
use mission_control_platform::queue::{self, NewJob};
use mission_control_platform::settings::{AuthMode, Settings};
use mission_control_platform::time::Timestamp;
use mission_control_platform::tokens;

/// The kind of job that deletes an account at the identity provider.
pub const JOB: &str = "account_deletion";

/// Attempts of a deletion: enough for an outage of a day, with the default pauses.
const ATTEMPTS: i64 = 1_000;

/// Has the account deleted at the provider after this transaction, and refuses its tokens from now on. Nothing to do in
/// the local mode, whose only person comes back with the next request.
///
/// # Errors
/// A database failure.
pub fn schedule_deletion(tx: &mut Tx<'_>, settings: &Settings, external_id: &str) -> Result<(), DbError> {
    if settings.auth_mode == AuthMode::Local {
        return Ok(());
    }
    let now = Timestamp::now();
    users::store::insert_deleted(tx, &tokens::lookup_hash(external_id), now)?;
    let job = NewJob {
        kind: JOB,
        max_attempts: ATTEMPTS,
        payload: json!({"external_id": external_id}),
        organization_id: None,
        due_at: now,
    };
    queue::enqueue(tx, job)
}

/// How long an account that was deleted is refused: tokens of the provider do not live so long.
const KEEP_DELETED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Forgets accounts that were deleted long ago.
///
/// # Errors
/// A database failure.
pub fn tidy(connection: &mut dyn Connection, _: &Settings, now: Timestamp) -> Result<(), DbError> {
    let before = now.minus(KEEP_DELETED);
    if !users::store::has_deleted_before(&mut Tx::on(connection), before)? {
        return Ok(());
    }
    transaction(connection, |tx| users::store::forget_deleted(tx, before, BATCH))
}

/// Whether the account with this external id was deleted here.
///
/// # Errors
/// A database failure.
pub(super) fn was_deleted(tx: &mut Tx<'_>, external_id: &str) -> Result<bool, DbError> {
    users::store::was_deleted(tx, &tokens::lookup_hash(external_id))
}

/// Deletes the account that a job names, at the provider, and says what became of it.
///
/// # Errors
/// Why not, in words for the log.
pub(crate) async fn delete(settings: &Settings, payload: &Value) -> Result<&'static str, String> {
    let external_id = payload.get("external_id").and_then(Value::as_str).ok_or("no external id")?;
    identity_provider::delete_account(settings, external_id).await.map_err(|failure| failure.to_string())
}
