//! One database interface over SQLite and Postgres.
//!
//! The same SQL text runs on both engines: parameters are `$1..$n`, values are typed ([`Value`]), and nothing outside this
//! module knows the engine.
//! Everything is synchronous, so nothing can interleave inside a transaction or be cancelled in the middle of one.

#[cfg(any(feature = "native", target_arch = "wasm32"))]
mod answering;
mod error;
mod list;
pub mod migrate;
#[cfg(feature = "native")]
pub mod native;
#[cfg(any(feature = "native", target_arch = "wasm32"))]
mod numbered;
mod page;
mod postgres_url;
mod readiness;
pub mod retention;
#[cfg(target_arch = "wasm32")]
mod spin_postgres;
#[cfg(target_arch = "wasm32")]
mod spin_sqlite;
mod value;
mod waiting;

pub use error::{DbError, DbErrorKind};
pub use list::List;
pub use page::{Page, Paging, Position};
pub use value::{FromRow, FromValue, Row, Value};

use waiting::Pauses;

use crate::settings::{DatabaseUrl, DbSynchronous, Secret, Settings};
use postgres_url::{Patience, with_patience};

/// Which engine a connection speaks to. Only the migrator and [`Tx`] ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite through the host.
    Sqlite,
    /// PostgreSQL through the host.
    Postgres,
}

/// One open connection of either engine.
pub trait Connection {
    /// The engine behind it.
    fn engine(&self) -> Engine;

    /// Runs one statement and gives all rows of its answer.
    ///
    /// # Errors
    /// Whatever the engine refuses, mapped to [`DbErrorKind`].
    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError>;

    /// Runs one statement whose rows, if it answers any, nobody reads.
    ///
    /// # Errors
    /// As [`Connection::run`].
    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        self.run(sql, params).map(drop)
    }
}

/// Statements inside one transaction, or on one connection when only reading.
pub struct Tx<'a> {
    connection: &'a mut dyn Connection,
}

impl<'a> Tx<'a> {
    /// Statements on this connection, outside any transaction of ours. For the migrator and tests.
    pub fn on(connection: &'a mut dyn Connection) -> Self {
        Self { connection }
    }

    fn engine(&self) -> Engine {
        self.connection.engine()
    }

    /// All rows.
    ///
    /// # Errors
    /// As [`Connection::run`], or a column of another type.
    pub fn all<T: FromRow>(&mut self, sql: &str, params: &[Value]) -> Result<Vec<T>, DbError> {
        self.connection.run(sql, params)?.into_iter().map(|mut row| T::from_row(&mut row)).collect()
    }

    /// The first row, if there is one.
    ///
    /// # Errors
    /// As [`Tx::all`].
    pub fn first<T: FromRow>(&mut self, sql: &str, params: &[Value]) -> Result<Option<T>, DbError> {
        self.connection.run(sql, params)?.into_iter().next().map(|mut row| T::from_row(&mut row)).transpose()
    }

    /// The single row of a statement that always has one (a COUNT, an INSERT … RETURNING).
    ///
    /// # Errors
    /// As [`Tx::all`], or no row.
    pub fn one<T: FromRow>(&mut self, sql: &str, params: &[Value]) -> Result<T, DbError> {
        self.first(sql, params)?.ok_or_else(|| DbError::decode("statement answered no row"))
    }

    /// A statement whose answer does not matter.
    ///
    /// # Errors
    /// As [`Connection::run`].
    pub fn execute(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        self.connection.execute(sql, params)
    }

    /// Whether the statement answered a row: `SELECT 1 …`, `UPDATE … RETURNING 1`.
    ///
    /// # Errors
    /// As [`Connection::run`].
    pub fn exists(&mut self, sql: &str, params: &[Value]) -> Result<bool, DbError> {
        Ok(!self.connection.run(sql, params)?.is_empty())
    }

    /// The clause that locks selected rows until the end of the transaction: ` FOR UPDATE` on Postgres, nothing on
    /// SQLite, where a writing transaction has the whole database to itself.
    #[must_use]
    pub fn for_update(&self) -> &'static str {
        match self.connection.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE",
        }
    }
}

