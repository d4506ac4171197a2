//! How an agent proves who it is: one indexed look-up by the hash of its token.
//!
//! Tokens are 256 random bits, so comparing hashes through an index gives nothing away. Imported agents have a slow hash
//! of theirs instead, which is tried only when the index knows no such token and replaced when it matches.

use std::time::Duration;

use uuid::Uuid;

use super::{Agent, status, store};
use mission_control_platform::db::{Database, DbError, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record, tokens};

/// Presence is written at most this often.
const PRESENCE_INTERVAL: Duration = Duration::from_secs(30);

/// Imported agents whose slow hash one request may try. Each costs some 76 ms, once: a match is upgraded.
const LEGACY_BATCH: i64 = 16;

record! {
    /// An imported agent whose token is known by its slow hash only.
    #[derive(Clone, Debug)]
    pub struct Imported {
        /// Identifier.
        pub id: Uuid,
        /// The slow hash.
        pub agent_token_hash: String,
    }
}

/// The agent of this token, current or replaced within the grace period. Agents being deleted are nobody.
///
/// # Errors
/// A database failure.
pub fn find_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Agent>, DbError> {
    tx.first(&find_sql(), &params![tokens::lookup_hash(token), Timestamp::now()])
}

/// Each half of the OR is a look-up in a unique index.
fn find_sql() -> String {
    format!(
        "{} WHERE (a.token_lookup = $1 OR (a.previous_token_lookup = $1 AND a.previous_token_expires_at > $2))
         AND a.status <> 'deleting'",
        store::select()
    )
}

/// The imported agent of this token. The slow hash is computed outside any transaction.
///
/// # Errors
/// A database failure.
pub fn find_imported(db: &Database, token: &str) -> Result<Option<Agent>, DbError> {
    let candidates = db.read(imported)?;
    match candidates.into_iter().find(|candidate| tokens::verify_legacy(token, &candidate.agent_token_hash)) {
        Some(candidate) => db.write(|tx| upgrade(tx, &candidate, token)),
        None => Ok(None),
    }
}

/// The imported agents that are worth trying, those seen last first: the ones at work get their turn, however many dead
/// ones there are.
///
/// # Errors
/// A database failure.
pub fn imported(tx: &mut Tx<'_>) -> Result<Vec<Imported>, DbError> {
    tx.all(
        "SELECT id, agent_token_hash FROM agents
         WHERE agent_token_hash IS NOT NULL AND (token_lookup IS NULL OR previous_token_expires_at > $1)
         AND status <> 'deleting' ORDER BY last_seen_at IS NULL, last_seen_at DESC, id LIMIT $2",
        &params![Timestamp::now(), LEGACY_BATCH],
    )
}

/// Replaces the slow hash, which this token matched, by the indexed one, and gives the agent. A token that was replaced
/// meanwhile stays the former one.
///
/// # Errors
/// A database failure.
pub fn upgrade(tx: &mut Tx<'_>, imported: &Imported, token: &str) -> Result<Option<Agent>, DbError> {
    tx.execute(
        "UPDATE agents SET previous_token_lookup = CASE WHEN token_lookup IS NULL THEN previous_token_lookup ELSE $1 END,
         token_lookup = COALESCE(token_lookup, $1), agent_token_hash = NULL WHERE id = $2 AND agent_token_hash = $3",
        &params![tokens::lookup_hash(token), imported.id, &imported.agent_token_hash],
    )?;
    // What it may still do is asked anew: it may have been deleted or got another token since.
    find_by_token(tx, token)
}

/// Gives the agent this token. The one it had stays valid for `grace`, the one before that ends at once.
///
/// # Errors
/// A database failure.
pub fn set_token(tx: &mut Tx<'_>, agent_id: Uuid, token: &str, grace: Duration) -> Result<(), DbError> {
    let now = Timestamp::now();
    tx.execute(
        "UPDATE agents SET agent_token_hash = CASE WHEN token_lookup IS NULL THEN agent_token_hash END,
         previous_token_lookup = token_lookup, previous_token_expires_at = $1, token_lookup = $2, updated_at = $3
         WHERE id = $4",
        &params![now.plus(grace), tokens::lookup_hash(token), now, agent_id],
    )
}

/// Notes that the agent is alive, in a small transaction of its own, at most every 30 seconds.
///
/// # Errors
/// A database failure.
pub fn touch_presence(db: &Database, agent: Agent) -> Result<Agent, DbError> {
    let now = Timestamp::now();
    if agent.last_seen_at.is_some_and(|seen| now.since(seen) < PRESENCE_INTERVAL) {
        return Ok(agent);
    }
    db.write(|tx| touch(tx, agent, now))
}

fn touch(tx: &mut Tx<'_>, mut agent: Agent, now: Timestamp) -> Result<Agent, DbError> {
    let stored: Option<String> = tx.first(
        "UPDATE agents SET last_seen_at = $1, updated_at = $1,
         status = CASE WHEN status IN ('updating', 'deleting') THEN status ELSE $2 END WHERE id = $3 RETURNING status",
        &params![now, status::ONLINE, agent.id],
    )?;
    if let Some(stored) = stored {
        agent.status = stored;
        agent.last_seen_at = Some(now);
        agent.updated_at = now;
    }
    Ok(agent)
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
