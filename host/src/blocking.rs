//! Waiting inside a synchronous host call, without keeping the runtime's other tasks from this thread where the runtime
//! allows it.

use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Sleeps.
pub fn pause(duration: Duration) {
    let sleep = || std::thread::sleep(duration);
    match multi_thread_runtime() {
        Some(_) => tokio::task::block_in_place(sleep),
        None => sleep(),
    }
}

/// Waits for a future, but no longer than this; `None` when the time is over, and at once outside a runtime of several
/// threads, where nobody could complete the future meanwhile.
pub fn wait<F: Future>(future: F, longest: Duration) -> Option<F::Output> {
    let runtime = multi_thread_runtime()?;
    tokio::task::block_in_place(|| runtime.block_on(async { tokio::time::timeout(longest, future).await.ok() }))
}

fn multi_thread_runtime() -> Option<Handle> {
    Handle::try_current().ok().filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}
