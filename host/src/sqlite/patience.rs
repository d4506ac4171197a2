//! How long a connection waits for others' locks, and how.

use crate::blocking;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// What a guest that asks for nothing else gets, as in Spin.
const BUSY_TIMEOUT_MS: u32 = 5_000;
const LONGEST_MS: i64 = 3_600_000;
const PAUSE: Duration = Duration::from_millis(1);
const UNCHANGED: u32 = u32::MAX;

/// The wait for a lock in place of SQLite's own: a statement that finds a lock is given up and run again a little later, so
/// that no thread stands still.
#[derive(Debug)]
pub struct Patience {
    /// `PRAGMA busy_timeout`.
    timeout_ms: AtomicU32,
    /// Set while a statement is prepared that changes the busy timeout.
    new_timeout_ms: AtomicU32,
    deadline: Mutex<Instant>,
    /// Whether the statement waits within SQLite.
    is_inside: AtomicBool,
    /// Whether SQLite would have waited. It does not where waiting is useless, as for a lock whose owner waits for ours.
    is_wanted: AtomicBool,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeout_ms: AtomicU32::new(BUSY_TIMEOUT_MS),
            new_timeout_ms: AtomicU32::new(UNCHANGED),
            deadline: Mutex::new(Instant::now()),
            is_inside: AtomicBool::new(false),
            is_wanted: AtomicBool::new(false),
        }
    }
}

impl Patience {
    /// A statement begins, and with it the time that it may wait.
    pub fn begin(&self, is_inside: bool) {
        let timeout = Duration::from_millis(self.timeout_ms().into());
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + timeout;
        self.is_inside.store(is_inside, Ordering::Relaxed);
        self.is_wanted.store(false, Ordering::Relaxed);
    }

    /// Until when the statement may wait.
    pub fn deadline(&self) -> Instant {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether SQLite wanted to wait since the statement began or was run again.
    pub fn is_wanted(&self) -> bool {
        self.is_wanted.load(Ordering::Relaxed)
    }

    /// Waits a little before the statement is run again; `false` if its time is over.
    pub async fn pause(&self) -> bool {
        let now = Instant::now();
        let deadline = self.deadline();
        if now >= deadline {
            return false;
        }
        self.is_wanted.store(false, Ordering::Relaxed);
        tokio::time::sleep_until(deadline.min(now + PAUSE)).await;
        true
    }

    /// The busy timeout, in milliseconds.
    pub fn timeout_ms(&self) -> u32 {
        self.timeout_ms.load(Ordering::Relaxed)
    }

    /// A statement asks for another busy timeout.
    pub fn note_new_timeout(&self, value: &str) {
        let timeout = value.trim().parse::<i64>().unwrap_or(0).clamp(0, LONGEST_MS);
        self.new_timeout_ms.store(u32::try_from(timeout).unwrap_or(0), Ordering::Relaxed);
    }

    /// Takes over what was noted; `false` if nothing was.
    pub fn take_new_timeout(&self) -> bool {
        let timeout = self.new_timeout_ms.swap(UNCHANGED, Ordering::Relaxed);
        if timeout == UNCHANGED {
            return false;
        }
        self.timeout_ms.store(timeout, Ordering::Relaxed);
        true
    }

    /// Has SQLite ask here when it finds a lock.
    pub fn install(self: &Arc<Self>, sqlite: &mut rusqlite::Connection) -> rusqlite::Result<()> {
        let patience = self.clone();
        sqlite.busy_handler(Some(move |_: i32| patience.waits_on()))
    }

    fn waits_on(&self) -> bool {
        self.is_wanted.store(true, Ordering::Relaxed);
        if !self.is_inside.load(Ordering::Relaxed) || Instant::now() >= self.deadline() {
            return false;
        }
        blocking::pause(PAUSE);
        true
    }
}
