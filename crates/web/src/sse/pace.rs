//! How many rows to read at once, when nobody knows how long they are.

use super::topic::Item;

/// The most rows that one statement reads.
const MOST_ROWS: i64 = 200;

/// The fewest, and as many as are read first.
const FIRST_ROWS: i64 = 4;

/// What the rows of one statement should weigh as events, in bytes.
const WANTED_BYTES: usize = 512 * 1024;

/// Grows while rows are short, and shrinks at once when they are long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace(i64);

impl Default for Pace {
    fn default() -> Self {
        Self(FIRST_ROWS)
    }
}

impl Pace {
    /// How many rows to ask for.
    pub(super) fn rows(self) -> i64 {
        self.0
    }

    /// Learns from what was read.
    pub(super) fn read(&mut self, items: &[Item]) {
        let bytes: usize = items.iter().map(|item| item.frame.len()).sum();
        if let Some(mean) = bytes.checked_div(items.len()) {
            let fitting = i64::try_from(WANTED_BYTES / mean.max(1)).unwrap_or(MOST_ROWS);
            self.0 = fitting.min(self.0.saturating_mul(4)).clamp(FIRST_ROWS, MOST_ROWS);
        }
    }
}

#[cfg(test)]
mod tests {
    use mission_control_platform::db::Position;
    use mission_control_platform::time::Timestamp;
    use serde_json::json;

    use super::*;

    fn rows(number: usize, length: usize) -> Vec<Item> {
        let position = Position::before(Timestamp::now());
        (0..number).map(|_| Item::new("row", position, &json!("x".repeat(length)))).collect()
    }

    #[test]
    fn short_rows_are_read_in_more_and_more_at_once_and_long_ones_in_few() {
        let mut pace = Pace::default();
        let mut asked = Vec::new();
        for _ in 0..5 {
            asked.push(pace.rows());
            pace.read(&rows(4, 100));
        }
        assert_eq!(asked, [4, 16, 64, 200, 200]);
        pace.read(&rows(2, 50_000));
        assert_eq!(pace.rows(), 10);
        pace.read(&rows(1, 1_000_000));
        assert_eq!(pace.rows(), 4);
        pace.read(&[]);
        assert_eq!(pace.rows(), 4);
    }
}
