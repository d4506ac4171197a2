//! Points in time.
//!
//! Every stored and shown time is UTC without a zone, to the microsecond, within the years
//! 0001–9999. [`Timestamp`] cannot hold anything else, so neither the wire form nor the fixed-width
//! storage form can go wrong later.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};
use speedate::{
    Date, DateTime, DateTimeConfig, MicrosecondsPrecisionOverflowBehavior, ParseError, Time, TimeConfig, TimestampUnit,
};
use strum::EnumMessage;

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH_DAY: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;

/// A UTC instant: microseconds since the Unix epoch, within the years 0001–9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

/// Why a text is not a date-time. [`fmt::Display`] gives the reason shown to clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IsoError {
    /// The text is neither a date nor a date-time.
    Syntax(&'static str),
    /// The instant lies before the year 1.
    TooEarly,
    /// The instant lies after the year 9999.
    TooLate,
}

impl fmt::Display for IsoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax(reason) => reason,
            Self::TooEarly => "year 0 is out of range",
            Self::TooLate => "year 10000 is out of range",
        })
    }
}

impl std::error::Error for IsoError {}

impl Timestamp {
    /// 0001-01-01T00:00:00.
    pub const MIN: Self = Self(-62_135_596_800 * MICROS_PER_SECOND);
    /// 9999-12-31T23:59:59.999999.
    pub const MAX: Self = Self(253_402_300_800 * MICROS_PER_SECOND - 1);

    /// The current time. A clock outside the supported years is read as the nearest bound.
    pub fn now() -> Self {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => Self(0).plus(after),
            Err(before) => Self(0).minus(before.duration()),
        }
    }

    /// The instant `micros` microseconds after the epoch; `None` outside the years 0001–9999.
    pub fn from_micros(micros: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&micros).then_some(Self(micros))
    }

    /// Microseconds since the Unix epoch.
    pub fn as_micros(self) -> i64 {
        self.0
    }

    /// This instant moved later, at most to [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(duration)).min(Self::MAX.0))
    }

    /// This instant moved earlier, at most to [`Timestamp::MIN`].
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(duration)).max(Self::MIN.0))
    }

    /// The time passed since `earlier`; zero when `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> Duration {
        // Both lie within ±2^58, so the difference cannot overflow.
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The instant with these UTC calendar fields. Nanoseconds are truncated to microseconds.
    /// `None` if a field is out of range; there are no leap seconds.
    pub fn from_civil(year: i32, month: u8, day: u8, hour: u8, minute: u8, second: u8, nanos: u32) -> Option<Self> {
        let in_range = (1..=9999).contains(&year)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && nanos < 1_000_000_000;
        in_range.then(|| {
            let seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60 + i64::from(second);
            let micros = seconds * MICROS_PER_SECOND + i64::from(nanos / 1_000);
            Self(days_from_civil(year, month, day) * MICROS_PER_DAY + micros)
        })
    }

    /// The UTC calendar fields: year, month, day, hour, minute, second, nanoseconds.
    pub fn to_civil(self) -> (i32, u8, u8, u8, u8, u8, u32) {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MICROS_PER_DAY));
        let micros = self.0.rem_euclid(MICROS_PER_DAY);
        let seconds = micros / MICROS_PER_SECOND;
        let nanos = micros % MICROS_PER_SECOND * 1_000;
        // All these remainders fit their types.
        (year, month, day, (seconds / 3600) as u8, (seconds / 60 % 60) as u8, (seconds % 60) as u8, nanos as u32)
    }

    /// The fixed-width form `YYYY-MM-DDTHH:MM:SS.ffffff`, whose text order is the time order.
    pub fn to_storage(self) -> String {
        self.storage_digits().iter().map(|byte| char::from(*byte)).collect()
    }

    /// The fixed-width form as ASCII. By hand: every row that is read or written has several.
    fn storage_digits(self) -> [u8; 26] {
        let (year, month, day, hour, minute, second, nanos) = self.to_civil();
        let micros = nanos / 1_000;
        // Each field fits its digits.
        let [y1, y2] = digits((year / 100) as u8);
        let [y3, y4] = digits((year % 100) as u8);
        let ([m1, m2], [d1, d2]) = (digits(month), digits(day));
        let ([h1, h2], [n1, n2], [s1, s2]) = (digits(hour), digits(minute), digits(second));
        let [f1, f2] = digits((micros / 10_000) as u8);
        let [f3, f4] = digits((micros / 100 % 100) as u8);
        let [f5, f6] = digits((micros % 100) as u8);
        [
            y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.', f1, f2, f3, f4,
            f5, f6,
        ]
    }

    /// Reads what [`Timestamp::to_storage`] wrote; `None` for any other text.
    pub fn from_storage(text: &str) -> Option<Self> {
        // What parses and has the point at its place and six digits behind it has no other form.
        let (_, [b'T', .., b'.', f1, f2, f3, f4, f5, f6]) = text.as_bytes().split_at_checked(10)? else { return None };
        let is_fixed = text.len() == 26 && [f1, f2, f3, f4, f5, f6].into_iter().all(u8::is_ascii_digit);
        if is_fixed { Self::parse_iso(text).ok() } else { None }
    }

    /// Reads an ISO-8601 date or date-time.
    ///
    /// A date alone means midnight. The time follows after `T`, `t`, a space or `_`; seconds are
    /// optional and so is their fraction, which is cut to six digits. A trailing `Z` or `±hh:mm`
    /// (or `±hhmm`) is converted to UTC; without it the text is taken as UTC.
    ///
    /// # Errors
    /// [`IsoError::Syntax`] if the text has another form or a field is out of range, otherwise
    /// [`IsoError::TooEarly`] or [`IsoError::TooLate`] if the instant is not in the years 0001–9999.
    pub fn parse_iso(text: &str) -> Result<Self, IsoError> {
        // The reason for every fault behind a valid date is that it is a date with a tail.
        let read = DateTime::parse_bytes_rfc3339_with_config(text.as_bytes(), &cut_to_micros());
        Self::from_read(read.or_else(|_| midnight(Date::parse_str_rfc3339(text))))
    }

    /// Reads what [`Timestamp::parse_iso`] does, or decimal text as Unix time in seconds, or in milliseconds when its
    /// size is above 2·10¹⁰.
    ///
    /// # Errors
    /// As [`Timestamp::parse_iso`], and [`IsoError::Syntax`] for a number outside the years 0000–9999.
    pub fn parse_iso_or_unix(text: &str) -> Result<Self, IsoError> {
        let config = DateTimeConfig { time_config: cut_to_micros(), ..DateTimeConfig::default() };
        let read = DateTime::parse_str_with_config(text, &config);
        Self::from_read(read.or_else(|_| midnight(Date::parse_str(text))))
    }

    /// Unix time in seconds, or in milliseconds when its size is above 2·10¹⁰.
    ///
    /// # Errors
    /// As [`Timestamp::parse_iso_or_unix`].
    pub fn from_unix(number: f64) -> Result<Self, IsoError> {
        const MILLISECONDS_ABOVE: f64 = 2e10;
        let number = if number.abs() > MILLISECONDS_ABOVE { number / 1_000.0 } else { number };
        let second = number.floor();
        // Conversions saturate, which leaves numbers that are too large too large.
        let micros = ((number - second) * 1_000_000.0).round() as u32;
        let config = DateTimeConfig { timestamp_unit: TimestampUnit::Second, ..DateTimeConfig::default() };
        Self::from_read(DateTime::from_timestamp_with_config(second as i64, micros, &config))
    }

    fn from_read(read: Result<DateTime, ParseError>) -> Result<Self, IsoError> {
        let read = read.map_err(|error| IsoError::Syntax(error.get_documentation().unwrap_or_default()))?;
        if read.date.year == 0 {
            return Err(IsoError::TooEarly);
        }
        let micros = read.timestamp_tz() * MICROS_PER_SECOND + i64::from(read.time.microsecond);
        let outside = if micros < 0 { IsoError::TooEarly } else { IsoError::TooLate };
        Self::from_micros(micros).ok_or(outside)
    }
}

