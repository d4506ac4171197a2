//! How an agent proves who it is: one indexed look-up by the hash of its token.
//!
//! Tokens are 256 random bits, so comparing hashes through an index gives nothing away. Imported agents have a slow hash
//! of theirs instead, which is tried only when the index knows no such token and replaced when it matches.

use std::time::Duration;

use uuid::Uuid;

use super::{Agent, status, store};
use mission_control_platform::db::retention::BATCH;
use mission_control_platform::db::{Connection, Database, DbError, FromRow, Row, Tx, transaction};
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record, tokens};

/// Presence is written at most this often.
const PRESENCE_INTERVAL: Duration = Duration::from_secs(30);

/// Replaced tokens of one agent that stay valid although nobody has used them: whoever got one may be about to.
const UNUSED_TOKENS: i64 = 8;

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

/// An agent that was found by a token of its own.
#[derive(Debug)]
pub struct Found {
    /// The agent.
    pub agent: Agent,
    /// Whether nobody has signed in with this token before.
    pub is_first_use: bool,
}

impl FromRow for Found {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { agent: Agent::from_row(row)?, is_first_use: !row.next::<bool>()? })
    }
}

/// The agent of this token, current or replaced within the grace period. Agents being deleted are nobody.
///
/// # Errors
/// A database failure.
pub fn find_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Found>, DbError> {
    tx.first(&find_sql(), &params![tokens::lookup_hash(token), Timestamp::now()])
}

/// Each half of the OR is a look-up in a unique index.
fn find_sql() -> String {
    let was_used = ", CASE WHEN a.token_lookup = $1 THEN a.token_was_used
         ELSE (SELECT r.was_used FROM replaced_agent_tokens r WHERE r.token_lookup = $1) END";
    format!(
        "{} WHERE (a.token_lookup = $1 OR a.id = (
             SELECT r.agent_id FROM replaced_agent_tokens r WHERE r.token_lookup = $1 AND r.expires_at > $2
         )) AND a.status <> 'deleting'",
        store::select_with(was_used)
    )
}

/// Notes that somebody has signed in with this token: once replaced, it stays valid for its grace whatever follows.
///
/// # Errors
/// A database failure.
pub fn note_use(tx: &mut Tx<'_>, token: &str) -> Result<(), DbError> {
    let lookup = tokens::lookup_hash(token);
    tx.execute("UPDATE agents SET token_was_used = $1 WHERE token_lookup = $2", &params![true, &lookup])?;
    tx.execute("UPDATE replaced_agent_tokens SET was_used = $1 WHERE token_lookup = $2", &params![true, &lookup])
}

/// The imported agent of this token. The slow hash is computed outside any transaction.
///
/// # Errors
/// A database failure.
pub async fn find_imported(db: &Database, token: &str) -> Result<Option<Found>, DbError> {
    let candidates = db.read(imported)?;
    match candidates.into_iter().find(|candidate| tokens::verify_legacy(token, &candidate.agent_token_hash)) {
        Some(candidate) => db.write(|tx| upgrade(tx, &candidate, token)).await,
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
         WHERE agent_token_hash IS NOT NULL AND (token_lookup IS NULL OR agent_token_hash_expires_at > $1)
         AND status <> 'deleting' ORDER BY last_seen_at IS NULL, last_seen_at DESC, id LIMIT $2",
        &params![Timestamp::now(), LEGACY_BATCH],
    )
}

