use super::*;

const EXTRA: &str = "unexpected extra characters at the end of the input";

fn at(text: &str) -> Timestamp {
    Timestamp::parse_iso(text).unwrap()
}

#[test]
fn every_day_survives_the_calendar() {
    let (first, last) = (days_from_civil(1, 1, 1), days_from_civil(9999, 12, 31));
    assert_eq!((first, last, days_from_civil(1970, 1, 1)), (-719_162, 2_932_896, 0));
    let mut expected = (1, 1, 1);
    for days in first..=last {
        assert_eq!(civil_from_days(days), expected);
        let (year, month, day) = expected;
        assert_eq!(days_from_civil(year, month, day), days);
        expected = match (month, day == days_in_month(year, month)) {
            (12, true) => (year + 1, 1, 1),
            (_, true) => (year, month + 1, 1),
            _ => (year, month, day + 1),
        };
    }
}

#[test]
fn bounds_are_the_first_and_last_microsecond() {
    assert_eq!(Timestamp::MIN.to_storage(), "0001-01-01T00:00:00.000000");
    assert_eq!(Timestamp::MAX.to_storage(), "9999-12-31T23:59:59.999999");
    assert_eq!(Timestamp::from_micros(Timestamp::MIN.0 - 1), None);
    assert_eq!(Timestamp::from_micros(Timestamp::MAX.0 + 1), None);
    assert_eq!(Timestamp::from_micros(i64::MIN), None);
    assert_eq!(Timestamp::from_micros(Timestamp::MAX.0), Some(Timestamp::MAX));
    assert_eq!(Timestamp::MAX.plus(Duration::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.minus(Duration::MAX), Timestamp::MIN);
    assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Duration::ZERO);
    assert_eq!(Timestamp::MIN.plus(Timestamp::MAX.since(Timestamp::MIN)), Timestamp::MAX);
    assert!(Timestamp::now() > at("2020-01-01"));
}

#[test]
fn the_fraction_is_shown_only_when_there_is_one() {
    let table = [
        ("2026-01-02T03:04:05", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05.1", "2026-01-02T03:04:05.100000"),
        ("2026-01-02T03:04:05.000001", "2026-01-02T03:04:05.000001"),
        ("1969-12-31T23:59:59.999999", "1969-12-31T23:59:59.999999"),
    ];
    for (text, wire) in table {
        assert_eq!(at(text).to_string(), wire);
        assert_eq!(serde_json::to_string(&at(text)).unwrap(), format!("\"{wire}\""));
    }
}

#[test]
fn storage_is_strict_and_reversible() {
    let time = at("0987-06-05 04:03:02.000010");
    assert_eq!(time.to_storage(), "0987-06-05T04:03:02.000010");
    assert_eq!(Timestamp::from_storage(&time.to_storage()), Some(time));
    for text in ["", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05.000000", "2026-01-02T03:04:05.000000Z"] {
        assert_eq!(Timestamp::from_storage(text), None, "{text}");
    }
}

#[test]
fn civil_fields_are_checked_and_reversible() {
    let time = at("2024-02-29T23:59:58.123456");
    assert_eq!(time.to_civil(), (2024, 2, 29, 23, 59, 58, 123_456_000));
    assert_eq!(Timestamp::from_civil(2024, 2, 29, 23, 59, 58, 123_456_789), Some(time));
    let before = at("0001-01-01").to_civil();
    assert_eq!(before, (1, 1, 1, 0, 0, 0, 0));
    for (year, month, day, hour, minute, second, nanos) in [
        (0, 1, 1, 0, 0, 0, 0),
        (10_000, 1, 1, 0, 0, 0, 0),
        (2026, 13, 1, 0, 0, 0, 0),
        (2026, 2, 29, 0, 0, 0, 0),
        (2026, 1, 0, 0, 0, 0, 0),
        (2026, 1, 1, 24, 0, 0, 0),
        (2026, 1, 1, 0, 60, 0, 0),
        (2026, 1, 1, 0, 0, 60, 0),
        (2026, 1, 1, 0, 0, 0, 1_000_000_000),
    ] {
        assert_eq!(Timestamp::from_civil(year, month, day, hour, minute, second, nanos), None);
    }
}

#[test]
fn iso_texts_are_read() {
    let table = [
        ("2026-01-02", "2026-01-02T00:00:00"),
        ("2026-01-02 03:04", "2026-01-02T03:04:00"),
        ("2026-01-02t03:04z", "2026-01-02T03:04:00"),
        ("2026-01-02_03:04:05", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05,5", "2026-01-02T03:04:05.500000"),
        ("2026-01-02T03:04:05.1234567890123", "2026-01-02T03:04:05.123456"),
        ("2026-01-02T03:04:05.0000009Z", "2026-01-02T03:04:05"),
        ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05"),
        ("2026-01-02T03:04:05-0230", "2026-01-02T05:34:05"),
        ("2026-01-02T03:04:05\u{2212}02:00", "2026-01-02T05:04:05"),
        ("2026-01-01T00:30+23:59", "2025-12-31T00:31:00"),
        ("2024-02-29", "2024-02-29T00:00:00"),
    ];
    for (text, wire) in table {
        assert_eq!(at(text).to_string(), wire, "{text}");
    }
}

#[test]
fn other_texts_are_refused_with_the_reason() {
    let (short, separator) = ("input is too short", "invalid date separator, expected `-`");
    let (month, day) = ("month value is outside expected range of 1-12", "day value is outside expected range");
    let table = [
        ("", short),
        ("y", short),
        ("2026-1-2", short),
        ("abcdefghij", "invalid character in year"),
        (" 2026-01-02", "invalid character in year"),
        ("20é6-01-02", "invalid character in year"),
        ("2026-0x-02", "invalid character in month"),
        ("2026-13-4x", "invalid character in day"),
        ("2026/01/02", separator),
        ("2026-01/02", separator),
        ("2026-13-01", month),
        ("2026-00-01", month),
        ("2026-02-29", day),
        ("2026-01-00", day),
        ("2026-01-02x", EXTRA),
        ("2026-01-02é", EXTRA),
        ("2026-01-02 ", EXTRA),
        ("2026-01-02T03", EXTRA),
        ("2026-01-02T24:00", EXTRA),
        ("2026-01-02T23:60", EXTRA),
        ("2026-01-02T23:59:60", EXTRA),
        ("2026-01-02T03:04:05.", EXTRA),
        ("2026-01-02T03:04.5", EXTRA),
        ("2026-01-02T03:04:05+02", EXTRA),
        ("2026-01-02T03:04:05+24:00", EXTRA),
        ("2026-01-02T03:04:05 +02:00", EXTRA),
        ("2026-01-02T03:04:05Zx", EXTRA),
        ("0000-01-01", "year 0 is out of range"),
        ("0001-01-01T00:00+00:01", "year 0 is out of range"),
        ("9999-12-31T23:59-00:01", "year 10000 is out of range"),
    ];
    for (text, reason) in table {
        assert_eq!(Timestamp::parse_iso(text).unwrap_err().to_string(), reason, "{text}");
    }
}
