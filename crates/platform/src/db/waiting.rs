//! Waiting for SQLite's one writer. A host call that waits holds everything that its instance serves, so each waits briefly,
//! and the rest of the time passes outside of it.

use std::time::Duration;

use crate::random;
use crate::time::Timestamp;

/// How long one call waits in the host for the lock, in milliseconds.
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "native connections wait by themselves"))]
pub(super) const IN_HOST_MS: u32 = 50;

/// How long a transaction waits for the lock altogether.
const ALTOGETHER: Duration = Duration::from_secs(5);

/// The longest pause between two tries.
const PAUSE: Duration = Duration::from_millis(20);

/// The pauses of one transaction.
pub(super) struct Pauses {
    end: Timestamp,
}

impl Pauses {
    pub(super) fn new() -> Self {
        Self { end: Timestamp::now().plus(ALTOGETHER) }
    }

    /// Whether another try is worth it.
    pub(super) fn are_left(&self) -> bool {
        Timestamp::now() < self.end
    }

    /// A pause of random length: those who were refused together do not come back together.
    pub(super) async fn pause(&self) {
        sleep(PAUSE.mul_f64(random::fraction())).await;
    }
}

#[cfg(target_arch = "wasm32")]
use spin_sdk::time::sleep;

/// Native connections wait by themselves.
#[cfg(not(target_arch = "wasm32"))]
async fn sleep(duration: Duration) {
    std::thread::sleep(duration);
}