impl Tx<'_> {
    /// As [`Tx::for_update`], but others may lock the rows in the same way: they stay as they are, and nobody changes them.
    #[must_use]
    pub fn for_share(&self) -> &'static str {
        match self.connection.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR SHARE",
        }
    }

    /// The start of a time as text, as far as `part` goes: `2026-01-02` or `2026-01-02T03`.
    #[must_use]
    pub fn start_of_time(&self, column: &str, part: TimePart) -> String {
        match (self.connection.engine(), part) {
            (Engine::Sqlite, TimePart::Day) => format!("substr({column}, 1, 10)"),
            (Engine::Sqlite, TimePart::Hour) => format!("substr({column}, 1, 13)"),
            (Engine::Postgres, TimePart::Day) => format!("to_char({column}, 'YYYY-MM-DD')"),
            (Engine::Postgres, TimePart::Hour) => format!("to_char({column}, 'YYYY-MM-DD\"T\"HH24')"),
        }
    }

    /// As [`Tx::for_update`], passing over rows that another transaction holds: for claiming work.
    #[must_use]
    pub fn skip_locked(&self) -> &'static str {
        match self.connection.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

/// How much of a time counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimePart {
    /// Its day.
    Day,
    /// Its day and hour.
    Hour,
}

/// The application's database, as named by the settings. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    #[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only components open it"))]
    source: Source,
}

#[derive(Clone, Debug)]
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "only components open it"))]
enum Source {
    Sqlite { full_sync: bool },
    Postgres { url: Secret },
}

