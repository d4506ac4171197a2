//! Accepts connections and speaks HTTP/1.1 on them.

use crate::application::Application;
use crate::limits::Limits;
use crate::phase::{self, Phase};
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use wasmtime_wasi_http::Error;

/// How long to wait when no connection can be accepted, for instance for want of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the phase is [`Phase::Draining`] and all connections have ended, or it is
/// [`Phase::Cut`].
pub async fn serve(
    listener: TcpListener,
    application: Arc<Application>,
    limits: Arc<Limits>,
    phases: watch::Receiver<Phase>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.header_read_timeout).pipeline_flush(true);
    let mut connections = JoinSet::new();
    let mut draining = phase::after(Phase::Running, phases.clone());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, client)) => {
                    let (http, application) = (http.clone(), application.clone());
                    connections.spawn(connection(http, stream, client, application, phases.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            _ = &mut draining => break,
        }
    }
    drop(listener);
    let mut cut = phase::after(Phase::Draining, phases);
    loop {
        tokio::select! {
            ended = connections.join_next() => if ended.is_none() { return },
            _ = &mut cut => return connections.shutdown().await,
        }
    }
}

async fn connection(
    http: http1::Builder,
    stream: TcpStream,
    client: SocketAddr,
    application: Arc<Application>,
    phases: watch::Receiver<Phase>,
) {
    // Without this, an answer's body would wait some 40 ms for the client to confirm its head.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: Request<Incoming>| {
        let application = application.clone();
        async move {
            let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
            Ok::<_, Infallible>(application.respond(request, client).await)
        }
    });
    let mut serving = pin!(http.serve_connection(TokioIo::new(stream), service));
    let mut draining = phase::after(Phase::Running, phases);
    // How a connection ends is the client's affair: an error here needs no report.
    tokio::select! {
        _ = &mut serving => {}
        _ = &mut draining => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}
