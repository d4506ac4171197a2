//! The inbox of agents on `mailbox:` gateways: oldest first, at least once, until acknowledged.

use std::time::Duration;

use mission_control_platform::settings::Settings;
use uuid::Uuid;

use super::Message;
use mission_control_platform::db::{DbError, Page, Paging, Tx};
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record};
use mission_control_web::{request, response};

record! {
    /// A message that waits for its agent.
    #[derive(Clone, Debug)]
    pub struct Entry {
        /// Identifier, by which it is acknowledged.
        pub id: Uuid,
        /// The board it is about.
        pub board_id: Option<Uuid>,
        /// Who it is from.
        pub sender: String,
        /// The text.
        pub message: String,
        /// Whether the agent should act at once.
        pub deliver: bool,
        /// When it was sent.
        pub created_at: Timestamp,
    }
}

response! {
    /// A message in an agent's inbox.
    pub struct InboxMessageRead {
        /// By which it is acknowledged.
        pub id: Uuid,
        /// The board it is about.
        pub board_id: Option<Uuid>,
        /// Who it is from.
        pub sender: String,
        /// The text.
        pub message: String,
        /// Whether to act at once.
        pub deliver: bool,
        /// When it was sent.
        pub created_at: Timestamp,
    }
}

request! {
    /// Which message the path names.
    pub struct InboxMessagePath {
        pub message_id: Uuid,
    }
}

impl From<Entry> for InboxMessageRead {
    fn from(entry: Entry) -> Self {
        let Entry { id, board_id, sender, message, deliver, created_at } = entry;
        Self { id, board_id, sender, message, deliver, created_at }
    }
}

/// Puts a message into an agent's inbox; nothing happens if its key is there already.
pub(super) fn put(tx: &mut Tx<'_>, agent_id: Uuid, message: &Message<'_>) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO agent_inbox (id, agent_id, board_id, sender, message, deliver, dedupe_key, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (dedupe_key) DO NOTHING",
        &params![
            Uuid::now_v7(),
            agent_id,
            message.board_id,
            message.sender,
            message.text.as_str(),
            message.deliver,
            &message.dedupe_key,
            Timestamp::now()
        ],
    )
}

/// The unacknowledged messages of an agent, oldest first.
///
/// # Errors
/// A database failure.
pub fn pending(tx: &mut Tx<'_>, agent_id: Uuid, paging: &Paging) -> Result<Page<Entry>, DbError> {
    let sql = format!(
        "SELECT {} FROM agent_inbox WHERE agent_id = $1 AND acknowledged_at IS NULL ORDER BY created_at, id LIMIT $2 OFFSET $3",
        Entry::COLUMNS.join(", ")
    );
    let items = tx.all(&sql, &params![agent_id, paging.limit(), paging.offset()])?;
    Ok(paging.page(items, count_pending(tx, agent_id)?))
}

/// How many messages the agent of the row at hand has not acknowledged, as part of a statement over `agents`.
pub(crate) const COUNT_PENDING_OF_AGENT: &str =
    "SELECT count(*) FROM agent_inbox WHERE agent_inbox.agent_id = agents.id AND acknowledged_at IS NULL";

/// How many messages an agent has not acknowledged.
///
/// # Errors
/// A database failure.
pub fn count_pending(tx: &mut Tx<'_>, agent_id: Uuid) -> Result<i64, DbError> {
    tx.one("SELECT count(*) FROM agent_inbox WHERE agent_id = $1 AND acknowledged_at IS NULL", &params![agent_id])
}

/// Acknowledges a message; again is fine. `false` if the agent has no such message.
///
/// # Errors
/// A database failure.
pub fn acknowledge(tx: &mut Tx<'_>, agent_id: Uuid, message_id: Uuid) -> Result<bool, DbError> {
    tx.exists(
        "UPDATE agent_inbox SET acknowledged_at = COALESCE(acknowledged_at, $1) WHERE id = $2 AND agent_id = $3 RETURNING id",
        &params![Timestamp::now(), message_id, agent_id],
    )
}

/// How long an acknowledged message can be looked at.
const KEEP_ACKNOWLEDGED: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Deletes messages that were acknowledged long ago.
///
/// # Errors
/// A database failure.
pub fn tidy(tx: &mut Tx<'_>, _: &Settings, now: Timestamp, rows: i64) -> Result<(), DbError> {
    forget_acknowledged(tx, now.minus(KEEP_ACKNOWLEDGED), rows)
}

/// Deletes some of the messages that were acknowledged before this time.
///
/// # Errors
/// A database failure.
fn forget_acknowledged(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<(), DbError> {
    tx.execute(
        "DELETE FROM agent_inbox WHERE id IN (SELECT id FROM agent_inbox WHERE acknowledged_at < $1 LIMIT $2)",
        &params![before, limit],
    )
}
