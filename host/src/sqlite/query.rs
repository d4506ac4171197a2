//! One statement and its rows.

use crate::bindings::spin::sqlite::sqlite::{Error, QueryResult, RowResult, Value};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Batch, ErrorCode, Row, Statement, ToSql, params_from_iter};

const MAX_RESULT_BYTES: usize = 128 * 1024 * 1024;

/// Why a statement gave no rows.
#[derive(Debug)]
pub enum Failure {
    /// The database says so.
    Sqlite(rusqlite::Error),
    /// The rows cannot be handed out.
    Rows(&'static str),
}

impl Failure {
    /// Whether others hold a lock that the statement needs.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Failure> for Error {
    /// With SQLite's own words, by which guests tell what happened.
    fn from(failure: Failure) -> Self {
        Self::Io(match failure {
            Failure::Sqlite(error) => error.to_string(),
            Failure::Rows(problem) => problem.to_owned(),
        })
    }
}

/// Runs the first statement of `sql` and reads all its rows.
pub fn query(sqlite: &rusqlite::Connection, sql: &str, parameters: &[Value]) -> Result<QueryResult, Failure> {
    if is_single(sql) {
        let mut statement = sqlite.prepare_cached(sql)?;
        return read(&mut statement, parameters);
    }
    // What follows the first statement must not even be compiled: some PRAGMAs act then.
    match Batch::new(sqlite, sql).next()? {
        Some(mut statement) => read(&mut statement, parameters),
        None => Ok(QueryResult { columns: Vec::new(), rows: Vec::new() }),
    }
}

/// Whether `sql` is surely one statement only.
fn is_single(sql: &str) -> bool {
    let sql = sql.trim_end();
    !sql.strip_suffix(';').unwrap_or(sql).contains(';')
}

fn read(statement: &mut Statement<'_>, parameters: &[Value]) -> Result<QueryResult, Failure> {
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut cursor = statement.query(params_from_iter(parameters))?;
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = cursor.next()? {
        let (row, size) = read_row(row, columns.len())?;
        bytes += size;
        if bytes > MAX_RESULT_BYTES {
            return Err(Failure::Rows("query result is too large"));
        }
        rows.push(row);
    }
    Ok(QueryResult { columns, rows })
}

fn read_row(row: &Row<'_>, columns: usize) -> Result<(RowResult, usize), Failure> {
    let mut values = Vec::with_capacity(columns);
    let mut bytes = columns * size_of::<Value>();
    for column in 0..columns {
        values.push(match row.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => {
                bytes += text.len();
                let text = str::from_utf8(text).map_err(|_| Failure::Rows("a text value is not UTF-8"))?;
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
