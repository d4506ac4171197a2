//! How far the host's end has come.

use std::pin::Pin;
use tokio::sync::watch;

/// The host's phases, in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Requests are accepted.
    #[default]
    Running,
    /// What has begun may end.
    Draining,
    /// Everything stops now.
    Cut,
}

/// A future that gives the next phase, and the receiver back.
pub type NextPhase = Pin<Box<dyn Future<Output = (watch::Receiver<Phase>, Phase)> + Send + Sync>>;

/// Waits for a phase later than `current`.
///
/// A host that was dropped without a word has been cut.
pub fn after(current: Phase, mut phases: watch::Receiver<Phase>) -> NextPhase {
    Box::pin(async move {
        let next = loop {
            let phase = *phases.borrow_and_update();
            if phase > current {
                break phase;
            }
            if phases.changed().await.is_err() {
                break Phase::Cut;
            }
        };
        (phases, next)
    })
}
