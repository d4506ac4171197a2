//! The body of a component's answer.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use wasmtime_wasi_http::{Error, WasiBody};

/// Whether an instance has failed; shared with the answers that it gives.
#[derive(Clone, Debug, Default)]
pub struct Health(Arc<AtomicBool>);

impl Health {
    /// The instance has failed; to be said before its streams end.
    pub fn set_failed(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn has_failed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Where the instance that takes a request leaves its health.
pub type HealthSlot = Arc<OnceLock<Health>>;

/// A body that fails when its instance does.
///
/// To the streams of an instance, its end is an end like any other; who reads an answer has to be
/// told the difference.
pub struct Answer {
    body: WasiBody,
    instance: HealthSlot,
}

impl Answer {
    /// An answer of the instance that took the request with this slot.
    pub fn new(body: WasiBody, instance: HealthSlot) -> Self {
        Self { body, instance }
    }

    /// An answer of the host itself.
    pub fn own<B>(body: B) -> Self
    where
        B: Body<Data = Bytes, Error = std::convert::Infallible> + Send + 'static,
    {
        Self::new(body.map_err(|never| match never {}).boxed_unsync(), HealthSlot::default())
    }
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        Poll::Ready(match frame {
            None if self.instance.get().is_some_and(Health::has_failed) => Some(Err(Error::HttpResponseIncomplete)),
            frame => frame,
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
