//! The body of an answer on its way to the client.

use super::activity::Activity;
use super::pace::{Pace, TooSlow};
use super::slots::InProgress;
use crate::alarm::Alarm;
use crate::answer::Answer;
use bytes::Bytes;
use http::Version;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use wasmtime_wasi_http::Error;

/// Bodies up to this size go to HTTP/2 whole: they are no burden while they wait for their client.
const SMALL: u64 = 64 << 10;

/// How long what was sent last has to leave before an answer is cut, which throws away what has not.
const LAST_BYTES_TIME: Duration = Duration::from_millis(20);

/// An answer's body; while it exists, its request is in progress.
pub struct Download {
    body: Way,
    /// Why the answer ends early, and when the client is told.
    error: Option<(Error, Instant)>,
    alarm: Alarm,
    version: Version,
    activity: Arc<Activity>,
    _in_progress: InProgress,
}

enum Way {
    /// The transport itself knows a client that takes nothing.
    Direct(Answer),
    /// HTTP/2 has a window of its own for each answer, which a transport does not see.
    Watched { answer: Option<(Answer, Pace)>, frames: Option<mpsc::Receiver<Result<Option<Frame<Bytes>>, Error>>> },
}

impl Download {
    /// Sends `answer` as the version of the request demands, at `pace`.
    pub fn new(answer: Answer, version: Version, pace: Pace, activity: Arc<Activity>, in_progress: InProgress) -> Self {
        let is_small = answer.size_hint().exact().is_some_and(|size| size <= SMALL);
        let body = match version {
            Version::HTTP_2 if !is_small => Way::Watched { answer: Some((answer, pace)), frames: None },
            _ => Way::Direct(answer),
        };
        Self { body, error: None, alarm: Alarm::default(), version, activity, _in_progress: in_progress }
    }
}

impl Body for Download {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        if this.error.is_none() {
            match ready!(this.body.poll_frame(cx)) {
                Some(Err(error)) => this.error = Some((error, Instant::now() + LAST_BYTES_TIME)),
                frame => return Poll::Ready(frame),
            }
        }
        if let Some((_, deadline)) = &this.error {
            ready!(this.alarm.poll_until(*deadline, cx));
        }
        if this.version == Version::HTTP_10 {
            // Its bodies end where the connection is closed.
            this.activity.set_abort();
        }
        Poll::Ready(this.error.take().map(|(error, _)| Err(error)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Way::Direct(answer) => self.error.is_none() && answer.is_end_stream(),
            Way::Watched { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Way::Direct(answer) | Way::Watched { answer: Some((answer, _)), .. } => answer.size_hint(),
            Way::Watched { .. } => SizeHint::default(),
        }
    }
}

impl Way {
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let (answer, frames) = match self {
            Self::Direct(answer) => return Pin::new(answer).poll_frame(cx),
            Self::Watched { answer, frames } => (answer, frames),
        };
        if let Some((answer, pace)) = answer.take() {
            let (sender, receiver) = mpsc::channel(1);
            *frames = Some(receiver);
            tokio::spawn(pump(answer, pace, sender));
        }
        let Some(receiver) = frames else { return Poll::Ready(None) };
        let next = match ready!(receiver.poll_recv(cx)) {
            Some(Ok(Some(frame))) => return Poll::Ready(Some(Ok(frame))),
            Some(Ok(None)) => None,
            Some(Err(error)) => Some(Err(error)),
            // The pump has given the client up.
            None => Some(Err(Error::ConnectionWriteTimeout)),
        };
        *frames = None;
        Poll::Ready(next)
    }
}

/// Takes from the component what the client takes, and lets go of it when the client takes nothing.
async fn pump(mut answer: Answer, mut pace: Pace, frames: mpsc::Sender<Result<Option<Frame<Bytes>>, Error>>) {
    loop {
        let place = match pace.wait(frames.reserve()).await {
            Ok(Ok(place)) => place,
            Ok(Err(_)) | Err(TooSlow) => return,
        };
        let frame = tokio::select! {
            frame = answer.frame() => frame.transpose(),
            () = frames.closed() => return,
        };
        let has_ended = !matches!(frame, Ok(Some(_)));
        if let Ok(Some(frame)) = &frame {
            pace.moved(frame.data_ref().map_or(0, Bytes::len));
        }
        place.send(frame);
        if has_ended {
            return;
        }
    }
}
