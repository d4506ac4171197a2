//! When an instance has lived long enough.

use crate::alarm::Alarm;
use crate::limits::Limits;
use crate::phase::{self, NextPhase, Phase};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use wasmtime_wasi_http::handler::{WorkerExpiration, WorkerStatus};

/// Ends an instance that is idle or busy for too long, or when the host stops.
pub struct Expiration {
    idle_timeout: Duration,
    request_timeout: Option<Duration>,
    phase: Phase,
    next_phase: NextPhase,
    alarm: Alarm,
}

impl Expiration {
    /// The expiration of a new instance.
    pub fn new(limits: &Limits, phases: watch::Receiver<Phase>) -> Self {
        Self {
            idle_timeout: limits.idle_instance_timeout,
            request_timeout: limits.request_timeout,
            phase: Phase::Running,
            next_phase: phase::after(Phase::Running, phases),
            alarm: Alarm::default(),
        }
    }

    fn follow_phase(&mut self, cx: &mut Context<'_>) {
        while self.phase < Phase::Cut
            && let Poll::Ready((phases, phase)) = self.next_phase.as_mut().poll(cx)
        {
            self.phase = phase;
            self.next_phase = phase::after(phase, phases);
        }
    }
}

impl WorkerExpiration for Expiration {
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>, status: WorkerStatus, start: Instant) -> Poll<()> {
        let this = self.get_mut();
        this.follow_phase(cx);
        let idle = status == WorkerStatus::Idle;
        if this.phase == Phase::Cut || (this.phase == Phase::Draining && idle) {
            return Poll::Ready(());
        }
        let timeout = if idle { Some(this.idle_timeout) } else { this.request_timeout };
        match timeout {
            Some(timeout) => this.alarm.poll_until(start + timeout, cx),
            None => Poll::Pending,
        }
    }
}
