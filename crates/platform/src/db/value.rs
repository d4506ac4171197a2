//! Typed values that cross between the domain and either database engine.

use serde_json::Value as Json;
use uuid::Uuid;

use super::DbError;
use crate::time::Timestamp;

/// One parameter or column.
///
/// Postgres binds each kind to its native type (uuid, `timestamp` in UTC, jsonb, boolean, bigint); SQLite binds uuids,
/// times and JSON to TEXT, booleans to INTEGER. Reading accepts both forms, so a store never asks which engine it has.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Text.
    Text(String),
    /// A signed 64-bit integer; every integer column is a bigint.
    Int(i64),
    /// A double.
    Real(f64),
    /// A boolean.
    Bool(bool),
    /// An identifier.
    Uuid(Uuid),
    /// A moment in UTC, to the microsecond.
    Time(Timestamp),
    /// A JSON document.
    Json(Json),
}

macro_rules! into_value {
    ($($ty:ty => $variant:ident),+ $(,)?) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::$variant(value.into())
            }
        }
    )+};
}

into_value!(
    String => Text, &str => Text, &String => Text, i64 => Int, i32 => Int, u32 => Int, f64 => Real, bool => Bool,
    Uuid => Uuid, Timestamp => Time, Json => Json,
);

impl From<&Json> for Value {
    fn from(value: &Json) -> Self {
        Self::Json(value.clone())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        value.as_deref().into()
    }
}

impl From<&Option<Json>> for Value {
    fn from(value: &Option<Json>) -> Self {
        value.as_ref().map_or(Self::Null, Into::into)
    }
}

/// What a column can be read as.
pub trait FromValue: Sized {
    /// Reads the value; another type than expected is a [`DbError`] of kind `Decode`.
    fn from_value(value: Value) -> Result<Self, DbError>;
}

fn unexpected<T>(expected: &str, value: &Value) -> Result<T, DbError> {
    // Only the kind is named: the value may be a secret.
    let found = match value {
        Value::Null => "null",
        Value::Text(_) => "text",
        Value::Int(_) => "integer",
        Value::Real(_) => "real",
        Value::Bool(_) => "boolean",
        Value::Uuid(_) => "uuid",
        Value::Time(_) => "timestamp",
        Value::Json(_) => "json",
    };
    Err(DbError::decode(format!("expected {expected}, found {found}")))
}

impl FromValue for Value {
    fn from_value(value: Value) -> Result<Self, DbError> {
        Ok(value)
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Text(text) => Ok(text),
            other => unexpected("text", &other),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Int(number) => Ok(number),
            other => unexpected("integer", &other),
        }
    }
}

impl FromValue for f64 {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Real(number) => Ok(number),
            // SQLite stores an integral double in a REAL column as such, but an expression may answer an integer.
            #[expect(clippy::cast_precision_loss, reason = "only small counts take this path")]
            Value::Int(number) => Ok(number as f64),
            other => unexpected("real", &other),
        }
    }
}

impl FromValue for bool {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Bool(flag) => Ok(flag),
            Value::Int(number) => Ok(number != 0),
            other => unexpected("boolean", &other),
        }
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match &value {
            Value::Uuid(id) => Ok(*id),
            Value::Text(text) => Self::parse_str(text).or_else(|_| unexpected("uuid", &value)),
            _ => unexpected("uuid", &value),
        }
    }
}

impl FromValue for Timestamp {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match &value {
            Value::Time(time) => Ok(*time),
            Value::Text(text) => Self::from_storage(text).map_or_else(|| unexpected("timestamp", &value), Ok),
            _ => unexpected("timestamp", &value),
        }
    }
}

impl FromValue for Json {
    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Json(json) => Ok(json),
            Value::Text(text) => serde_json::from_str(&text).map_err(|_| DbError::decode("stored JSON is not valid")),
            other => unexpected("json", &other),
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    /// NULL and the JSON literal `null` (which older databases hold in JSON columns) both read as `None`.
    fn from_value(value: Value) -> Result<Self, DbError> {
        match value {
            Value::Null | Value::Json(Json::Null) => Ok(None),
            other => T::from_value(other).map(Some),
        }
    }
}

/// One row of an answer, read column by column in the order of the SELECT list.
#[derive(Debug)]
pub struct Row {
    values: std::vec::IntoIter<Value>,
}

impl Row {
    /// A row of these values.
    #[must_use]
    pub fn new(values: Vec<Value>) -> Self {
        Self { values: values.into_iter() }
    }

    /// Reads the next column.
    ///
    /// # Errors
    /// When no column is left or it holds another type.
    #[expect(clippy::should_implement_trait, reason = "reads like the SELECT list; not an iterator of one type")]
    pub fn next<T: FromValue>(&mut self) -> Result<T, DbError> {
        T::from_value(self.values.next().ok_or_else(|| DbError::decode("row has fewer columns than were read"))?)
    }
}

/// A type that is read from the columns of one row.
pub trait FromRow: Sized {
    /// Takes this type's columns off the row, in the order of its SELECT list.
    fn from_row(row: &mut Row) -> Result<Self, DbError>;
}

macro_rules! scalar_rows {
    ($($ty:ty),+) => {$(
        impl FromRow for $ty {
            fn from_row(row: &mut Row) -> Result<Self, DbError> {
                row.next()
            }
        }
    )+};
}
scalar_rows!(
    String,
    i64,
    f64,
    bool,
    Uuid,
    Timestamp,
    Json,
    Option<String>,
    Option<i64>,
    Option<Uuid>,
    Option<Timestamp>,
    Option<Json>
);

impl<A: FromRow, B: FromRow> FromRow for (A, B) {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok((A::from_row(row)?, B::from_row(row)?))
    }
}

impl<A: FromRow, B: FromRow, C: FromRow> FromRow for (A, B, C) {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok((A::from_row(row)?, B::from_row(row)?, C::from_row(row)?))
    }
}

/// Parameters of a statement: `params![id, name, Option::<Uuid>::None]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}

/// A struct that is one row: its fields are columns, in order, and `COLUMNS` is the SELECT list that reads it.
///
/// `record! { pub struct Board in "boards" { pub id: Uuid, … } }` also makes `SELECT` (`SELECT b.id, … FROM`‑ready text
/// with an alias is made by [`columns_as`](crate::db::columns_as)).
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$fmeta:meta])* $fvis:vis $field:ident : $ty:ty),+ $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$fmeta])* $fvis $field: $ty),+ }

        impl $name {
            /// The columns of this record, in order.
            pub const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
        }

        impl $crate::db::FromRow for $name {
            fn from_row(row: &mut $crate::db::Row) -> Result<Self, $crate::db::DbError> {
                Ok(Self { $($field: row.next()?),+ })
            }
        }
    };
}
