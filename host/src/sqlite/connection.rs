//! One SQLite connection, with the limits that Spin sets.

use super::database::{Database, Turn};
use crate::bindings::spin::sqlite::sqlite::{Error, QueryResult, RowResult, Value};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Batch, Row, Statement, ToSql, params_from_iter};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_RESULT_BYTES: usize = 128 * 1024 * 1024;

/// A guest's connection, which opens its file when it is first used.
///
/// Dropping it closes the file, and that rolls an open transaction back.
pub struct Connection {
    database: Arc<Database>,
    // Before the turn: the next writer comes once the file is closed.
    open: Option<Open>,
    /// Held from BEGIN IMMEDIATE to the end of the transaction.
    turn: Option<Turn>,
}

struct Open {
    sqlite: rusqlite::Connection,
    /// How long to wait for another connection's lock; `PRAGMA busy_timeout` changes it.
    busy_timeout_ms: Arc<AtomicU32>,
    /// Set while a statement is prepared that changes the busy timeout.
    new_busy_timeout_ms: Arc<AtomicU32>,
}

const UNCHANGED: u32 = u32::MAX;

impl Connection {
    /// A connection to this database.
    pub fn new(database: Arc<Database>) -> Self {
        Self { database, open: None, turn: None }
    }

    /// Runs the first statement of `statement` and returns all its rows.
    pub fn execute(&mut self, statement: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let open = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(Open::new(self.database.path()).map_err(io_error)?),
        };
        if self.turn.is_none() && takes_write_lock(statement) {
            let (started, longest) = (Instant::now(), open.busy_timeout());
            self.turn = self.database.wait_for_turn(longest);
            if self.turn.is_none() && started.elapsed() >= longest {
                return Err(Error::Io("database is locked".to_owned()));
            }
        }
        let mut result = query(&open.sqlite, statement, &parameters);
        open.renew_busy_handler().map_err(io_error)?;
        if let Ok(result) = &mut result {
            open.show_busy_timeout(statement, result);
        }
        if open.sqlite.is_autocommit() {
            self.turn = None;
        }
        result
    }

    /// The rowid of the latest insert, or 0.
    pub fn last_insert_rowid(&self) -> i64 {
        self.open.as_ref().map_or(0, |open| open.sqlite.last_insert_rowid())
    }

    /// How many rows the latest statement changed.
    pub fn changes(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.sqlite.changes())
    }
}

