//! How patient the host is with a slow client.

use std::time::{Duration, Instant};

/// Patience that waiting uses up, and that bytes which moved restore.
#[derive(Debug)]
pub struct Pace {
    patience: Duration,
    bytes_per_second: u32,
    left: Duration,
    total: Duration,
}

/// Patience has ended.
#[derive(Debug, PartialEq, Eq)]
pub struct TooSlow;

impl Pace {
    /// Waits up to `patience` for a client that does nothing, as long as it likes for one that moves
    /// `bytes_per_second`, and never longer than `total` in all.
    pub fn new(patience: Duration, bytes_per_second: u32, total: Duration) -> Self {
        Self { patience, bytes_per_second, left: patience.min(total), total }
    }

    /// How much longer to wait if nothing moves.
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Counts time in which the client was waited for.
    pub fn waited(&mut self, time: Duration) {
        self.total = self.total.saturating_sub(time);
        self.left = self.left.saturating_sub(time).min(self.total);
    }

    /// Counts bytes that came from the client or went to it.
    pub fn moved(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let gained = match self.bytes_per_second {
            0 => self.patience,
            rate => Duration::from_secs(bytes.into()) / rate,
        };
        self.left = self.left.saturating_add(gained).min(self.patience).min(self.total);
    }

    /// Waits for the client.
    pub async fn wait<F: Future>(&mut self, client: F) -> Result<F::Output, TooSlow> {
        let start = Instant::now();
        let outcome = tokio::time::timeout(self.left, client).await;
        self.waited(start.elapsed());
        outcome.map_err(|_| TooSlow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn silence_uses_patience_up_and_bytes_restore_it() {
        let mut pace = Pace::new(SECOND * 10, 100, SECOND * 60);
        pace.waited(SECOND * 9);
        assert_eq!(pace.left(), SECOND);
        pace.moved(200);
        assert_eq!(pace.left(), SECOND * 3);
        pace.moved(1_000_000);
        assert_eq!(pace.left(), SECOND * 10, "patience is never more than at the start");
    }

    #[test]
    fn drops_below_the_rate_end_in_time_and_a_steady_client_goes_on() {
        let mut dripping = Pace::new(SECOND * 10, 100, SECOND * 1000);
        let mut steady = Pace::new(SECOND * 10, 100, SECOND * 1000);
        for _ in 0..20 {
            dripping.waited(SECOND);
            dripping.moved(1);
            steady.waited(SECOND);
            steady.moved(100);
        }
        assert_eq!(dripping.left(), SECOND / 100, "only the last byte's worth is left");
        assert_eq!(steady.left(), SECOND * 10);
    }

    #[test]
    fn the_whole_has_an_end_too() {
        let mut pace = Pace::new(SECOND * 10, 0, SECOND * 25);
        for _ in 0..3 {
            pace.waited(SECOND * 8);
            pace.moved(1);
        }
        assert_eq!(pace.left(), SECOND);
    }

    #[tokio::test]
    async fn waiting_ends_with_patience() {
        let mut pace = Pace::new(Duration::ZERO, 100, SECOND);
        assert_eq!(pace.wait(std::future::ready(7)).await, Ok(7));
        assert_eq!(pace.wait(std::future::pending::<()>()).await, Err(TooSlow));
    }
}
