//! One connection, from its first byte to its last.

use super::activity::{Activity, End};
use super::download::Download;
use super::pace::Pace;
use super::slots::{Slot, TooMany};
use super::transport::Transport;
use super::upload;
use crate::answer::Answer;
use crate::application::{Application, empty};
use crate::limits::Limits;
use crate::phase::{self, Phase};
use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};

/// How long a connection may take to end once it has nothing to do.
const CLOSING_TIME: Duration = Duration::from_secs(5);

/// How much of a request's head, and of an answer, is held for each connection.
///
/// Hyper tells a target that is too long (414) only where the head is held that far.
const MAX_BUFFER: usize = 128 << 10;

/// How much a client may send over HTTP/2 before it is read: on one stream, and on all.
const STREAM_WINDOW: u32 = 64 << 10;
const CONNECTION_WINDOW: u32 = 128 << 10;

/// How many requests a client may have at once on one connection of HTTP/2.
const MAX_STREAMS: u32 = 100;

/// What all connections share.
pub struct Shared {
    /// Answers the requests.
    pub application: Arc<Application>,
    /// What clients may use.
    pub limits: Arc<Limits>,
    /// One permit for each byte of a body that may be held.
    pub body_budget: Arc<Semaphore>,
    /// Tells when to stop.
    pub phases: watch::Receiver<Phase>,
    http: auto::Builder<TokioExecutor>,
}

impl Shared {
    /// Answers with `application`.
    pub fn new(application: Arc<Application>, limits: Arc<Limits>, phases: watch::Receiver<Phase>) -> Self {
        let mut http = auto::Builder::new(TokioExecutor::new());
        // The time of heads is kept by the activity, which knows a head from an idle connection.
        http.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(MAX_BUFFER);
        http.http2()
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(MAX_STREAMS);
        let body_budget = limits.max_buffered_body_bytes.min(Semaphore::MAX_PERMITS);
        Self { application, limits, body_budget: Arc::new(Semaphore::new(body_budget)), phases, http }
    }

    fn pace(&self, total: Duration) -> Pace {
        Pace::new(self.limits.stall_timeout, self.limits.min_transfer_rate, total)
    }

    /// Serves a connection until it ends.
    ///
    /// How it ends is the client's affair: an error needs no report.
    pub async fn serve(self: Arc<Self>, stream: TcpStream, client: SocketAddr, slot: Slot) {
        // Without this, an answer's body would wait some 40 ms for the client to confirm its head.
        let _ = stream.set_nodelay(true);
        let transport = Transport::new(stream, slot.activity.clone(), self.pace(Duration::MAX));
        let slot = Arc::new(slot);
        let service = service_fn(|request| {
            let (shared, slot) = (self.clone(), slot.clone());
            async move { Ok::<_, Infallible>(shared.answer(request, client, &slot).await) }
        });
        let mut serving = pin!(self.http.serve_connection(TokioIo::new(transport), service));
        tokio::select! {
            _ = &mut serving => {}
            _ = phase::after(Phase::Running, self.phases.clone()) => {
                serving.as_mut().graceful_shutdown();
                let _ = serving.await;
            }
            end = slot.activity.end(&self.limits) => if end == End::Idle {
                serving.as_mut().graceful_shutdown();
                close(serving, &slot.activity).await;
            },
        }
    }

    async fn answer(&self, request: Request<Incoming>, client: SocketAddr, slot: &Slot) -> Response<Download> {
        let (in_progress, outcome) = slot.begin_request();
        let activity = slot.activity.clone();
        let version = request.version();
        let answer = match outcome {
            Ok(()) => self.respond(request, client, &activity).await,
            Err(TooMany) => refusal(StatusCode::SERVICE_UNAVAILABLE, version),
        };
        answer.map(|body| Download::new(body, version, self.pace(Duration::MAX), activity, in_progress))
    }

    async fn respond(
        &self,
        request: Request<Incoming>,
        client: SocketAddr,
        activity: &Arc<Activity>,
    ) -> Response<Answer> {
        let version = request.version();
        let (parts, body) = request.into_parts();
        let pace = self.pace(self.limits.body_timeout);
        let (body, guard) = upload::guard(body, pace, self.body_budget.clone(), activity.clone());
        let answer = self.application.respond(Request::from_parts(parts, body), client);
        let Some((fault, _holding)) = guard else { return answer.await };
        tokio::select! {
            biased;
            Ok(status) = fault => refusal(status, version),
            answer = answer => answer,
        }
    }
}

/// An answer that the host gives itself, for reasons of its own.
fn refusal(status: StatusCode, version: Version) -> Response<Answer> {
    let mut answer = empty(status);
    if version != Version::HTTP_2 {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// Waits for the end of a connection that was told to end, as long as it has requests, and a little longer.
async fn close(mut serving: impl Future + Unpin, activity: &Activity) {
    while tokio::time::timeout(CLOSING_TIME, &mut serving).await.is_err() && activity.idle_since().is_none() {}
}
