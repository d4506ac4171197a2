//! The sliding window over a store that can only count.
//!
//! The window is cut into segments with a counter each. Attempts of the segments inside the window count fully,
//! those of the segment that is half outside in proportion. So a burst is judged exactly for 40 seconds after it,
//! and a key costs one increment an attempt.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::{Attempt, Decision, WINDOW_SECONDS};
use crate::telemetry::{self, Level};

const WINDOW_MS: u64 = WINDOW_SECONDS as u64 * 1000;
/// Segments that make up a window.
const SEGMENTS: usize = 3;
pub(super) const SEGMENT_MS: u64 = WINDOW_MS / SEGMENTS as u64;
/// Start of every key, since some stores share their key space with others.
const PREFIX: &str = "rl:";
/// Keys whose past an instance remembers at most.
const MAX_REMEMBERED: usize = 4096;

/// Why a limiter could not decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The store failed, with its own words.
    Failed(String),
    /// The store failed a moment ago and is left alone for now.
    Paused,
}

impl StoreError {
    /// Text for the log.
    pub fn text(&self) -> &str {
        match self {
            Self::Failed(text) => text,
            Self::Paused => "paused after a failure",
        }
    }
}

/// Counters shared by all instances.
pub trait Store {
    /// Adds to a counter, atomically, and returns the new value; a new counter starts at 0.
    fn add(&self, key: &str, delta: i64) -> Result<u64, StoreError>;
    /// Value of a counter; 0 if there is none.
    fn get(&self, key: &str) -> Result<u64, StoreError>;
    /// All keys. Called at most once a segment, by one instance.
    fn keys(&self) -> Result<Vec<String>, StoreError>;
    /// Removes counters; absent ones are no error.
    fn delete(&self, keys: &[String]) -> Result<(), StoreError>;
}

/// Counts of the closed segments that still reach into the window, newest first.
type Closed = [u64; SEGMENTS];

/// A limiter of one instance. Several over the same counters act as one.
pub(super) struct Limiter<S> {
    pub(super) store: S,
    /// Closed counters of the keys seen in the named segment: they change no more, so they are read once.
    closed: RefCell<(u64, HashMap<String, Closed>)>,
    /// Segment in which this instance last cared about old counters.
    swept: Cell<u64>,
}

impl<S: Store> Limiter<S> {
    pub(super) fn new(store: S) -> Self {
        Self { store, closed: RefCell::default(), swept: Cell::new(0) }
    }

    /// Decides about an attempt for `key` at `now_ms` (milliseconds since 1970), counting it if asked to.
    pub(super) fn decide(&self, key: &str, limit: u32, attempt: Attempt, now_ms: u64) -> Result<Decision, StoreError> {
        let segment = now_ms / SEGMENT_MS;
        let counter = counter(segment, key);
        let current = match attempt {
            Attempt::Count => self.store.add(&counter, 1)?,
            Attempt::Peek => self.store.get(&counter)?,
        };
        let closed = self.closed(segment, key)?;
        if attempt == Attempt::Count {
            self.sweep_once(segment);
        }

        let before = current.saturating_sub(u64::from(attempt == Attempt::Count));
        let limit_wide = u64::from(limit);
        let allowed = History { segment, current: before, closed }.used_at(now_ms) < limit_wide;
        let history = History { segment, current, closed };
        let used = history.used_at(now_ms);
        // Denied: until one more fits. Allowed: until nothing is left.
        let goal = if allowed { 0 } else { limit_wide - 1 };
        Ok(Decision {
            allowed,
            limit,
            remaining: limit.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)),
            reset_seconds: history.seconds_until(goal, now_ms),
        })
    }

    fn closed(&self, segment: u64, key: &str) -> Result<Closed, StoreError> {
        let mut cache = self.closed.borrow_mut();
        let (of_segment, remembered) = &mut *cache;
        if *of_segment != segment || remembered.len() >= MAX_REMEMBERED {
            *of_segment = segment;
            remembered.clear();
        }
        if let Some(closed) = remembered.get(key) {
            return Ok(*closed);
        }
        let mut closed = Closed::default();
        for (age, count) in (1_u64..).zip(&mut closed) {
            if let Some(past) = segment.checked_sub(age) {
                *count = self.store.get(&counter(past, key))?;
            }
        }
        remembered.insert(key.to_owned(), closed);
        Ok(closed)
    }

    /// Removes the counters that left the window, once a segment and in one instance only.
    pub(super) fn sweep_once(&self, segment: u64) {
        if self.swept.replace(segment) == segment {
            return;
        }
        if let Err(error) = self.sweep(segment) {
            let fields = [("error", error.text().into())];
            telemetry::log(Level::Warning, "mission_control.limits", "old rate-limit counters stay", &fields);
        }
    }

    fn sweep(&self, segment: u64) -> Result<(), StoreError> {
        // Whoever counts this to 1 is the one to sweep.
        if self.store.add(&counter(segment, "sweep"), 1)? != 1 {
            return Ok(());
        }
        let mut old = self.store.keys()?;
        old.retain(|key| segment_of(key).is_some_and(|past| past + (SEGMENTS as u64) < segment));
        if old.is_empty() { Ok(()) } else { self.store.delete(&old) }
    }
}

