//! An application that is ready to answer requests.

use crate::groups::Groups;
use crate::instance::{TooManyInstances, one_line};
use crate::report::report;
use crate::request;
use crate::router::Router;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty, Full};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use wasmtime_wasi_http::WasiBody;
use wasmtime_wasi_http::handler::{ExpirationError, InstantiationError, TrapOrPanicError};

const RESERVED: &str = "/.well-known/spin/";

/// The routes and the components behind them.
pub struct Application {
    /// Finds a path's component.
    pub router: Router,
    /// The components, in the order that the router's indexes count.
    pub components: Vec<Groups>,
    /// What `/.well-known/spin/info` answers.
    pub info: String,
    /// How long a request may take.
    pub request_timeout: Option<Duration>,
}

impl Application {
    /// Answers a request; whatever goes wrong is an answer too.
    pub async fn respond(&self, request: Request<WasiBody>, client: SocketAddr) -> Response<WasiBody> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        if let Some(name) = path.strip_prefix(RESERVED) {
            return self.reserved(name);
        }
        let Some(matched) = self.router.find(&path) else {
            return empty(StatusCode::NOT_FOUND);
        };
        let Some(component) = self.components.get(matched.route.component) else {
            return empty(StatusCode::NOT_FOUND);
        };
        if let Err(status) = request::prepare(&mut parts, &matched, client) {
            return empty(status);
        }
        let start = Instant::now();
        match component.handle((), Request::from_parts(parts, body)).await {
            Ok(response) => response,
            Err(error) => empty(self.failure(component, &error, start.elapsed())),
        }
    }

    fn reserved(&self, name: &str) -> Response<WasiBody> {
        match name {
            "health" => text("text/plain", "OK"),
            "info" => text("application/json", &self.info),
            _ => empty(StatusCode::NOT_FOUND),
        }
    }

    /// The status for a request that its component did not answer.
    fn failure(&self, component: &Groups, error: &wasmtime::Error, elapsed: Duration) -> StatusCode {
        // An instance that is stopped from outside cannot say that time was the reason.
        let expired = self.request_timeout.is_some_and(|timeout| elapsed >= timeout);
        if expired || error.is::<ExpirationError>() {
            return StatusCode::GATEWAY_TIMEOUT;
        }
        let id = &component.factory().component.id;
        match error.downcast_ref::<InstantiationError<()>>() {
            Some(failed) if failed.error.is::<TooManyInstances>() => StatusCode::SERVICE_UNAVAILABLE,
            Some(failed) => {
                report(format_args!("component {id}: no instance: {}", one_line(&failed.error)));
                StatusCode::INTERNAL_SERVER_ERROR
            }
            // The instance that trapped has told why.
            None if error.is::<TrapOrPanicError>() => StatusCode::INTERNAL_SERVER_ERROR,
            None => {
                report(format_args!("component {id}: a request failed: {}", one_line(error)));
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let body = Empty::new().map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn text(kind: &'static str, text: &str) -> Response<WasiBody> {
    let body = Full::from(text.to_owned()).map_err(|never| match never {});
    let mut response = Response::new(body.boxed_unsync());
    let kind = http::HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
