//! Board memory as it is written.

use uuid::Uuid;

use super::store;
use super::wire::{BoardMemoryRead, MemoryStreamQuery};
use mission_control_platform::db::Position;
use mission_control_web::http::Cx;
use mission_control_web::response;
use mission_control_web::sse::{Feed, Item};

response! {
    /// What an event of the stream carries.
    struct MemoryEvent {
        memory: BoardMemoryRead,
    }
}

/// The entries of a board from the query's moment on.
#[must_use]
pub fn feed(cx: &Cx, board_id: Uuid, query: &MemoryStreamQuery) -> Feed {
    let (db, is_chat) = (cx.db.clone(), query.is_chat);
    let topic = format!("memory {board_id} {is_chat:?}");
    Feed::new(cx, topic, query.since.as_deref(), move |position, limit| {
        let entries = db.read(|tx| store::after(tx, board_id, is_chat, position, limit))?;
        let item = |entry: super::Entry| {
            let position = Position { at: entry.created_at, id: entry.id };
            Item::new("memory", position, &MemoryEvent { memory: entry.into() })
        };
        Ok(entries.into_iter().map(item).collect())
    })
}