pub(super) fn counter(segment: u64, key: &str) -> String {
    format!("{PREFIX}{segment}:{key}")
}

fn segment_of(counter: &str) -> Option<u64> {
    counter.strip_prefix(PREFIX)?.split_once(':')?.0.parse().ok()
}

/// Reads a counter from its stored bytes: 8 in little-endian order, or decimal text, as the store keeps it.
///
/// Eight digits are text: read as a number they would be more attempts than anybody can make.
#[cfg(any(test, target_arch = "wasm32"))]
pub(super) fn count_from_bytes(bytes: &[u8]) -> u64 {
    if bytes.iter().all(u8::is_ascii_digit) {
        return std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()).unwrap_or_default();
    }
    bytes.try_into().map(u64::from_le_bytes).unwrap_or_default()
}

/// Attempts of one key as far as they are known at a moment.
struct History {
    segment: u64,
    current: u64,
    closed: Closed,
}

impl History {
    /// Attempts in the window that ends at `at_ms`, if none were made after the history was read; rounded up per
    /// segment, so that rounding never allows more than the limit.
    fn used_at(&self, at_ms: u64) -> u64 {
        let window_start_ms = at_ms.saturating_sub(WINDOW_MS);
        let counts = std::iter::once(&self.current).chain(&self.closed);
        counts
            .zip(0_u64..)
            .map(|(count, age)| {
                let end_ms = (self.segment + 1).saturating_sub(age) * SEGMENT_MS;
                let inside_ms = end_ms.saturating_sub(window_start_ms).min(SEGMENT_MS);
                count.saturating_mul(inside_ms).div_ceil(SEGMENT_MS)
            })
            .fold(0, u64::saturating_add)
    }

    /// Whole seconds from `now_ms` until at most `goal` attempts are in the window.
    fn seconds_until(&self, goal: u64, now_ms: u64) -> u32 {
        // The newest attempt has left the window at the latest one segment after a whole window.
        let longest = WINDOW_SECONDS + (SEGMENT_MS / 1000) as u32;
        (0..longest).find(|seconds| self.used_at(now_ms + u64::from(*seconds) * 1000) <= goal).unwrap_or(longest)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::memory::Memory;
    use super::*;

    /// A moment at the start of a segment.
    const T0: u64 = SEGMENT_MS * 1_000_000;

    impl Store for Rc<Memory> {
        fn add(&self, key: &str, delta: i64) -> Result<u64, StoreError> {
            self.as_ref().add(key, delta)
        }
        fn get(&self, key: &str) -> Result<u64, StoreError> {
            self.as_ref().get(key)
        }
        fn keys(&self) -> Result<Vec<String>, StoreError> {
            self.as_ref().keys()
        }
        fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
            self.as_ref().delete(keys)
        }
    }

    fn limiter() -> Limiter<Memory> {
        Limiter::new(Memory::default())
    }

    fn at<S: Store>(limiter: &Limiter<S>, limit: u32, attempt: Attempt, seconds: f64) -> Decision {
        limiter.decide("ns:key", limit, attempt, T0 + (seconds * 1000.0) as u64).unwrap()
    }

