//! Waiting inside a synchronous host call, without keeping the runtime's other tasks from this thread where the runtime
//! allows it.

use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// Sleeps.
pub fn pause(duration: Duration) {
    let sleep = || std::thread::sleep(duration);
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(sleep),
        _ => sleep(),
    }
}
