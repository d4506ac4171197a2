//! Postgres through Spin's synchronous bindings, one pooled connection per unit of work.

use spin_sdk::pg::wit::postgres as wit;

use super::{Connection, DbError, DbErrorKind, Engine, Row, Value};
use crate::time::Timestamp;

struct SpinPostgres(wit::Connection);

/// Borrows a connection from the host's pool and gives it back clean.
///
/// The pool does not roll back: whoever used the connection before may have died inside a transaction, so it begins
/// with ROLLBACK (a warning when there is none).
pub(super) fn with_connection<T, E: From<DbError>>(
    url: &str,
    work: impl FnOnce(&mut dyn Connection) -> Result<T, E>,
) -> Result<T, E> {
    let mut connection = SpinPostgres(wit::Connection::open(url).map_err(|error| failed(&error))?);
    connection.run("ROLLBACK", &[])?;
    work(&mut connection)
}

impl Connection for SpinPostgres {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        let params: Vec<wit::ParameterValue> = params.iter().map(bind).collect();
        let answer = self.0.query(sql, &params).map_err(|error| failed(&error))?;
        answer
            .rows
            .into_iter()
            .map(|row| row.into_iter().map(read).collect::<Result<Vec<_>, _>>().map(Row::new))
            .collect()
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
        wit::Error::QueryFailed(wit::QueryError::Text(text)) => DbError::new(DbErrorKind::Other, text.clone()),
        wit::Error::ValueConversionFailed(_) => DbError::decode("a column cannot be read"),
        wit::Error::Other(_) => DbError::new(DbErrorKind::Unavailable, "Postgres is not available"),
    }
}
