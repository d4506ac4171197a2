//! Waiting inside a synchronous host call.

use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Sleeps without keeping the runtime's other tasks from this thread, where the runtime allows it.
pub fn pause(duration: Duration) {
    let sleep = || std::thread::sleep(duration);
    match Handle::try_current() {
        Ok(runtime) if runtime.runtime_flavor() == RuntimeFlavor::MultiThread => {
            tokio::task::block_in_place(sleep);
        }
        _ => sleep(),
    }
}
