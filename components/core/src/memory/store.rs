//! SQL of board memory.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{Entry, NewEntry};
use mission_control_platform::db::{DbError, List, Page, Paging, Position, Tx, Value};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// Writes an entry in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn insert(tx: &mut Tx<'_>, entry: NewEntry) -> Result<Entry, DbError> {
    let NewEntry { board_id, content, tags, source, is_chat } = entry;
    let entry = Entry { id: Uuid::new_v4(), board_id, content, tags, is_chat, source, created_at: Timestamp::now() };
    tx.execute(
        "INSERT INTO board_memory (id, board_id, content, tags, is_chat, source, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        &params![
            entry.id,
            entry.board_id,
            &entry.content,
            entry.tags.clone().map(Json::from),
            entry.is_chat,
            &entry.source,
            entry.created_at
        ],
    )?;
    Ok(entry)
}

/// Tags are stored as a JSON list of texts.
pub(super) fn read_tags(stored: Option<Json>) -> Result<Option<Vec<String>>, DbError> {
    stored.map(serde_json::from_value).transpose().map_err(|_| DbError::decode("stored tags are not a list of texts"))
}

/// Entries whose text is only spaces may exist in older databases; they are shown nowhere.
const SHOWN: &str = "board_id = $1 AND is_blank = FALSE";

/// The entries of a board, newest first.
///
/// # Errors
/// A database failure.
pub fn list(tx: &mut Tx<'_>, board_id: Uuid, is_chat: Option<bool>, paging: &Paging) -> Result<Page<Entry>, DbError> {
    let mut wanted = SHOWN.to_owned();
    let mut params = params![board_id].to_vec();
    if let Some(is_chat) = is_chat {
        wanted.push_str(" AND is_chat = $2");
        params.push(is_chat.into());
    }
    let list = List {
        columns: Entry::COLUMNS.join(", "),
        from: "board_memory",
        total: format!("SELECT count(*) FROM board_memory WHERE {wanted}"),
        conditions: vec![wanted],
        order: "created_at DESC, id DESC",
        params,
    };
    list.page(tx, paging)
}

/// The entries of a board behind a position, oldest first, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn after(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    is_chat: Option<bool>,
    position: Position,
    limit: i64,
) -> Result<Vec<Entry>, DbError> {
    let chat = if is_chat.is_some() { " AND is_chat = $4" } else { "" };
    let mut params = params![board_id, position.at, position.id].to_vec();
    params.extend(is_chat.map(Value::from));
    params.push(limit.into());
    let sql = format!(
        "SELECT {} FROM board_memory WHERE {SHOWN} AND (created_at, id) > ($2, $3){chat}
         ORDER BY created_at, id LIMIT ${}",
        Entry::COLUMNS.join(", "),
        params.len()
    );
    tx.all(&sql, &params)
}
