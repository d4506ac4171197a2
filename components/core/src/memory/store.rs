//! SQL of memories: those of boards and of groups have a table each, of the same columns but for the owner.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{Entry, NewEntry, Owner};
use mission_control_platform::db::{DbError, List, Page, Paging, Position, Tx, Value};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

impl Owner {
    fn table(self) -> &'static str {
        match self {
            Self::Board(_) => "board_memory",
            Self::Group(_) => "board_group_memory",
        }
    }

    /// The column of the owner.
    fn column(self) -> &'static str {
        match self {
            Self::Board(_) => "board_id",
            Self::Group(_) => "board_group_id",
        }
    }

    /// The columns of an entry, in the order in which a row is read.
    fn columns(self) -> String {
        format!("id, {}, content, tags, is_chat, source, created_at", self.column())
    }

    /// Which entries are shown; parameter 1 is the owner. Some of older databases have only spaces, and are shown nowhere.
    fn shown(self) -> String {
        format!("{} = $1 AND is_blank = FALSE", self.column())
    }
}

/// Writes an entry in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn insert(tx: &mut Tx<'_>, entry: NewEntry) -> Result<Entry, DbError> {
    let NewEntry { owner, content, tags, source, is_chat } = entry;
    let entry = Entry {
        id: Uuid::new_v4(),
        owner_id: owner.id(),
        content,
        tags,
        is_chat,
        source,
        created_at: Timestamp::now(),
    };
    let sql = format!("INSERT INTO {} ({}) VALUES ($1, $2, $3, $4, $5, $6, $7)", owner.table(), owner.columns());
    tx.execute(
        &sql,
        &params![
            entry.id,
            entry.owner_id,
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

/// The entries of a memory, newest first.
///
/// # Errors
/// A database failure.
pub fn list(tx: &mut Tx<'_>, owner: Owner, is_chat: Option<bool>, paging: &Paging) -> Result<Page<Entry>, DbError> {
    let mut wanted = owner.shown();
    let mut params = params![owner.id()].to_vec();
    if let Some(is_chat) = is_chat {
        wanted.push_str(" AND is_chat = $2");
        params.push(is_chat.into());
    }
    let list = List {
        columns: owner.columns(),
        from: owner.table(),
        total: format!("SELECT count(*) FROM {} WHERE {wanted}", owner.table()),
        conditions: vec![wanted],
        order: "created_at DESC, id DESC",
        params,
    };
    list.page(tx, paging)
}

/// The entries of a memory behind a position, oldest first, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn after(
    tx: &mut Tx<'_>,
    owner: Owner,
    is_chat: Option<bool>,
    position: Position,
    limit: i64,
) -> Result<Vec<Entry>, DbError> {
    let chat = if is_chat.is_some() { " AND is_chat = $4" } else { "" };
    let mut params = params![owner.id(), position.at, position.id].to_vec();
    params.extend(is_chat.map(Value::from));
    params.push(limit.into());
    let sql = format!(
        "SELECT {} FROM {} WHERE {} AND (created_at, id) > ($2, $3){chat} ORDER BY created_at, id LIMIT ${}",
        owner.columns(),
        owner.table(),
        owner.shown(),
        params.len()
    );
    tx.all(&sql, &params)
}