/// Replaces the slow hash, which this token matched, by the indexed one, and gives the agent. A token that was replaced
/// meanwhile stays a former one, until the end of its grace.
///
/// # Errors
/// A database failure.
pub fn upgrade(tx: &mut Tx<'_>, imported: &Imported, token: &str) -> Result<Option<Found>, DbError> {
    let sql = format!(
        "SELECT token_lookup, agent_token_hash_expires_at FROM agents WHERE id = $1 AND agent_token_hash = $2{}",
        tx.for_update()
    );
    let stored =
        tx.first::<(Option<String>, Option<Timestamp>)>(&sql, &params![imported.id, &imported.agent_token_hash])?;
    let lookup = tokens::lookup_hash(token);
    match stored {
        Some((Some(_), ends)) => {
            retire(tx, imported.id, &lookup, true, ends.unwrap_or(Timestamp::MIN))?;
            tx.execute("UPDATE agents SET agent_token_hash = NULL WHERE id = $1", &params![imported.id])?;
        }
        Some((None, _)) => tx.execute(
            "UPDATE agents SET token_lookup = $1, token_was_used = $2, agent_token_hash = NULL WHERE id = $3",
            &params![lookup, true, imported.id],
        )?,
        None => {}
    }
    // What it may still do is asked anew: it may have been deleted or got another token since.
    find_by_token(tx, token)
}

/// Gives the agent this token. The one it had stays valid for `grace`, and so do those before it for what is left of
/// theirs.
///
/// # Errors
/// A database failure.
pub fn set_token(tx: &mut Tx<'_>, agent_id: Uuid, token: &str, grace: Duration) -> Result<(), DbError> {
    let now = Timestamp::now();
    let sql = format!("SELECT token_lookup, token_was_used FROM agents WHERE id = $1{}", tx.for_update());
    if let Some((Some(former), was_used)) = tx.first::<(Option<String>, bool)>(&sql, &params![agent_id])? {
        retire(tx, agent_id, &former, was_used, now.plus(grace))?;
    }
    tx.execute(
        "UPDATE agents SET
         agent_token_hash = CASE WHEN token_lookup IS NULL OR agent_token_hash_expires_at > $1 THEN agent_token_hash END,
         agent_token_hash_expires_at = CASE WHEN token_lookup IS NULL THEN $2 ELSE agent_token_hash_expires_at END,
         token_lookup = $3, token_was_used = $4, updated_at = $1 WHERE id = $5",
        &params![now, now.plus(grace), tokens::lookup_hash(token), false, agent_id],
    )?;
    forget_replaced(tx, agent_id, now)
}

fn retire(tx: &mut Tx<'_>, agent_id: Uuid, lookup: &str, was_used: bool, ends: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO replaced_agent_tokens (token_lookup, agent_id, was_used, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (token_lookup) DO NOTHING",
        &params![lookup, agent_id, was_used, ends],
    )
}

/// Forgets what an agent's tokens have left behind: those whose grace is over, and of those that nobody has ever used all
/// but the newest. So whoever asks for token after token fills no table, and cuts nobody off.
fn forget_replaced(tx: &mut Tx<'_>, agent_id: Uuid, now: Timestamp) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM replaced_agent_tokens WHERE agent_id = $1 AND (expires_at <= $2 OR (NOT was_used AND token_lookup NOT IN (
             SELECT token_lookup FROM replaced_agent_tokens WHERE agent_id = $1 AND NOT was_used
             ORDER BY expires_at DESC, token_lookup LIMIT $3)))",
        &params![agent_id, now, UNUSED_TOKENS],
    )
}

/// Deletes replaced tokens, of any agent, whose grace is over.
///
/// # Errors
/// A database failure.
pub fn tidy(connection: &mut dyn Connection, _: &Settings, now: Timestamp) -> Result<(), DbError> {
    let ended = "SELECT token_lookup FROM replaced_agent_tokens WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2";
    if !Tx::on(connection).exists(ended, &params![now, 1])? {
        return Ok(());
    }
    let delete = format!("DELETE FROM replaced_agent_tokens WHERE token_lookup IN ({ended})");
    transaction(connection, |tx| tx.execute(&delete, &params![now, BATCH]))
}

/// Notes that the agent is alive, in a small transaction of its own, at most every 30 seconds.
///
/// # Errors
/// A database failure.
pub async fn touch_presence(db: &Database, agent: Agent) -> Result<Agent, DbError> {
    let now = Timestamp::now();
    if agent.last_seen_at.is_some_and(|seen| now.since(seen) < PRESENCE_INTERVAL) {
        return Ok(agent);
    }
    db.write(|tx| touch(tx, agent, now)).await
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
