//! Accounts that were deleted here: they cannot sign in any more, and the identity provider is told.

use serde_json::{Value, json};

use super::store;
use crate::db::{DbError, Tx};
use crate::identity::{provider, tokens};
use crate::outbox::{self, JobKind, NewJob};
use crate::settings::{AuthMode, Settings};
use crate::time::Timestamp;

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
    store::insert_deleted(tx, &tokens::lookup_hash(external_id), now)?;
    let job = NewJob {
        kind: JobKind::AccountDeletion,
        payload: json!({"external_id": external_id}),
        organization_id: None,
        due_at: now,
    };
    outbox::enqueue(tx, settings, job)
}

/// Whether the account with this external id was deleted here.
///
/// # Errors
/// A database failure.
pub(super) fn was_deleted(tx: &mut Tx<'_>, external_id: &str) -> Result<bool, DbError> {
    store::was_deleted(tx, &tokens::lookup_hash(external_id))
}

/// Deletes the account that a job names, at the provider, and says what became of it.
///
/// # Errors
/// Why not, in words for the log.
pub(crate) async fn delete(settings: &Settings, payload: &Value) -> Result<&'static str, String> {
    let external_id = payload.get("external_id").and_then(Value::as_str).ok_or("no external id")?;
    provider::delete_account(settings, external_id).await.map_err(|failure| failure.to_string())
}
