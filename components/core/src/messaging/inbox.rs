//! The inbox of agents on `mailbox:` gateways: oldest first, at least once, until acknowledged.

use mission_control_platform::settings::Settings;
use uuid::Uuid;

use super::Message;
use mission_control_platform::db::retention::{self, Keep, delete_found};
use mission_control_platform::db::{Connection, DbError, Page, Paging, Tx, Value, values_rows};
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

/// The newest messages to an agent, acknowledged or not, oldest first, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn newest(tx: &mut Tx<'_>, agent_id: Uuid, limit: i64) -> Result<Vec<Entry>, DbError> {
    let sql = format!(
        "SELECT {} FROM agent_inbox WHERE agent_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
        Entry::COLUMNS.join(", ")
    );
    let mut entries: Vec<Entry> = tx.all(&sql, &params![agent_id, limit])?;
    entries.reverse();
    Ok(entries)
}

/// Messages that one statement stores at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// Puts messages into agents' inboxes; nothing happens to one whose key is there already.
pub(super) fn put(tx: &mut Tx<'_>, messages: &[(Uuid, &Message<'_>)]) -> Result<(), DbError> {
    for messages in messages.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO agent_inbox (id, agent_id, board_id, sender, message, deliver, dedupe_key, created_at)
             VALUES {} ON CONFLICT (dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING",
            values_rows(messages.len(), 8)
        );
        let mut parameters: Vec<Value> = Vec::with_capacity(messages.len() * 8);
        for (agent_id, message) in messages {
            parameters.extend(params![
                Uuid::now_v7(),
                *agent_id,
                message.board_id,
                message.sender,
                message.text.as_str(),
                message.deliver,
                &message.dedupe_key,
                Timestamp::now()
            ]);
        }
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
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

/// Deletes some of the acknowledged messages that are not kept.
///
/// # Errors
/// A database failure.
pub fn tidy(connection: &mut dyn Connection, settings: &Settings, now: Timestamp) -> Result<(), DbError> {
    let keep = Keep { days: settings.inbox_keep_days, rows: settings.inbox_keep_rows };
    if let Some(since) = keep.since(now) {
        delete_found(connection, "agent_inbox", |tx| {
            tx.all(
                "SELECT id FROM agent_inbox WHERE acknowledged_at < $1 ORDER BY acknowledged_at LIMIT $2",
                &params![since, retention::BATCH],
            )
        })?;
    }
    if let Some(rows) = keep.newest() {
        delete_found(connection, "agent_inbox", |tx| {
            tx.all(
                "SELECT id FROM agent_inbox WHERE acknowledged_at IS NOT NULL
                 ORDER BY acknowledged_at DESC LIMIT $1 OFFSET $2",
                &params![retention::BATCH, rows],
            )
        })?;
    }
    Ok(())
}
