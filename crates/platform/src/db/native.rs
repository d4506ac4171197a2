//! The same connections outside a component: rusqlite and the `postgres` client, for the operator's command and tests.

use std::path::Path;
use std::time::Duration;

use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::answering::{answering, found};
use super::numbered::numbered;
use super::{Connection, DbError, DbErrorKind, Engine, Row, Value};
use crate::time::Timestamp;

/// An SQLite file, with the same PRAGMAs that the components set.
#[derive(Debug)]
pub struct Sqlite(rusqlite::Connection);

impl Sqlite {
    /// Opens or creates the file.
    ///
    /// # Errors
    /// When it cannot be opened or is not a database.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        Self::prepare(rusqlite::Connection::open(path))
    }

    /// A database of its own that ends with the value; for tests.
    ///
    /// # Panics
    /// When SQLite cannot make one.
    #[must_use]
    #[expect(clippy::expect_used, reason = "for tests")]
    pub fn in_memory() -> Self {
        Self::prepare(rusqlite::Connection::open_in_memory()).expect("an in-memory database opens")
    }

    fn prepare(opened: rusqlite::Result<rusqlite::Connection>) -> Result<Self, DbError> {
        let connection = opened.map_err(|error| sqlite_failed(&error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| sqlite_failed(&error))?;
        connection.pragma_update(None, "foreign_keys", true).map_err(|error| sqlite_failed(&error))?;
        Ok(Self(connection))
    }
}

impl Connection for Sqlite {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let mut statement = self.0.prepare_cached(&numbered(sql)).map_err(|error| sqlite_failed(&error))?;
        let width = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(params)).map_err(|error| sqlite_failed(&error))?;
        let mut answer = Vec::new();
        while let Some(row) = rows.next().map_err(|error| sqlite_failed(&error))? {
            let mut values = Vec::with_capacity(width);
            for column in 0..width {
                values.push(match row.get_ref(column).map_err(|error| sqlite_failed(&error))? {
                    ValueRef::Null | ValueRef::Blob(_) => Value::Null,
                    ValueRef::Integer(number) => Value::Int(number),
                    ValueRef::Real(number) => Value::Real(number),
                    ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                });
            }
            answer.push(Row::new(values));
        }
        Ok(answer)
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(rusqlite::types::Value::Null),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Int(number) => ToSqlOutput::Owned((*number).into()),
            Self::Real(number) => ToSqlOutput::Owned((*number).into()),
            Self::Bool(flag) => ToSqlOutput::Owned(i64::from(*flag).into()),
            Self::Uuid(id) => ToSqlOutput::Owned(id.to_string().into()),
            Self::Time(time) => ToSqlOutput::Owned(time.to_storage().into()),
            Self::Json(json) => ToSqlOutput::Owned(json.to_string().into()),
        })
    }
}

fn sqlite_failed(error: &rusqlite::Error) -> DbError {
    match error.sqlite_error_code() {
        Some(
            rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::CannotOpen,
        ) => DbError::new(DbErrorKind::Unavailable, error.to_string()),
        _ => DbError::from_sqlite_text(&error.to_string()),
    }
}

/// A Postgres server. Blocking: never use it on an async runtime's thread.
pub struct Postgres(postgres::Client);

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Postgres(..)")
    }
}

impl Postgres {
    /// Connects to a `postgres://` URL.
    ///
    /// # Errors
    /// When no connection can be made.
    pub fn connect(url: &str) -> Result<Self, DbError> {
        // The error may repeat the URL, which holds a password.
        postgres::Client::connect(url, postgres::NoTls)
            .map(Self)
            .map_err(|_| DbError::new(DbErrorKind::Unavailable, "cannot connect to Postgres"))
    }
}

impl From<postgres::Client> for Postgres {
    fn from(client: postgres::Client) -> Self {
        Self(client)
    }
}

impl Connection for Postgres {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        // As in a component, so that tests run what components run.
        let wrapped = answering(sql);
        let rows = self.0.query(wrapped.as_deref().unwrap_or(sql), &params).map_err(|error| postgres_failed(&error))?;
        let rows = rows.iter().map(|row| {
            (0..row.len())
                .map(|column| row.try_get(column).map_err(|_| DbError::decode("a column cannot be read")))
                .collect::<Result<Vec<Value>, _>>()
        });
        match wrapped {
            Some(_) => rows.filter_map(|row| row.and_then(found).transpose()).map(|row| row.map(Row::new)).collect(),
            None => rows.map(|row| row.map(Row::new)).collect(),
        }
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.0.execute(sql, &params).map(drop).map_err(|error| postgres_failed(&error))
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Text(text) => text.to_sql_checked(ty, out),
            Self::Int(number) => number.to_sql_checked(ty, out),
            Self::Real(number) => number.to_sql_checked(ty, out),
            Self::Bool(flag) => flag.to_sql_checked(ty, out),
            Self::Uuid(id) => id.to_sql_checked(ty, out),
            Self::Json(json) => json.to_sql_checked(ty, out),
            // Postgres counts microseconds from 2000-01-01.
            Self::Time(time) => (time.as_micros() - POSTGRES_EPOCH_MICROS).to_sql(&Type::INT8, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// 2000-01-01 in microseconds since 1970-01-01.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *ty {
            Type::BOOL => Self::Bool(bool::from_sql(ty, raw)?),
            Type::INT8 => Self::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Self::Int(i32::from_sql(ty, raw)?.into()),
            Type::FLOAT8 => Self::Real(f64::from_sql(ty, raw)?),
            Type::UUID => Self::Uuid(uuid::Uuid::from_sql(ty, raw)?),
            Type::JSONB | Type::JSON => Self::Json(serde_json::Value::from_sql(ty, raw)?),
            Type::TIMESTAMP => Self::Time(
                i64::from_sql(&Type::INT8, raw)?
                    .checked_add(POSTGRES_EPOCH_MICROS)
                    .and_then(Timestamp::from_micros)
                    .ok_or("a timestamp is out of range")?,
            ),
            Type::VOID => Self::Null,
            _ => Self::Text(String::from_sql(ty, raw)?),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

fn postgres_failed(error: &postgres::Error) -> DbError {
    match error.as_db_error() {
        Some(db) => DbError::from_sqlstate(db.code().code(), db.message()),
        None => DbError::new(DbErrorKind::Unavailable, error.to_string()),
    }
}
