//! Postgres through Spin's synchronous bindings, one pooled connection per unit of work.

use spin_sdk::pg::wit::postgres as wit;

use super::answering::{answering, found};
use super::{Connection, DbError, DbErrorKind, Engine, Row, Value};
use crate::time::Timestamp;

struct SpinPostgres(wit::Connection);

/// Borrows a connection from the host's pool and gives it back clean.
pub(super) fn with_connection<T, E: From<DbError>>(
    url: &str,
    work: impl FnOnce(&mut dyn Connection) -> Result<T, E>,
) -> Result<T, E> {
    let mut connection = SpinPostgres(wit::Connection::open(url).map_err(|error| failed(&error))?);
    connection.end_left_transaction()?;
    work(&mut connection)
}

impl SpinPostgres {
    /// Rolls back what the connection's last user has left open: the pool does not, and that user may have died inside a
    /// transaction. Transactions of ours are marked ([`super::POSTGRES_BEGIN`]); a ROLLBACK each time would do too, but
    /// the server warns about each that has nothing to roll back.
    fn end_left_transaction(&mut self) -> Result<(), DbError> {
        let is_open = match self.0.query("SELECT current_setting('transaction_deferrable')", &[]) {
            Ok(answer) => {
                !matches!(answer.rows.first().map(Vec::as_slice), Some([wit::DbValue::Str(mark)]) if mark == "off")
            }
            Err(wit::Error::QueryFailed(wit::QueryError::DbError(error))) if error.code == IN_FAILED_TRANSACTION => {
                true
            }
            Err(error) => return Err(failed(&error)),
        };
        if is_open { self.execute("ROLLBACK", &[]) } else { Ok(()) }
    }
}

/// SQLSTATE of whatever is asked inside a transaction that has failed.
const IN_FAILED_TRANSACTION: &str = "25P02";

impl Connection for SpinPostgres {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let params: Vec<wit::ParameterValue> = params.iter().map(bind).collect();
        let wrapped = answering(sql);
        let answer = self.0.query(wrapped.as_deref().unwrap_or(sql), &params).map_err(|error| failed(&error))?;
        let rows = answer.rows.into_iter().map(|row| row.into_iter().map(read).collect::<Result<Vec<_>, _>>());
        match wrapped {
            Some(_) => rows.filter_map(|row| row.and_then(found).transpose()).map(|row| row.map(Row::new)).collect(),
            None => rows.map(|row| row.map(Row::new)).collect(),
        }
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        let params: Vec<wit::ParameterValue> = params.iter().map(bind).collect();
        self.0.execute(sql, &params).map(drop).map_err(|error| failed(&error))
    }
}

fn bind(value: &Value) -> wit::ParameterValue {
    match value {
        Value::Null => wit::ParameterValue::DbNull,
        Value::Text(text) => wit::ParameterValue::Str(text.clone()),
        Value::Int(number) => wit::ParameterValue::Int64(*number),
        Value::Real(number) => wit::ParameterValue::Floating64(*number),
        Value::Bool(flag) => wit::ParameterValue::Boolean(*flag),
        Value::Uuid(id) => wit::ParameterValue::Uuid(id.to_string()),
        Value::Time(time) => wit::ParameterValue::Datetime(time.to_civil()),
        Value::Json(json) => wit::ParameterValue::Jsonb(json.to_string().into_bytes()),
    }
}

fn read(value: wit::DbValue) -> Result<Value, DbError> {
    Ok(match value {
        wit::DbValue::DbNull => Value::Null,
        wit::DbValue::Str(text) => Value::Text(text),
        wit::DbValue::Boolean(flag) => Value::Bool(flag),
        wit::DbValue::Int64(number) => Value::Int(number),
        wit::DbValue::Int32(number) => Value::Int(number.into()),
        wit::DbValue::Int16(number) => Value::Int(number.into()),
        wit::DbValue::Floating64(number) => Value::Real(number),
        wit::DbValue::Uuid(text) => {
            Value::Uuid(text.parse().map_err(|_| DbError::decode("the host gave a malformed uuid"))?)
        }
        wit::DbValue::Datetime((year, month, day, hour, minute, second, nanosecond)) => Value::Time(
            Timestamp::from_civil(year, month, day, hour, minute, second, nanosecond)
                .ok_or_else(|| DbError::decode("the host gave an impossible timestamp"))?,
        ),
        wit::DbValue::Jsonb(bytes) => {
            Value::Json(serde_json::from_slice(&bytes).map_err(|_| DbError::decode("the host gave malformed JSON"))?)
        }
        _ => return Err(DbError::decode("a column has a type that the application does not use")),
    })
}

fn failed(error: &wit::Error) -> DbError {
    match error {
        wit::Error::QueryFailed(wit::QueryError::DbError(db)) => DbError::from_sqlstate(&db.code, &db.message),
        wit::Error::ConnectionFailed(_) => DbError::new(DbErrorKind::Unavailable, "cannot connect to Postgres"),
        wit::Error::BadParameter(_) => DbError::new(DbErrorKind::Other, "a parameter has the wrong type"),
        // Not from the server: the line is cut, unless the driver could not write or read a value.
        wit::Error::QueryFailed(wit::QueryError::Text(text))
            if DRIVER_FAULTS.iter().any(|fault| text.contains(fault)) =>
        {
            DbError::new(DbErrorKind::Other, text.clone())
        }
        wit::Error::QueryFailed(wit::QueryError::Text(text)) => DbError::new(DbErrorKind::Unavailable, text.clone()),
        wit::Error::ValueConversionFailed(_) => DbError::decode("a column cannot be read"),
        wit::Error::Other(_) => DbError::new(DbErrorKind::Unavailable, "Postgres is not available"),
    }
}

/// What the driver says when parameters or columns do not fit their types, in the words of either host.
const DRIVER_FAULTS: [&str; 4] = ["serializing", "ToSql", "FromSql", "arameters"];