impl Open {
    fn new(path: &Path) -> rusqlite::Result<Self> {
        let mut sqlite = rusqlite::Connection::open(path)?;
        sqlite.pragma_update(None, "foreign_keys", true)?;
        let new_busy_timeout_ms = Arc::new(AtomicU32::new(UNCHANGED));
        let noted = new_busy_timeout_ms.clone();
        sqlite.authorizer(Some(move |context: AuthContext<'_>| authorize(&context, &noted)))?;
        let busy_timeout_ms = Arc::new(AtomicU32::new(BUSY_TIMEOUT.as_millis() as u32));
        install_busy_handler(&mut sqlite, busy_timeout_ms.clone())?;
        Ok(Self { sqlite, busy_timeout_ms, new_busy_timeout_ms })
    }

    /// SQLite's own wait sleeps for up to 100 ms at a time and blocks a worker thread, so that
    /// `PRAGMA busy_timeout` must not bring it back: the guest's timeout moves into our handler.
    fn renew_busy_handler(&mut self) -> rusqlite::Result<()> {
        let timeout = self.new_busy_timeout_ms.swap(UNCHANGED, Ordering::Relaxed);
        if timeout == UNCHANGED {
            return Ok(());
        }
        self.busy_timeout_ms.store(timeout, Ordering::Relaxed);
        install_busy_handler(&mut self.sqlite, self.busy_timeout_ms.clone())
    }

    fn busy_timeout(&self) -> Duration {
        Duration::from_millis(self.busy_timeout_ms.load(Ordering::Relaxed).into())
    }

    /// SQLite knows nothing of our handler and would report a busy timeout of 0.
    fn show_busy_timeout(&self, statement: &str, result: &mut QueryResult) {
        let is_report = matches!(result.columns.as_slice(), [column] if column == "timeout")
            && statement.to_ascii_lowercase().contains("busy_timeout");
        if is_report && let Some(row) = result.rows.first_mut() {
            let timeout = self.busy_timeout_ms.load(Ordering::Relaxed);
            row.values = vec![Value::Integer(timeout.into())];
        }
    }
}

fn authorize(context: &AuthContext<'_>, new_busy_timeout_ms: &AtomicU32) -> Authorization {
    match context.action {
        // A nameless database is private to the connection; plain VACUUM needs one.
        AuthAction::Attach { filename: "" } => Authorization::Allow,
        AuthAction::Attach { .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, pragma_value: Some(value) }
            if pragma_name.eq_ignore_ascii_case("busy_timeout") =>
        {
            let timeout = value.trim().parse::<i64>().unwrap_or(0).clamp(0, 3_600_000);
            new_busy_timeout_ms.store(timeout as u32, Ordering::Relaxed);
            Authorization::Allow
        }
        _ => Authorization::Allow,
    }
}

fn install_busy_handler(sqlite: &mut rusqlite::Connection, timeout_ms: Arc<AtomicU32>) -> rusqlite::Result<()> {
    let mut started = Instant::now();
    sqlite.busy_handler(Some(move |attempts: i32| {
        if attempts == 0 {
            started = Instant::now();
        }
        let timeout = Duration::from_millis(timeout_ms.load(Ordering::Relaxed).into());
        if started.elapsed() >= timeout {
            return false;
        }
        let pause = Duration::from_micros(match attempts {
            0..10 => 100,
            10..50 => 500,
            _ => 2_000,
        });
        crate::blocking::pause(pause);
        true
    }))
}

/// Whether a statement begins a transaction that writes from the start.
fn takes_write_lock(statement: &str) -> bool {
    let mut words = statement.split_ascii_whitespace();
    let mut next_is = |expected: &[&str]| {
        words.next().is_some_and(|word| expected.iter().any(|expected| word.eq_ignore_ascii_case(expected)))
    };
    next_is(&["BEGIN"]) && next_is(&["IMMEDIATE", "IMMEDIATE;", "EXCLUSIVE", "EXCLUSIVE;"])
}

fn query(sqlite: &rusqlite::Connection, sql: &str, parameters: &[Value]) -> Result<QueryResult, Error> {
    if is_single(sql) {
        let mut statement = sqlite.prepare_cached(sql).map_err(io_error)?;
        return read(&mut statement, parameters);
    }
    // What follows the first statement must not even be compiled: some PRAGMAs act then.
    match Batch::new(sqlite, sql).next().map_err(io_error)? {
        Some(mut statement) => read(&mut statement, parameters),
        None => Ok(QueryResult { columns: Vec::new(), rows: Vec::new() }),
    }
}

/// Whether `sql` is surely one statement only.
fn is_single(sql: &str) -> bool {
    let sql = sql.trim_end();
    !sql.strip_suffix(';').unwrap_or(sql).contains(';')
}

fn read(statement: &mut Statement<'_>, parameters: &[Value]) -> Result<QueryResult, Error> {
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut cursor = statement.query(params_from_iter(parameters)).map_err(io_error)?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = cursor.next().map_err(io_error)? {
        let (row, size) = read_row(row, columns.len())?;
        bytes += size;
        if bytes > MAX_RESULT_BYTES {
            return Err(Error::Io("query result is too large".to_owned()));
        }
        rows.push(row);
    }
    Ok(QueryResult { columns, rows })
}

fn read_row(row: &Row<'_>, columns: usize) -> Result<(RowResult, usize), Error> {
    let mut values = Vec::with_capacity(columns);
    let mut bytes = columns * size_of::<Value>();
    for column in 0..columns {
        values.push(match row.get_ref(column).map_err(io_error)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => {
                bytes += text.len();
                let text = str::from_utf8(text).map_err(|_| Error::Io("a text value is not UTF-8".to_owned()))?;
                Value::Text(text.to_owned())
            }
            ValueRef::Blob(blob) => {
                bytes += blob.len();
                Value::Blob(blob.to_vec())
            }
        });
    }
    Ok((RowResult { values }, bytes))
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(blob) => ValueRef::Blob(blob),
            Self::Null => ValueRef::Null,
        }))
    }
}

fn io_error(error: rusqlite::Error) -> Error {
    Error::Io(error.to_string())
}
