//! One SQLite connection, with the limits that Spin sets.

use super::database::Database;
use super::line::{Place, Turn};
use super::patience::Patience;
use super::query::{Failure, query};
use crate::bindings::spin::sqlite::sqlite::{Error, QueryResult, Value};
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard, TryLockError};

/// A guest's connection. Its clones are the same one, which runs one statement at a time.
#[derive(Clone)]
pub struct Connection(Arc<Mutex<Session>>);

/// What runs the statements of a connection; it opens the file with the first of them.
///
/// Dropping it closes the file, and that rolls an open transaction back.
pub struct Session {
    database: Arc<Database>,
    // Before the turn: the next writer comes once the file is closed.
    open: Option<Open>,
    /// Held from BEGIN IMMEDIATE to the end of the transaction.
    turn: Option<Turn>,
    /// Where it stands among the writers after it waited in vain.
    place: Option<Place>,
}

struct Open {
    sqlite: rusqlite::Connection,
    patience: Arc<Patience>,
}

impl Connection {
    /// A connection to this database.
    pub fn new(database: Arc<Database>) -> Self {
        Self(Arc::new(Mutex::new(Session { database, open: None, turn: None, place: None })))
    }

    /// The connection's session, once no other statement runs on it.
    pub async fn session(&self) -> MutexGuard<'_, Session> {
        self.0.lock().await
    }

    /// The session, if no other statement runs on it: a call that keeps its whole instance waiting must not wait for another
    /// call of that instance.
    pub fn free_session(&self) -> Result<MutexGuard<'_, Session>, TryLockError> {
        self.0.try_lock()
    }
}

impl Session {
    /// Runs the first statement of `statement` and returns all its rows.
    ///
    /// It waits for others' locks no longer than the connection's busy timeout, all in all, and keeps no thread meanwhile.
    pub async fn execute(&mut self, statement: &str, parameters: &[Value]) -> Result<QueryResult, Error> {
        let open = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(Open::new(self.database.path()).map_err(Failure::Sqlite)?),
        };
        open.patience.begin(waits_inside(statement));
        if self.turn.is_none() && takes_write_lock(statement) {
            self.turn = self.database.writers.wait(&mut self.place, open.patience.deadline()).await;
            if self.turn.is_none() {
                return Err(Error::Io("database is locked".to_owned()));
            }
        }
        let mut result = query(&open.sqlite, statement, parameters);
        while open.patience.is_wanted() && result.as_ref().is_err_and(Failure::is_busy) && open.patience.pause().await {
            result = query(&open.sqlite, statement, parameters);
        }
        open.renew_busy_handler().map_err(Failure::Sqlite)?;
        if let Ok(result) = &mut result {
            open.show_busy_timeout(statement, result);
        }
        if open.sqlite.is_autocommit() {
            self.turn = None;
        }
        Ok(result?)
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
        let patience = Arc::new(Patience::default());
        let noted = patience.clone();
        sqlite.authorizer(Some(move |context: AuthContext<'_>| authorize(&context, &noted)))?;
        patience.install(&mut sqlite)?;
        Ok(Self { sqlite, patience })
    }

    /// `PRAGMA busy_timeout` brings SQLite's own wait back, which sleeps for up to 100 ms at a time and keeps its thread: the
    /// guest's timeout moves into our patience.
    fn renew_busy_handler(&mut self) -> rusqlite::Result<()> {
        match self.patience.take_new_timeout() {
            true => self.patience.install(&mut self.sqlite),
            false => Ok(()),
        }
    }

    /// SQLite knows nothing of our patience and would report a busy timeout of 0.
    fn show_busy_timeout(&self, statement: &str, result: &mut QueryResult) {
        let is_report = matches!(result.columns.as_slice(), [column] if column == "timeout")
            && statement.to_ascii_lowercase().contains("busy_timeout");
        if is_report && let Some(row) = result.rows.first_mut() {
            row.values = vec![Value::Integer(self.patience.timeout_ms().into())];
        }
    }
}

fn authorize(context: &AuthContext<'_>, patience: &Patience) -> Authorization {
    match context.action {
        // A nameless database is private to the connection; plain VACUUM needs one.
        AuthAction::Attach { filename: "" } => Authorization::Allow,
        AuthAction::Attach { .. } => Authorization::Deny,
        AuthAction::Pragma { pragma_name, pragma_value: Some(value) }
            if pragma_name.eq_ignore_ascii_case("busy_timeout") =>
        {
            patience.note_new_timeout(value);
            Authorization::Allow
        }
        _ => Authorization::Allow,
    }
}

/// Whether a statement has to hold its locks while it waits. A checkpoint keeps writers out until readers have gone; begun anew
/// again and again it would never come to its end.
fn waits_inside(statement: &str) -> bool {
    statement.to_ascii_lowercase().contains("wal_checkpoint")
}

/// Whether a statement begins a transaction that writes from the start.
fn takes_write_lock(statement: &str) -> bool {
    let mut words = statement.split_ascii_whitespace();
    let mut next_is = |expected: &[&str]| {
        words.next().is_some_and(|word| expected.iter().any(|expected| word.eq_ignore_ascii_case(expected)))
    };
    next_is(&["BEGIN"]) && next_is(&["IMMEDIATE", "IMMEDIATE;", "EXCLUSIVE", "EXCLUSIVE;"])
}
