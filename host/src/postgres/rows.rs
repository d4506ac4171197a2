//! Rows from Postgres as guest values.

use crate::bindings::spin::postgres::postgres::{Column, DbDataType, DbValue, Error, RowSet};
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

/// Converts a whole result.
pub fn row_set(columns: &[tokio_postgres::Column], rows: &[Row]) -> Result<RowSet, Error> {
    let values = |row| columns.iter().enumerate().map(|(index, column)| value(row, index, column.type_())).collect();
    let rows = rows.iter().map(values).collect::<Result<_, _>>()?;
    let columns = columns
        .iter()
        .map(|column| Column { name: column.name().to_owned(), data_type: data_type(column.type_()) })
        .collect();
    Ok(RowSet { columns, rows })
}

fn data_type(kind: &Type) -> DbDataType {
    match *kind {
        Type::BOOL => DbDataType::Boolean,
        Type::BYTEA => DbDataType::Binary,
        Type::CHAR => DbDataType::Int8,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::TIMESTAMP => DbDataType::Datetime,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        _ => DbDataType::Other(kind.name().to_owned()),
    }
}

fn value(row: &Row, index: usize, kind: &Type) -> Result<DbValue, Error> {
    Ok(match *kind {
        Type::BOOL => or_null(row, index, DbValue::Boolean)?,
        Type::BYTEA => or_null(row, index, DbValue::Binary)?,
        Type::CHAR => or_null(row, index, DbValue::Int8)?,
        Type::INT2 => or_null(row, index, DbValue::Int16)?,
        Type::INT4 => or_null(row, index, DbValue::Int32)?,
        Type::INT8 => or_null(row, index, DbValue::Int64)?,
        Type::FLOAT4 => or_null(row, index, DbValue::Floating32)?,
        Type::FLOAT8 => or_null(row, index, DbValue::Floating64)?,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => or_null(row, index, DbValue::Str)?,
        Type::DATE => or_null(row, index, |value| DbValue::Date(date(value)))?,
        Type::TIME => or_null(row, index, |value| DbValue::Time(time(value)))?,
        Type::TIMESTAMP => or_null(row, index, datetime)?,
        Type::UUID => or_null(row, index, |value: Uuid| DbValue::Uuid(value.to_string()))?,
        Type::JSONB => or_null(row, index, |Raw(value)| {
            // The first byte is the version of jsonb's binary form.
            DbValue::Jsonb(value.get(1..).unwrap_or_default().to_vec())
        })?,
        _ => or_null(row, index, |Raw(value)| DbValue::Unsupported(value.to_vec()))?,
    })
}

fn or_null<'a, V: FromSql<'a>>(
    row: &'a Row,
    index: usize,
    convert: impl FnOnce(V) -> DbValue,
) -> Result<DbValue, Error> {
    match row.try_get::<_, Option<V>>(index) {
        Ok(value) => Ok(value.map_or(DbValue::DbNull, convert)),
        Err(error) => Err(Error::ValueConversionFailed(error.to_string())),
    }
}

// chrono keeps months to seconds within a byte.
fn byte(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn date(value: NaiveDate) -> (i32, u8, u8) {
    (value.year(), byte(value.month()), byte(value.day()))
}

fn time(value: NaiveTime) -> (u8, u8, u8, u32) {
    let (hour, minute, second) = (value.hour(), value.minute(), value.second());
    (byte(hour), byte(minute), byte(second), value.nanosecond())
}

fn datetime(value: NaiveDateTime) -> DbValue {
    let (year, month, day) = date(value.date());
    let (hour, minute, second, nanosecond) = time(value.time());
    DbValue::Datetime((year, month, day, hour, minute, second, nanosecond))
}

/// A value's bytes as the server sent them.
struct Raw<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
