//! Gives memory back to the system.

use std::time::Duration;

/// How often to do so: it takes a millisecond, and what is needed again has to be asked for again.
pub const TRIM_PAUSE: Duration = Duration::from_secs(5);

/// Gives back what the allocator keeps after a peak.
///
/// It keeps what was freed for the next allocation of the same thread: a thousand connections leave tens of megabytes
/// behind, for ever.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "the function of the C library has no safe form")]
pub fn trim() {
    // SAFETY: the function may be called at any time, on any thread.
    unsafe { libc::malloc_trim(0) };
}

/// Other allocators give memory back by themselves.
#[cfg(not(target_env = "gnu"))]
pub fn trim() {}
