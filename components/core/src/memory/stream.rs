//! Memory as it is written.

use serde::Serialize;

use super::wire::{BoardGroupMemoryRead, BoardMemoryRead, MemoryStreamQuery};
use super::{Entry, Owner, store};
use mission_control_platform::db::Position;
use mission_control_web::http::Cx;
use mission_control_web::sse::{Feed, Item};

/// What an event of the stream carries.
#[derive(Serialize)]
struct MemoryEvent<T> {
    memory: T,
}

/// The entries of a memory from the query's moment on.
#[must_use]
pub fn feed(cx: &Cx, owner: Owner, query: &MemoryStreamQuery) -> Feed {
    let (db, is_chat) = (cx.db.clone(), query.is_chat);
    let topic = format!("memory {owner:?} {is_chat:?}");
    Feed::new(cx, topic, query.since.as_deref(), move |position, limit| {
        let entries = db.read(|tx| store::after(tx, owner, is_chat, position, limit))?;
        Ok(entries.into_iter().map(|entry| item(owner, entry)).collect())
    })
}

fn item(owner: Owner, entry: Entry) -> Item {
    let position = Position { at: entry.created_at, id: entry.id };
    match owner {
        Owner::Board(_) => Item::new("memory", position, &MemoryEvent { memory: BoardMemoryRead::from(entry) }),
        Owner::Group(_) => Item::new("memory", position, &MemoryEvent { memory: BoardGroupMemoryRead::from(entry) }),
    }
}
