//! SQLite through Spin's synchronous bindings, one connection kept for the life of the instance.

use std::cell::RefCell;

use spin_sdk::sqlite::wit::sqlite as wit;

use super::numbered::numbered;
use super::waiting::IN_HOST_MS;
use super::{Connection, DbError, DbErrorKind, Engine, Row, Value};

/// The store label, as in `spin.toml`.
const LABEL: &str = "default";

thread_local! {
    static KEPT: RefCell<Option<SpinSqlite>> = const { RefCell::new(None) };
}

struct SpinSqlite {
    connection: wit::Connection,
    /// A statement failed in a way that may have left a transaction open.
    suspect: bool,
}

/// Lends the instance's connection. Taken out while in use, so a nested call opens one of its own instead of joining
/// the outer transaction; a suspect one is dropped, which rolls back whatever was open.
pub(super) fn with_connection<T, E: From<DbError>>(
    full_sync: bool,
    work: impl FnOnce(&mut dyn Connection) -> Result<T, E>,
) -> Result<T, E> {
    let kept = KEPT.with_borrow_mut(Option::take);
    let mut connection = match kept {
        Some(connection) => connection,
        None => SpinSqlite::open(full_sync)?,
    };
    let outcome = work(&mut connection);
    if !connection.suspect {
        KEPT.with_borrow_mut(|slot| *slot = Some(connection));
    }
    outcome
}

impl SpinSqlite {
    fn open(full_sync: bool) -> Result<Self, DbError> {
        let connection = wit::Connection::open(LABEL).map_err(|error| failed(&error))?;
        let mut connection = Self { connection, suspect: false };
        // Spin sets no PRAGMA. NORMAL with WAL survives a killed process, FULL also a lost power supply.
        connection.run(if full_sync { "PRAGMA synchronous = FULL" } else { "PRAGMA synchronous = NORMAL" }, &[])?;
        connection.run("PRAGMA foreign_keys = ON", &[])?;
        connection.run(&format!("PRAGMA busy_timeout = {IN_HOST_MS}"), &[])?;
        Ok(connection)
    }
}

impl Connection for SpinSqlite {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let params: Vec<wit::Value> = params.iter().map(bind).collect();
        let answer = self.connection.execute(&numbered(sql), &params).map_err(|error| {
            let error = failed(&error);
            // A transaction that could not begin is not open.
            let never_began = error.kind() == DbErrorKind::Busy && sql.starts_with("BEGIN");
            self.suspect |= !never_began && !matches!(error.kind(), DbErrorKind::Unique | DbErrorKind::ForeignKey);
            error
        })?;
        Ok(answer.rows.into_iter().map(|row| Row::new(row.values.into_iter().map(read).collect())).collect())
    }
}

fn bind(value: &Value) -> wit::Value {
    match value {
        Value::Null => wit::Value::Null,
        Value::Text(text) => wit::Value::Text(text.clone()),
        Value::Int(number) => wit::Value::Integer(*number),
        Value::Real(number) => wit::Value::Real(*number),
        Value::Bool(flag) => wit::Value::Integer(i64::from(*flag)),
        Value::Uuid(id) => wit::Value::Text(id.to_string()),
        Value::Time(time) => wit::Value::Text(time.to_storage()),
        Value::Json(json) => wit::Value::Text(json.to_string()),
    }
}

fn read(value: wit::Value) -> Value {
    match value {
        wit::Value::Integer(number) => Value::Int(number),
        wit::Value::Real(number) => Value::Real(number),
        wit::Value::Text(text) => Value::Text(text),
        // No column of ours is a blob; an unexpected one is refused by whoever reads it.
        wit::Value::Blob(_) | wit::Value::Null => Value::Null,
    }
}

fn failed(error: &wit::Error) -> DbError {
    match error {
        wit::Error::Io(text) => DbError::from_sqlite_text(text),
        wit::Error::DatabaseFull => DbError::new(DbErrorKind::Unavailable, "database is full"),
        other => DbError::new(DbErrorKind::Unavailable, other.to_string()),
    }
}
