//! Board memory: notes and chat of people and agents. Entries are written once and never changed.

mod chat;
pub mod store;
pub mod stream;
pub mod wire;

use uuid::Uuid;

use crate::agents::Actor;
use crate::boards::Board;
use mission_control_platform::db::{DbError, FromRow, Row, Tx};
use mission_control_platform::time::Timestamp;

/// The tag that makes an entry chat: agents are told of it.
pub const CHAT_TAG: &str = "chat";

/// An entry of a board's memory.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Identifier.
    pub id: Uuid,
    /// The board.
    pub board_id: Uuid,
    /// The text.
    pub content: String,
    /// Labels in the order they were given, repetitions included.
    pub tags: Option<Vec<String>>,
    /// Whether it is part of the board's chat.
    pub is_chat: bool,
    /// Who wrote it, for people.
    pub source: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// An entry to be.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// The board.
    pub board_id: Uuid,
    /// The text, not blank.
    pub content: String,
    /// Labels.
    pub tags: Option<Vec<String>>,
    /// Who wrote it, for people.
    pub source: Option<String>,
    /// Whether it is part of the board's chat.
    pub is_chat: bool,
}

impl NewEntry {
    /// The entry that a request of this author describes: chat by its tag, and chat without a source names its author.
    #[must_use]
    pub fn from_request(board_id: Uuid, request: wire::BoardMemoryCreate, author: &str) -> Self {
        let tags: Option<Vec<String>> = request.tags.map(|tags| tags.into_iter().map(|tag| tag.0).collect());
        let is_chat = tags.iter().flatten().any(|tag| tag == CHAT_TAG);
        let mut source = request.source.map(|source| source.0);
        if is_chat && source.as_deref().is_none_or(str::is_empty) {
            source = Some(author.to_owned());
        }
        Self { board_id, content: request.content.0, tags, source, is_chat }
    }
}

/// Writes what someone remembers or says on a board, and tells its agents of chat.
///
/// # Errors
/// A database failure.
pub fn record(
    tx: &mut Tx<'_>,
    board: &Board,
    actor: &Actor,
    request: wire::BoardMemoryCreate,
    base_url: &str,
) -> Result<Entry, DbError> {
    let author = chat::Author { name: actor.display_name(), agent_id: actor.agent_id() };
    let entry = store::insert(tx, NewEntry::from_request(board.id, request, author.name))?;
    if entry.is_chat {
        chat::tell_agents(tx, board, &entry, author, base_url)?;
    }
    Ok(entry)
}

impl Entry {
    /// The columns of an entry, in the order in which a row is read.
    pub const COLUMNS: &'static [&'static str] =
        &["id", "board_id", "content", "tags", "is_chat", "source", "created_at"];
}

impl FromRow for Entry {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            board_id: row.next()?,
            content: row.next()?,
            tags: store::read_tags(row.next()?)?,
            is_chat: row.next()?,
            source: row.next()?,
            created_at: row.next()?,
        })
    }
}
