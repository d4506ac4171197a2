//! Memory of boards and groups: notes and chat of people and agents. Entries are written once and never changed.

mod chat;
mod group_chat;
pub mod store;
pub mod stream;
pub mod wire;

use uuid::Uuid;

use crate::agents::Actor;
use crate::board_groups::BoardGroup;
use crate::boards::Board;
use mission_control_platform::db::{DbError, FromRow, Row, Tx};
use mission_control_platform::time::Timestamp;

/// The tag that makes an entry chat: agents are told of it.
pub const CHAT_TAG: &str = "chat";

/// The tag of an entry that every agent of a group is told of.
const BROADCAST_TAG: &str = "broadcast";

/// Whose memory it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A board's.
    Board(Uuid),
    /// A group's.
    Group(Uuid),
}

impl Owner {
    /// The board or group.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Board(id) | Self::Group(id) => id,
        }
    }
}

/// An entry of a memory.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Identifier.
    pub id: Uuid,
    /// The board or group.
    pub owner_id: Uuid,
    /// The text.
    pub content: String,
    /// Labels in the order they were given, repetitions included.
    pub tags: Option<Vec<String>>,
    /// Whether it is part of the chat.
    pub is_chat: bool,
    /// Who wrote it, for people.
    pub source: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// An entry to be.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Whose memory it goes to.
    pub owner: Owner,
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
    /// The entry that a request describes: chat by its tag. One that agents are told of names its author where it has no
    /// source.
    fn from_request(owner: Owner, request: wire::BoardMemoryCreate, author: &str, is_told: fn(&Self) -> bool) -> Self {
        let tags: Option<Vec<String>> = request.tags.map(|tags| tags.into_iter().map(|tag| tag.0).collect());
        let is_chat = tags.iter().flatten().any(|tag| tag == CHAT_TAG);
        let source = request.source.map(|source| source.0);
        let mut entry = Self { owner, content: request.content.0, tags, source, is_chat };
        if is_told(&entry) && entry.source.as_deref().is_none_or(str::is_empty) {
            entry.source = Some(author.to_owned());
        }
        entry
    }

    fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().flatten().any(|own| own == tag)
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
    let entry = NewEntry::from_request(Owner::Board(board.id), request, author.name, |entry| entry.is_chat);
    let entry = store::insert(tx, entry)?;
    if entry.is_chat {
        chat::tell_agents(tx, board, &entry, author, base_url)?;
    }
    Ok(entry)
}

/// Writes what someone remembers or says in a group, and tells agents of its boards of chat and of broadcasts.
///
/// # Errors
/// A database failure.
pub fn record_in_group(
    tx: &mut Tx<'_>,
    group: &BoardGroup,
    actor: &Actor,
    request: wire::BoardMemoryCreate,
    base_url: &str,
) -> Result<Entry, DbError> {
    let author = chat::Author { name: actor.display_name(), agent_id: actor.agent_id() };
    let entry = NewEntry::from_request(Owner::Group(group.id), request, author.name, group_chat::is_told);
    if group_chat::is_told(&entry) {
        group_chat::tell_agents(tx, group, &entry, author, base_url)?;
    }
    store::insert(tx, entry)
}

impl FromRow for Entry {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            owner_id: row.next()?,
            content: row.next()?,
            tags: store::read_tags(row.next()?)?,
            is_chat: row.next()?,
            source: row.next()?,
            created_at: row.next()?,
        })
    }
}
