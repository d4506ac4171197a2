//! Guest values as the parameters of a Postgres statement.

use crate::bindings::spin::postgres::postgres::ParameterValue;
use bytes::{BufMut, BytesMut};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use std::error::Error;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use uuid::Uuid;

/// One parameter, in the type that the driver encodes.
pub struct Parameter(Box<dyn ToSql + Sync + Send>);

impl Parameter {
    /// The form that the driver takes.
    pub fn as_sql(&self) -> &(dyn ToSql + Sync) {
        self.0.as_ref()
    }
}

impl TryFrom<&ParameterValue> for Parameter {
    type Error = String;

    fn try_from(value: &ParameterValue) -> Result<Self, String> {
        Ok(Self(match value {
            ParameterValue::Boolean(value) => Box::new(*value),
            ParameterValue::Int8(value) => Box::new(*value),
            ParameterValue::Int16(value) => Box::new(*value),
            ParameterValue::Int32(value) => Box::new(*value),
            ParameterValue::Int64(value) => Box::new(*value),
            ParameterValue::Floating32(value) => Box::new(*value),
            ParameterValue::Floating64(value) => Box::new(*value),
            ParameterValue::Str(value) => Box::new(value.clone()),
            ParameterValue::Binary(value) => Box::new(value.clone()),
            ParameterValue::Date(value) => Box::new(date(*value)?),
            ParameterValue::Time(value) => Box::new(time(*value)?),
            ParameterValue::Datetime((year, month, day, hour, minute, second, nanosecond)) => {
                let date = date((*year, *month, *day))?;
                let time = time((*hour, *minute, *second, *nanosecond))?;
                Box::new(NaiveDateTime::new(date, time))
            }
            ParameterValue::Timestamp(seconds) => Box::new(timestamp(*seconds)?),
            ParameterValue::Uuid(value) => {
                Box::new(Uuid::parse_str(value).map_err(|_| format!("invalid UUID {value}"))?)
            }
            ParameterValue::Jsonb(value) => Box::new(Json::new(value)?),
            ParameterValue::DbNull => Box::new(Null),
            ParameterValue::Decimal(_)
            | ParameterValue::RangeInt32(_)
            | ParameterValue::RangeInt64(_)
            | ParameterValue::RangeDecimal(_)
            | ParameterValue::ArrayInt32(_)
            | ParameterValue::ArrayInt64(_)
            | ParameterValue::ArrayDecimal(_)
            | ParameterValue::ArrayStr(_)
            | ParameterValue::Interval(_) => {
                return Err("this host does not support the parameter's type".to_owned());
            }
        }))
    }
}

fn date((year, month, day): (i32, u8, u8)) -> Result<NaiveDate, String> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .ok_or_else(|| format!("invalid date y={year}, m={month}, d={day}"))
}

fn time((hour, minute, second, nanosecond): (u8, u8, u8, u32)) -> Result<NaiveTime, String> {
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond)
        .ok_or_else(|| format!("invalid time {hour}:{minute}:{second}:{nanosecond}"))
}

fn timestamp(seconds: i64) -> Result<DateTime<Utc>, String> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| format!("invalid timestamp {seconds}"))
}

/// NULL of any type.
#[derive(Debug)]
struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// JSON text, which goes to the server as it is.
#[derive(Debug)]
struct Json(Vec<u8>);

impl Json {
    fn new(text: &[u8]) -> Result<Self, String> {
        match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
            Ok(_) => Ok(Self(text.to_vec())),
            Err(_) => Err(format!("invalid JSON {}", String::from_utf8_lossy(text))),
        }
    }
}

impl ToSql for Json {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        if *kind == Type::JSONB {
            // The version of jsonb's binary form.
            out.put_u8(1);
        }
        out.put_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::JSON | Type::JSONB)
    }

    to_sql_checked!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_values_are_bad_parameters() {
        for value in [
            ParameterValue::Date((2025, 2, 30)),
            ParameterValue::Time((25, 0, 0, 0)),
            ParameterValue::Uuid("no".to_owned()),
            ParameterValue::Jsonb(b"{".to_vec()),
            ParameterValue::Timestamp(i64::MAX),
            ParameterValue::Decimal("1".to_owned()),
        ] {
            assert!(Parameter::try_from(&value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn json_carries_a_version_for_jsonb_only() {
        let json = Json::new(b"{}").expect("valid JSON");
        let mut out = BytesMut::new();
        json.to_sql(&Type::JSONB, &mut out).expect("encoded");
        assert_eq!(&out[..], b"\x01{}");
        out.clear();
        json.to_sql(&Type::JSON, &mut out).expect("encoded");
        assert_eq!(&out[..], b"{}");
    }
}
