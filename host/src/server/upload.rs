//! The body of a request: how long the host waits for it, and how much of it is held.

use super::activity::Activity;
use super::pace::{Pace, TooSlow};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use wasmtime_wasi_http::{Error, WasiBody};

/// So much of every body is held whatever others hold, so that large bodies do not keep small requests out.
const ALWAYS_HELD: usize = 16 << 10;

/// Says with which status to answer a request whose body did not come as it should.
pub type Fault = oneshot::Receiver<StatusCode>;

/// A request's body as its component reads it.
///
/// A task of its own reads from the client, and only while the component wants more: time that the
/// component takes is not the client's.
struct Upload {
    source: Option<Source>,
    frames: Option<mpsc::Receiver<Result<Option<Frame<Bytes>>, Error>>>,
}

struct Source {
    body: Incoming,
    pace: Pace,
    held: Arc<Held>,
    activity: Arc<Activity>,
    fault: oneshot::Sender<StatusCode>,
}

/// Guards `body`; the second value keeps the count of what is held, until it is dropped.
pub fn guard(
    body: Incoming,
    pace: Pace,
    budget: Arc<Semaphore>,
    activity: Arc<Activity>,
) -> (WasiBody, Option<(Fault, Holding)>) {
    if body.is_end_stream() {
        return (body.map_err(Error::from).boxed_unsync(), None);
    }
    activity.set_unread_body(true);
    let (fault, faults) = oneshot::channel();
    let held = Arc::new(Held { budget, state: Mutex::new(Some(Count::default())) });
    let source = Source { body, pace, held: held.clone(), activity, fault };
    let upload = Upload { source: Some(source), frames: None };
    (upload.boxed_unsync(), Some((faults, Holding(held))))
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        // Not before somebody asks: a client may wait for that until it sends (`Expect: 100-continue`).
        if let Some(source) = self.source.take() {
            let (sender, receiver) = mpsc::channel(1);
            self.frames = Some(receiver);
            tokio::spawn(source.pump(sender));
        }
        let Some(frames) = &mut self.frames else { return Poll::Ready(None) };
        let next = match ready!(frames.poll_recv(cx)) {
            Some(Ok(Some(frame))) => return Poll::Ready(Some(Ok(frame))),
            Some(Ok(None)) => None,
            Some(Err(error)) => Some(Err(error)),
            None => Some(Err(Error::ConnectionTerminated)),
        };
        self.frames = None;
        Poll::Ready(next)
    }
}

impl Source {
    async fn pump(mut self, frames: mpsc::Sender<Result<Option<Frame<Bytes>>, Error>>) {
        while let Ok(place) = frames.reserve().await {
            let next = tokio::select! {
                next = self.next() => next,
                () = frames.closed() => return,
            };
            match next {
                Ok(Some(frame)) => place.send(Ok(Some(frame))),
                Ok(None) => {
                    self.activity.set_unread_body(false);
                    return place.send(Ok(None));
                }
                Err((status, error)) => {
                    // Before the component learns of it, whose own answer would be the slower one.
                    let _ = self.fault.send(status);
                    return place.send(Err(error));
                }
            }
        }
    }

    async fn next(&mut self) -> Result<Option<Frame<Bytes>>, (StatusCode, Error)> {
        let frame = match self.pace.wait(self.body.frame()).await {
            Ok(None) => return Ok(None),
            Ok(Some(Ok(frame))) => frame,
            Ok(Some(Err(error))) => return Err((StatusCode::BAD_REQUEST, error.into())),
            Err(TooSlow) => return Err((StatusCode::REQUEST_TIMEOUT, Error::ConnectionReadTimeout)),
        };
        let bytes = frame.data_ref().map_or(0, Bytes::len);
        self.pace.moved(bytes);
        if !self.held.grow(bytes) {
            return Err((StatusCode::SERVICE_UNAVAILABLE, Error::ConnectionLimitReached));
        }
        Ok(Some(frame))
    }
}

/// How much of one body is held.
struct Held {
    budget: Arc<Semaphore>,
    /// `None` once the request has its answer.
    state: Mutex<Option<Count>>,
}

#[derive(Default)]
struct Count {
    free: usize,
    permit: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Whether so many bytes more may be held.
    fn grow(&self, bytes: usize) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = state.as_mut() else { return true };
        let free = bytes.min(ALWAYS_HELD - count.free);
        count.free += free;
        let Ok(counted) = u32::try_from(bytes - free) else { return false };
        let Ok(more) = self.budget.clone().try_acquire_many_owned(counted) else { return false };
        match &mut count.permit {
            Some(permit) => permit.merge(more),
            none => *none = Some(more),
        }
        true
    }
}

/// Counts what is held of a body, until it is dropped.
pub struct Holding(Arc<Held>);

impl Drop for Holding {
    fn drop(&mut self) {
        *self.0.state.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(budget: &Arc<Semaphore>) -> Arc<Held> {
        Arc::new(Held { budget: budget.clone(), state: Mutex::new(Some(Count::default())) })
    }

    #[test]
    fn large_bodies_share_a_budget_and_small_ones_always_fit() {
        let budget = Arc::new(Semaphore::new(100));
        let (large, other) = (held(&budget), held(&budget));
        assert!(large.grow(ALWAYS_HELD));
        assert!(large.grow(60) && large.grow(40));
        assert!(!large.grow(1), "the budget is used up");
        assert!(other.grow(ALWAYS_HELD), "a small body needs none of it");
        assert!(!other.grow(1));
        drop(Holding(large.clone()));
        assert_eq!(budget.available_permits(), 100);
        assert!(large.grow(1000), "what comes behind the answer is not held");
    }
}