/// The wire form: ISO-8601 without a zone; the fraction is left out when zero, else six digits.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stored = self.storage_digits();
        let text = std::str::from_utf8(&stored).map_err(|_| fmt::Error)?;
        f.write_str(text.strip_suffix(".000000").unwrap_or(text))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

// The calendar is computed with years that begin in March, so that the leap day is the last day of
// the year, and in eras of 400 years, after which the calendar repeats.

/// Days since 1970-01-01 of a valid date.
fn days_from_civil(year: i32, month: u8, day: u8) -> i64 {
    let month = i64::from(month);
    let year = i64::from(year) - i64::from(month < 3);
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    let months_since_march = (month + 9) % 12;
    // The lengths from March on are 31, 30, 31, 30, 31 over and over: 153 days in 5 months.
    let day = (153 * months_since_march + 2) / 5 + i64::from(day) - 1;
    era * DAYS_PER_ERA + year * 365 + year / 4 - year / 100 + day - EPOCH_DAY
}

/// The date that lies `days` days after 1970-01-01; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i32, u8, u8) {
    let days = days + EPOCH_DAY;
    let (era, day) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA));
    // Taking out the leap days leaves years of exactly 365 days.
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let months_since_march = (5 * day + 2) / 153;
    let day = day - (153 * months_since_march + 2) / 5 + 1;
    let month = (months_since_march + 2) % 12 + 1;
    let year = era * 400 + year + i64::from(month < 3);
    // The type's bounds keep the year below 10000; month and day are remainders.
    (year as i32, month as u8, day as u8)
}

/// Zero for a month that does not exist.
fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 0,
    }
}

/// More digits of a second than six are cut off.
fn cut_to_micros() -> TimeConfig {
    TimeConfig {
        microseconds_precision_overflow_behavior: MicrosecondsPrecisionOverflowBehavior::Truncate,
        unix_timestamp_offset: None,
    }
}

/// The start of a day.
fn midnight(date: Result<Date, ParseError>) -> Result<DateTime, ParseError> {
    let time = Time { hour: 0, minute: 0, second: 0, microsecond: 0, tz_offset: None };
    Ok(DateTime { date: date?, time })
}

/// The two digits of a number below 100.
fn digits(number: u8) -> [u8; 2] {
    [b'0' + number / 10, b'0' + number % 10]
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
