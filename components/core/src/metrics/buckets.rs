//! Windows of time and the buckets that they are cut into.

use std::time::Duration;

use super::wire::DashboardSeriesPoint;
use mission_control_platform::db::TimePart;
use mission_control_platform::time::Timestamp;
use mission_control_web::words;

words! {
    /// How long a window is.
    pub enum Range {
        /// A day.
        Day = "24h",
        /// Three days.
        ThreeDays = "3d",
        /// A week.
        Week = "7d",
        /// Two weeks.
        TwoWeeks = "14d",
        /// Thirty days.
        Month = "1m",
        /// Ninety days.
        ThreeMonths = "3m",
        /// Half a year.
        SixMonths = "6m",
        /// A year.
        Year = "1y",
    }
}

words! {
    /// How long a bucket is.
    pub enum BucketSize {
        /// An hour.
        Hour = "hour",
        /// A day.
        Day = "day",
        /// A week, from Monday on.
        Week = "week",
        /// A month of the calendar.
        Month = "month",
    }
}

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// The first Monday after the beginning of time.
const MONDAY: i64 = 4 * DAY;

impl Range {
    pub(super) fn length(self) -> Duration {
        let days = match self {
            Self::Day => 1,
            Self::ThreeDays => 3,
            Self::Week => 7,
            Self::TwoWeeks => 14,
            Self::Month => 30,
            Self::ThreeMonths => 90,
            Self::SixMonths => 180,
            Self::Year => 365,
        };
        Duration::from_secs(days * 24 * 3600)
    }

    /// How long the buckets of such a window are.
    #[must_use]
    pub fn bucket(self) -> BucketSize {
        match self {
            Self::Day => BucketSize::Hour,
            Self::ThreeDays | Self::Week | Self::TwoWeeks | Self::Month => BucketSize::Day,
            Self::ThreeMonths | Self::SixMonths => BucketSize::Week,
            Self::Year => BucketSize::Month,
        }
    }

    /// What of a time tells its bucket.
    pub(super) fn part(self) -> TimePart {
        if self == Self::Day { TimePart::Hour } else { TimePart::Day }
    }
}

impl BucketSize {
    /// When the bucket of this moment begins.
    fn start_of(self, moment: Timestamp) -> Timestamp {
        let micros = moment.as_micros();
        let floor = |size: i64, from: i64| Timestamp::from_micros(micros - (micros - from).rem_euclid(size));
        let start = match self {
            Self::Hour => floor(HOUR, 0),
            Self::Day => floor(DAY, 0),
            Self::Week => floor(WEEK, MONDAY),
            Self::Month => {
                let (year, month, ..) = moment.to_civil();
                Timestamp::from_civil(year, month, 1, 0, 0, 0, 0)
            }
        };
        start.unwrap_or(moment)
    }

    /// When the bucket behind that of this moment begins.
    fn next(self, start: Timestamp) -> Timestamp {
        let inside = match self {
            Self::Hour => HOUR,
            Self::Day => DAY,
            Self::Week => WEEK,
            // Longer than any month, shorter than any two.
            Self::Month => 32 * DAY,
        };
        self.start_of(Timestamp::from_micros(start.as_micros() + inside).unwrap_or(Timestamp::MAX))
    }
}

/// A part of time, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) range: Range,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
}

/// A part of a window, without its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) start: Timestamp,
    end: Timestamp,
}

impl Bucket {
    pub(super) fn holds(self, moment: Timestamp) -> bool {
        (self.start..self.end).contains(&moment)
    }
}

impl Window {
    pub(super) fn holds(self, moment: Timestamp) -> bool {
        (self.start..=self.end).contains(&moment)
    }

    /// Its buckets: the first holds its start, and may begin before it.
    pub(super) fn buckets(self) -> Vec<Bucket> {
        let size = self.range.bucket();
        let mut buckets = Vec::new();
        let mut start = size.start_of(self.start);
        while start <= self.end {
            let end = size.next(start);
            buckets.push(Bucket { start, end });
            start = end;
        }
        buckets
    }

    /// A point for each bucket.
    pub(super) fn points(self, value: impl Fn(Bucket) -> f64) -> Vec<DashboardSeriesPoint> {
        let point = |bucket: Bucket| DashboardSeriesPoint { period: bucket.start, value: value(bucket) };
        self.buckets().into_iter().map(point).collect()
    }
}

/// The hour or day of rows, and whether they belong to the window that ends now or to the one before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    pub(super) start: Timestamp,
    pub(super) is_primary: bool,
    /// Where the one window ends and the other begins.
    pub(super) boundary: Timestamp,
}

impl Slot {
    pub(super) fn is_in(self, window: Window) -> bool {
        self.is_primary == (window.start >= self.boundary)
    }

    pub(super) fn is_in_bucket(self, window: Window, bucket: Bucket) -> bool {
        self.is_in(window) && bucket.holds(self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_iso(text).unwrap()
    }

    fn starts(range: Range, end: &str) -> Vec<Timestamp> {
        let window = Window { range, start: at(end).minus(range.length()), end: at(end) };
        window.buckets().into_iter().map(|bucket| bucket.start).collect()
    }

    #[test]
    fn every_range_has_its_usual_number_of_buckets() {
        let count = |range| starts(range, "2026-11-21T10:30:00").len();
        assert_eq!(count(Range::Day), 25);
        assert_eq!([Range::ThreeDays, Range::Week, Range::TwoWeeks, Range::Month].map(count), [4, 8, 15, 31]);
        assert!((13..=14).contains(&count(Range::ThreeMonths)) && (26..=27).contains(&count(Range::SixMonths)));
        assert_eq!(count(Range::Year), 13);
    }

    #[test]
    fn weeks_begin_on_mondays_and_months_on_their_first_day() {
        assert_eq!(starts(Range::ThreeMonths, "2026-11-21T10:30:00").last(), Some(&at("2026-11-16")));
        let months = starts(Range::Year, "2026-11-21T10:30:00");
        assert_eq!((months.first(), months.last()), (Some(&at("2025-11-01")), Some(&at("2026-11-01"))));
        assert_eq!(starts(Range::Day, "2026-01-01T00:00:00").first(), Some(&at("2025-12-31T00:00:00")));
    }
}
