//! Bodies of the routes of memory.

use uuid::Uuid;

use super::Entry;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Name, NonBlank};
use mission_control_web::{request, response};

request! {
    /// A new entry. The tag `chat` makes it chat; in a group, the tag `broadcast` tells every agent of it.
    pub struct BoardMemoryCreate {
        pub content: NonBlank,
        pub tags: Option<Vec<Name>> = None,
        /// Who wrote it; of chat without one, the caller's name.
        pub source: Option<Name> = None,
    }
}

response! {
    /// An entry of a board's memory.
    pub struct BoardMemoryRead {
        pub id: Uuid,
        pub board_id: Uuid,
        pub content: String,
        pub tags: Option<Vec<String>>,
        pub source: Option<String>,
        pub is_chat: bool,
        pub created_at: Timestamp,
    }
}

impl From<Entry> for BoardMemoryRead {
    fn from(entry: Entry) -> Self {
        let Entry { id, owner_id: board_id, content, tags, is_chat, source, created_at } = entry;
        Self { id, board_id, content, tags, source, is_chat, created_at }
    }
}

response! {
    /// An entry of a group's memory.
    pub struct BoardGroupMemoryRead {
        pub id: Uuid,
        pub board_group_id: Uuid,
        pub content: String,
        pub tags: Option<Vec<String>>,
        pub source: Option<String>,
        pub is_chat: bool,
        pub created_at: Timestamp,
    }
}

impl From<Entry> for BoardGroupMemoryRead {
    fn from(entry: Entry) -> Self {
        let Entry { id, owner_id: board_group_id, content, tags, is_chat, source, created_at } = entry;
        Self { id, board_group_id, content, tags, source, is_chat, created_at }
    }
}

request! {
    /// Which entries to list.
    pub struct MemoryFilter {
        /// Only chat, or only what is not chat.
        pub is_chat: Option<bool> = None,
    }
}

request! {
    /// Which entries to stream.
    pub struct MemoryStreamQuery {
        /// From when on; now when absent or unreadable.
        pub since: Option<String> = None,
        /// Only chat, or only what is not chat.
        pub is_chat: Option<bool> = None,
    }
}