impl Database {
    /// The database that `database_url` names; empty means the SQLite store labelled `default`.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        let source = match &settings.database_url {
            DatabaseUrl::Sqlite => Source::Sqlite { full_sync: settings.db_synchronous == DbSynchronous::Full },
            DatabaseUrl::Postgres(url) => {
                let patience = Patience {
                    lock_ms: settings.db_lock_timeout_ms,
                    statement_ms: settings.db_statement_timeout_ms,
                    idle_in_transaction_ms: settings.db_idle_in_transaction_timeout_ms,
                };
                Source::Postgres { url: Secret::new(with_patience(url.expose(), patience)) }
            }
        };
        Self { source }
    }

    /// Runs statements that only read, on one connection, outside a transaction.
    ///
    /// # Errors
    /// Whatever `work` answers, or that no connection can be had.
    pub fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.with_connection(|connection| work(&mut Tx { connection }))
    }

    /// Runs `work` in one transaction: committed when it answers `Ok`, rolled back on every error.
    ///
    /// SQLite takes the write lock first (`BEGIN IMMEDIATE`), so a transaction never fails half-way for want of it. It waits
    /// for the lock outside the host's calls, so that the instance's other requests go on meanwhile; `work` itself runs at
    /// once and whole.
    ///
    /// # Errors
    /// Whatever `work` answers, or that the transaction cannot begin or commit.
    pub async fn write<T, E: From<DbError>>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let (mut work, pauses) = (Some(work), Pauses::new());
        loop {
            let done = self.with_connection(|connection| match begin(connection) {
                Ok(()) => work.take().map(|work| finish(connection, work)).transpose(),
                Err(error) if error.kind() == DbErrorKind::Busy && pauses.are_left() => Ok(None),
                Err(error) => Err(error.into()),
            })?;
            match done {
                Some(value) => return Ok(value),
                None => pauses.pause().await,
            }
        }
    }

    /// Whether the schema is current; a missing migration is applied now when `auto_migrate` says so. Waits while somebody
    /// else applies it.
    ///
    /// # Errors
    /// As [`migrate::state`] and [`migrate::migrate`].
    pub async fn prepare_schema(&self, auto_migrate: bool) -> Result<migrate::SchemaState, DbError> {
        let pauses = Pauses::new();
        loop {
            let prepared = self.with_connection(|connection| match migrate::state(connection)? {
                migrate::SchemaState::Behind if auto_migrate => {
                    migrate::migrate(connection).map(|_| migrate::SchemaState::Current)
                }
                state => Ok(state),
            });
            match prepared {
                Err(error) if error.kind() == DbErrorKind::Busy && pauses.are_left() => pauses.pause().await,
                prepared => return prepared,
            }
        }
    }

    /// Whether the database can serve: everything that the migrations make is there, and it can be written to.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self) -> Result<(), DbError> {
        self.with_connection(readiness::check)
    }

    /// Lends one connection.
    ///
    /// # Errors
    /// Whatever `work` answers, or that no connection can be had.
    pub(crate) fn connected<T>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        self.with_connection(work)
    }

    /// Moves what SQLite has logged into the database file and starts the log anew: under constant writes the automatic
    /// checkpoint never finds a moment without readers, and the log grows without bound. Nothing to do on Postgres.
    ///
    /// # Errors
    /// A database failure.
    pub fn checkpoint(&self) -> Result<(), DbError> {
        self.with_connection(|connection| match connection.engine() {
            Engine::Sqlite => connection.run("PRAGMA wal_checkpoint(RESTART)", &[]).map(drop),
            Engine::Postgres => Ok(()),
        })
    }

    #[cfg(target_arch = "wasm32")]
    fn with_connection<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut dyn Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.source {
            Source::Sqlite { full_sync } => spin_sqlite::with_connection(*full_sync, work),
            Source::Postgres { url } => spin_postgres::with_connection(url.expose(), work),
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    #[expect(clippy::unused_self, reason = "one signature on both targets")]
    fn with_connection<T, E: From<DbError>>(
        &self,
        _work: impl FnOnce(&mut dyn Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        Err(DbError::new(DbErrorKind::Unavailable, "the host's databases exist only inside a component").into())
    }
}

/// Runs `work` between BEGIN and COMMIT on an open connection; every error rolls back.
///
/// # Errors
/// Whatever `work` answers, or that the transaction cannot begin or commit.
pub fn transaction<T, E: From<DbError>>(
    connection: &mut dyn Connection,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    begin(connection)?;
    finish(connection, work)
}

fn begin(connection: &mut dyn Connection) -> Result<(), DbError> {
    connection.execute(
        match connection.engine() {
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => POSTGRES_BEGIN,
        },
        &[],
    )
}

/// Runs `work` in the transaction that has begun, and ends it.
fn finish<T, E: From<DbError>>(
    connection: &mut dyn Connection,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let outcome = work(&mut Tx { connection: &mut *connection })
        .and_then(|value| connection.execute("COMMIT", &[]).map(|()| value).map_err(E::from));
    if outcome.is_err() {
        // The first error is the one that tells what went wrong: a full disk has rolled back by itself, a lost line has
        // nobody left to roll back.
        let _ = connection.execute("ROLLBACK", &[]);
    }
    outcome
}

/// Begins a transaction on Postgres with a mark that means nothing there to others, so that whoever gets a connection with
/// a transaction left open can tell.
const POSTGRES_BEGIN: &str = "BEGIN DEFERRABLE";

/// `$from, …` for `count` parameters starting at number `from`: `placeholders(2, 3)` is `$2, $3, $4`.
#[must_use]
pub fn placeholders(from: usize, count: usize) -> String {
    let mut text = String::with_capacity(count * 4);
    for number in from..from + count {
        if number > from {
            text.push_str(", ");
        }
        text.push('$');
        text.push_str(&number.to_string());
    }
    text
}

/// A SELECT list with a table alias: `columns_as("b", &["id", "name"])` is `b.id, b.name`.
#[must_use]
pub fn columns_as(alias: &str, columns: &[&str]) -> String {
    columns.iter().map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ")
}

/// Rows of an INSERT: `values_rows(2, 3)` is `($1, $2, $3), ($4, $5, $6)`.
#[must_use]
pub fn values_rows(rows: usize, columns: usize) -> String {
    (0..rows).map(|row| format!("({})", placeholders(row * columns + 1, columns))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_from_the_given_number() {
        assert_eq!(placeholders(2, 3), "$2, $3, $4");
        assert_eq!(placeholders(1, 0), "");
        assert_eq!(values_rows(2, 2), "($1, $2), ($3, $4)");
        assert_eq!(columns_as("b", &["id", "name"]), "b.id, b.name");
    }
}
