//! An application that is ready to answer requests.

use crate::answer::{Answer, HealthSlot};
use crate::groups::Groups;
use crate::instance::{TooManyInstances, one_line};
use crate::report::report;
use crate::request;
use crate::router::Router;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{Empty, Full};
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
    pub async fn respond(&self, request: Request<WasiBody>, client: SocketAddr) -> Response<Answer> {
        let (mut parts, body) = request.into_parts();
        let target = match request::target(&parts) {
            Ok(target) => target,
            Err(status) => return empty(status),
        };
        let path = target.path();
        if let Some(name) = path.strip_prefix(RESERVED) {
            return self.reserved(name);
        }
        let Some(matched) = self.router.find(path) else {
            return empty(StatusCode::NOT_FOUND);
        };
        let Some(component) = self.components.get(matched.route.component) else {
            return empty(StatusCode::NOT_FOUND);
        };
        if let Err(status) = request::prepare(&mut parts, &target, &matched, client) {
            return empty(status);
        }
        parts.uri = target;
        let (start, instance) = (Instant::now(), HealthSlot::default());
        match component.handle(instance.clone(), Request::from_parts(parts, body)).await {
            Ok(response) => response.map(|body| Answer::new(body, instance)),
            Err(error) => empty(self.failure(component, &error, start.elapsed())),
        }
    }

    fn reserved(&self, name: &str) -> Response<Answer> {
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
        match error.downcast_ref::<InstantiationError<HealthSlot>>() {
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

/// An answer of the host's own without a body.
pub fn empty(status: StatusCode) -> Response<Answer> {
    let mut response = Response::new(Answer::own(Empty::new()));
    *response.status_mut() = status;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn text(kind: &'static str, text: &str) -> Response<Answer> {
    let mut response = Response::new(Answer::own(Full::from(text.to_owned())));
    let kind = HeaderValue::from_static(kind);
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