    #[test]
    fn the_reference_trace_stretched_to_a_minute() {
        let limiter = limiter();
        let trace = [(0.0, true), (6.0, true), (12.0, false), (63.0, false), (79.9, false)];
        for (seconds, allowed) in trace {
            assert_eq!(at(&limiter, 2, Attempt::Count, seconds).allowed, allowed, "{seconds}");
        }
        assert!(at(&limiter, 2, Attempt::Count, 160.0).allowed);
    }

    #[test]
    fn a_burst_is_judged_exactly_wherever_it_starts() {
        for start in [0.0, 10.0, 19.9, 19.99] {
            let limiter = limiter();
            for n in 0..20 {
                let decision = at(&limiter, 20, Attempt::Count, start + f64::from(n));
                assert_eq!((decision.allowed, decision.remaining), (true, 19 - n as u32));
            }
            assert!(!at(&limiter, 20, Attempt::Count, start + 20.0).allowed);
            assert!(!at(&limiter, 20, Attempt::Peek, start + 39.0).allowed);
        }
    }

    #[test]
    fn denied_attempts_keep_the_block() {
        let limiter = limiter();
        let allowed = (0..600).filter(|n| at(&limiter, 20, Attempt::Count, f64::from(*n)).allowed).count();
        assert_eq!(allowed, 20);
        assert!(at(&limiter, 20, Attempt::Count, 700.0).allowed);
    }

    #[test]
    fn peeking_counts_nothing() {
        let limiter = limiter();
        for _ in 0..10 {
            let expected = Decision { allowed: true, limit: 2, remaining: 2, reset_seconds: 0 };
            assert_eq!(at(&limiter, 2, Attempt::Peek, 0.0), expected);
        }
        at(&limiter, 2, Attempt::Count, 0.0);
        assert_eq!(at(&limiter, 2, Attempt::Peek, 0.0).remaining, 1);
    }

    #[test]
    fn waiting_for_the_reset_helps() {
        for start in [0.0, 5.5, 19.999] {
            for limit in [1, 2, 20] {
                let limiter = limiter();
                for _ in 0..limit + 30 {
                    at(&limiter, limit, Attempt::Count, start);
                }
                let wait = f64::from(at(&limiter, limit, Attempt::Peek, start).reset_seconds);
                assert!((1.0..=80.0).contains(&wait));
                assert!(!at(&limiter, limit, Attempt::Peek, start + wait - 1.0).allowed, "{start} {limit} {wait}");
                assert!(at(&limiter, limit, Attempt::Peek, start + wait).allowed, "{start} {limit} {wait}");
            }
        }
    }

    #[test]
    fn instances_share_their_counters() {
        let store = Rc::new(Memory::default());
        let (one, two) = (Limiter::new(Rc::clone(&store)), Limiter::new(Rc::clone(&store)));
        assert!(at(&one, 2, Attempt::Count, 0.0).allowed);
        assert!(at(&two, 2, Attempt::Count, 1.0).allowed);
        assert!(!at(&one, 2, Attempt::Peek, 21.0).allowed);
        assert!(!at(&two, 2, Attempt::Count, 21.0).allowed);
    }

    #[test]
    fn counters_are_read_in_both_stored_forms() {
        assert_eq!(count_from_bytes(&[7, 0, 0, 0, 0, 0, 0, 0]), 7);
        assert_eq!(count_from_bytes(b"12"), 12);
        assert_eq!(count_from_bytes(b"12345678"), 12_345_678);
        assert_eq!(count_from_bytes(b"xyz"), 0);
        assert_eq!(count_from_bytes(b""), 0);
    }

    #[test]
    fn old_counters_are_removed_and_foreign_keys_stay() {
        let store = Rc::new(Memory::default());
        store.add("foreign", 1).unwrap();
        let limiter = Limiter::new(Rc::clone(&store));
        for n in 0..50_u64 {
            limiter.decide(&format!("ns:{n}"), 5, Attempt::Count, T0).unwrap();
        }
        assert_eq!(store.keys().unwrap().len(), 52);
        limiter.decide("ns:x", 5, Attempt::Count, T0 + WINDOW_MS).unwrap();
        assert_eq!(store.keys().unwrap().len(), 54, "still inside the window");
        limiter.decide("ns:x", 5, Attempt::Count, T0 + WINDOW_MS + SEGMENT_MS).unwrap();
        assert_eq!(store.keys().unwrap().len(), 5);
        assert!(store.keys().unwrap().contains(&"foreign".to_owned()));
    }
}
