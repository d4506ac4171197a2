//! What a connection is doing, as its transport and its requests tell it.

use crate::limits::Limits;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What one connection's parts know of each other.
pub struct Activity {
    state: Mutex<State>,
    evicted: Notify,
    unread_body: AtomicBool,
    abort: AtomicBool,
}

struct State {
    /// How many requests are being answered.
    requests: usize,
    /// When the last of them ended, or the connection was opened.
    idle_since: Instant,
    /// When the next request's head began to come.
    head_since: Option<Instant>,
    /// Whether frames come that belong to no request, as in HTTP/2.
    multiplexed: bool,
}

/// Why a connection should end.
#[derive(Debug, PartialEq, Eq)]
pub enum End {
    /// It has had no request for long, or its place is needed.
    Idle,
    /// A request's head does not come to its end.
    SlowHead,
}

impl Activity {
    /// The activity of a connection that was just opened.
    pub fn new() -> Self {
        let state = State { requests: 0, idle_since: Instant::now(), head_since: None, multiplexed: false };
        Self {
            state: Mutex::new(state),
            evicted: Notify::new(),
            unread_body: AtomicBool::new(false),
            abort: AtomicBool::new(false),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes came.
    pub fn received(&self, bytes: &[u8]) {
        // The line breaks that some clients send behind a body begin no request.
        if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            return;
        }
        let mut state = self.state();
        if bytes.starts_with(b"PRI ") {
            state.multiplexed = true;
        }
        if state.requests == 0 && !state.multiplexed && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
    }

    /// A request's head has come.
    pub fn begin_request(&self) {
        let mut state = self.state();
        state.requests += 1;
        state.head_since = None;
        self.unread_body.store(false, Relaxed);
    }

    /// A request has its answer, or will have none.
    pub fn end_request(&self) {
        let mut state = self.state();
        state.requests = state.requests.saturating_sub(1);
        state.idle_since = Instant::now();
    }

    /// Since when no request is being answered.
    pub fn idle_since(&self) -> Option<Instant> {
        let state = self.state();
        (state.requests == 0).then_some(state.idle_since)
    }

    /// Whether a request's body has not come to its end.
    pub fn set_unread_body(&self, unread: bool) {
        self.unread_body.store(unread, Relaxed);
    }

    /// Whether the client may be sending what nobody will read.
    pub fn has_unread_bytes(&self) -> bool {
        let state = self.state();
        self.unread_body.load(Relaxed) || (state.requests == 0 && state.head_since.is_some())
    }

    /// Has the connection reset, not closed: what was sent is not whole, and only that tells.
    pub fn set_abort(&self) {
        self.abort.store(true, Relaxed);
    }

    /// Whether the connection is to be reset.
    pub fn is_aborted(&self) -> bool {
        self.abort.load(Relaxed)
    }

    /// Has the connection end as soon as it is idle: its place is needed.
    pub fn evict(&self) {
        self.evicted.notify_one();
    }

    /// Waits until the connection should end.
    pub async fn end(&self, limits: &Limits) -> End {
        // No deadline that comes up while this sleeps can be nearer.
        let pause = limits.keep_alive_timeout.min(limits.header_read_timeout).max(Duration::from_millis(1));
        loop {
            let now = Instant::now();
            let wake = match self.deadline(limits) {
                Some((deadline, end)) if deadline <= now => return end,
                Some((deadline, _)) => deadline.min(now + pause),
                None => now + pause,
            };
            tokio::select! {
                () = self.evicted.notified() => return self.end_of_evicted(),
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        }
    }

    fn end_of_evicted(&self) -> End {
        let state = self.state();
        if state.requests == 0 && state.head_since.is_some() { End::SlowHead } else { End::Idle }
    }

    fn deadline(&self, limits: &Limits) -> Option<(Instant, End)> {
        let state = self.state();
        match (state.requests, state.head_since) {
            (0, Some(since)) => Some((since + limits.header_read_timeout, End::SlowHead)),
            (0, None) => Some((state.idle_since + limits.keep_alive_timeout, End::Idle)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            keep_alive_timeout: Duration::from_millis(80),
            header_read_timeout: Duration::from_millis(40),
            ..Limits::default()
        }
    }

    async fn end_of(activity: &Activity) -> (End, Duration) {
        let start = Instant::now();
        let end = activity.end(&limits()).await;
        (end, start.elapsed())
    }

    #[tokio::test]
    async fn an_idle_connection_ends_in_time() {
        let (end, time) = end_of(&Activity::new()).await;
        assert_eq!(end, End::Idle);
        assert!(time >= Duration::from_millis(75), "{time:?}");
    }

    #[tokio::test]
    async fn a_head_has_less_time_and_line_breaks_are_none() {
        let activity = Activity::new();
        activity.received(b"\r\n");
        assert!(!activity.has_unread_bytes());
        activity.received(b"GET");
        assert!(activity.has_unread_bytes());
        let (end, time) = end_of(&activity).await;
        assert_eq!(end, End::SlowHead);
        assert!(time < Duration::from_millis(75), "{time:?}");
    }

    #[tokio::test]
    async fn a_request_has_no_deadline_and_its_end_begins_a_new_one() {
        let activity = Activity::new();
        activity.received(b"GET");
        activity.begin_request();
        assert_eq!(activity.idle_since(), None);
        let waited = tokio::time::timeout(Duration::from_millis(200), activity.end(&limits())).await;
        assert!(waited.is_err());
        activity.end_request();
        assert_eq!(end_of(&activity).await.0, End::Idle);
    }

    #[tokio::test]
    async fn frames_between_requests_of_http2_begin_no_head() {
        let activity = Activity::new();
        activity.received(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        activity.received(&[0; 9]);
        assert_eq!(end_of(&activity).await.0, End::Idle);
    }

    #[tokio::test]
    async fn an_evicted_connection_ends_at_once() {
        let activity = Activity::new();
        activity.evict();
        let (end, time) = end_of(&activity).await;
        assert_eq!(end, End::Idle);
        assert!(time < Duration::from_millis(40));
        activity.received(b"GET");
        activity.evict();
        assert_eq!(end_of(&activity).await.0, End::SlowHead);
    }
}
