//! Durations on the command line.

use std::time::Duration;

/// Longer ones are mistakes, and could reach beyond what clocks can count.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// Reads `500ms`, `30s`, `5m`, `1h`, or a number of seconds.
pub fn parse(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[number.len()..];
    let number: u64 = number.trim().parse().map_err(|_| format!("'{text}' is not a duration such as 30s or 500ms"))?;
    let duration = match unit {
        "ms" => Duration::from_millis(number),
        "" | "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.saturating_mul(60)),
        "h" => Duration::from_secs(number.saturating_mul(3600)),
        _ => return Err(format!("'{unit}' is no unit of time: use ms, s, m or h")),
    };
    if duration <= LONGEST { Ok(duration) } else { Err(format!("'{text}' is longer than a year")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_plain_seconds_are_read() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("30"), Ok(Duration::from_secs(30)));
        assert_eq!(parse("2m"), Ok(Duration::from_secs(120)));
        assert!(parse("soon").is_err());
        assert!(parse("18446744073709551615h").is_err());
        assert!(parse("3 weeks").is_err());
    }
}
