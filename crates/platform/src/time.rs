//! Points in time.
//!
//! Every stored and shown time is UTC without a zone, to the microsecond, within the years
//! 0001–9999. [`Timestamp`] cannot hold anything else, so neither the wire form nor the fixed-width
//! storage form can go wrong later.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

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
        let (date, rest) = read_date(text.as_bytes()).map_err(IsoError::Syntax)?;
        let time = match rest {
            [] => 0,
            [b'T' | b't' | b' ' | b'_', time @ ..] => read_time(time).ok_or(IsoError::Syntax(EXTRA))?,
            _ => return Err(IsoError::Syntax(EXTRA)),
        };
        let (year, month, day) = date;
        if year == 0 {
            return Err(IsoError::TooEarly);
        }
        let micros = days_from_civil(year, month, day) * MICROS_PER_DAY + time;
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

/// The reason for every fault behind a valid date: such a text is reported as a date with a tail.
const EXTRA: &str = "unexpected extra characters at the end of the input";

type Date = (i32, u8, u8);

/// Reads `YYYY-MM-DD` and gives back what follows.
fn read_date(text: &[u8]) -> Result<(Date, &[u8]), &'static str> {
    const SEPARATOR: &str = "invalid date separator, expected `-`";
    let Some((&[y1, y2, y3, y4, s1, m1, m2, s2, d1, d2], rest)) = text.split_first_chunk() else {
        return Err("input is too short");
    };
    let century = two_digits(y1, y2).ok_or("invalid character in year")?;
    let year = two_digits(y3, y4).ok_or("invalid character in year")?;
    if s1 != b'-' {
        return Err(SEPARATOR);
    }
    let month = two_digits(m1, m2).ok_or("invalid character in month")?;
    if s2 != b'-' {
        return Err(SEPARATOR);
    }
    let day = two_digits(d1, d2).ok_or("invalid character in day")?;
    let year = i32::from(century) * 100 + i32::from(year);
    match days_in_month(year, month) {
        0 => Err("month value is outside expected range of 1-12"),
        length if day == 0 || day > length => Err("day value is outside expected range"),
        _ => Ok(((year, month, day), rest)),
    }
}

/// Reads `HH:MM[:SS[.f…]][zone]` as microseconds since midnight UTC, which a zone can move into
/// the day before or after.
fn read_time(text: &[u8]) -> Option<i64> {
    let (&[h1, h2, b':', m1, m2], mut rest) = text.split_first_chunk()? else { return None };
    let hour = two_digits(h1, h2).filter(|hour| *hour < 24)?;
    let minute = two_digits(m1, m2).filter(|minute| *minute < 60)?;
    let mut seconds = (i64::from(hour) * 60 + i64::from(minute)) * 60;
    let mut micros = 0;
    if let [b':', s1, s2, after @ ..] = rest {
        seconds += i64::from(two_digits(*s1, *s2).filter(|second| *second < 60)?);
        rest = after;
        if let [b'.' | b',', after @ ..] = rest {
            (micros, rest) = read_fraction(after)?;
        }
    }
    Some((seconds - read_offset(rest)?) * MICROS_PER_SECOND + micros)
}

/// Reads one or more digits as microseconds; digits behind the sixth count for nothing.
fn read_fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(length).filter(|(digits, _)| !digits.is_empty())?;
    let padded = digits.iter().chain(std::iter::repeat(&b'0')).take(6);
    Some((padded.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), rest))
}

/// Reads a zone as seconds east of UTC; no zone is UTC.
fn read_offset(text: &[u8]) -> Option<i64> {
    let (sign, rest) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        // The typographic minus sign (U+2212) is allowed besides the hyphen.
        [b'-', rest @ ..] | [0xE2, 0x88, 0x92, rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (&[h1, h2, b':', m1, m2] | &[h1, h2, m1, m2]) = rest else { return None };
    let hours = two_digits(h1, h2).filter(|hours| *hours < 24)?;
    let minutes = two_digits(m1, m2).filter(|minutes| *minutes < 60)?;
    Some(sign * (i64::from(hours) * 60 + i64::from(minutes)) * 60)
}

/// The two digits of a number below 100.
fn digits(number: u8) -> [u8; 2] {
    [b'0' + number / 10, b'0' + number % 10]
}

fn two_digits(tens: u8, units: u8) -> Option<u8> {
    (tens.is_ascii_digit() && units.is_ascii_digit()).then(|| (tens - b'0') * 10 + (units - b'0'))
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
