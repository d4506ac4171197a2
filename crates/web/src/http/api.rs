//! The routes of one component, and the path each request takes through them.

use std::rc::Rc;

use futures::FutureExt;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, TRANSFER_ENCODING};
use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::body::{Body, Response};
use super::context::{Cx, Incoming, Parts, Payload, discard, read_limited};
use super::error::{ApiError, ApiResult};
use super::instance::Instance;
use super::route::Route;
use super::{cors, request_id, security_headers};
use crate::schema::json::BodyError;
use crate::schema::{Fault, Faults, json};
use mission_control_platform::queue::Jobs;
use mission_control_platform::settings::Group;
use mission_control_platform::telemetry;
use mission_control_platform::time::Timestamp;

/// The routes of a component, built once per instance.
#[derive(Debug)]
pub struct Api {
    /// The settings that the component reads.
    groups: &'static [Group],
    routes: Vec<Route>,
    /// Path to the positions in `routes` that share it.
    paths: matchit::Router<Vec<usize>>,
    /// What may be left to do after an answer.
    jobs: Option<&'static Jobs>,
}

/// A request on its way in.
pub type Request = http::Request<Incoming>;

enum Found<'a> {
    Route(&'a Route, Vec<(String, String)>),
    OtherMethods(Vec<&'a Route>),
    Redirect(String),
    Nothing,
}

impl Api {
    /// No routes yet. The component reads the settings of these groups, is given no others, and has the stores and reaches the
    /// hosts that they name.
    #[must_use]
    pub fn new(groups: &'static [Group]) -> Self {
        Self { groups, routes: Vec::new(), paths: matchit::Router::new(), jobs: None }
    }

    /// The groups of settings that the component reads.
    #[must_use]
    pub fn groups(&self) -> &'static [Group] {
        self.groups
    }

    /// Adds the routes of a resource; `tag` is their tag in the OpenAPI document.
    ///
    /// # Panics
    /// When two paths differ only in the name of a parameter. Found by the first request of any test.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a fault of the route table, not of a request")]
    pub fn group(mut self, tag: &'static str, routes: impl IntoIterator<Item = Route>) -> Self {
        for mut route in routes {
            route.tags.insert(0, tag);
            let position = self.routes.len();
            match self.paths.at_mut(route.path) {
                Ok(found)
                    if self
                        .routes
                        .get(*found.value.first().unwrap_or(&0))
                        .is_some_and(|other| other.path == route.path) =>
                {
                    found.value.push(position);
                }
                _ => self.paths.insert(route.path, vec![position]).expect("paths do not conflict"),
            }
            self.routes.push(route);
        }
        self
    }

    /// Drains the queue of these jobs after answers that left some.
    #[must_use]
    pub fn drains(mut self, jobs: &'static Jobs) -> Self {
        self.jobs = Some(jobs);
        self
    }

    /// Every route, in order.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.routes
    }

    fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Ok(decoded) = percent_decode_str(path).decode_utf8() else { return Found::Nothing };
        if let Ok(found) = self.paths.at(&decoded) {
            let routes: Vec<&Route> = found.value.iter().filter_map(|position| self.routes.get(*position)).collect();
            return match routes.iter().find(|route| route.answers(method)) {
                Some(route) => {
                    let params = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                    Found::Route(route, params)
                }
                None => Found::OtherMethods(routes),
            };
        }
        // A path that would match with or without its trailing slash. `//x` never redirects: it would leave the site.
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        let known = !other.is_empty()
            && !other.starts_with("//")
            && percent_decode_str(&other).decode_utf8().is_ok_and(|other| self.paths.at(&other).is_ok());
        if known { Found::Redirect(other) } else { Found::Nothing }
    }

    /// Answers one request: never fails, whatever comes.
    pub async fn serve(&self, instance: &Rc<Instance>, request: Request) -> Response {
        let started = Timestamp::now();
        let request_id = request_id::from_headers(request.headers());
        let (parts, incoming) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let client_address = instance.client_address(&parts.headers);
        let mut response = match instance.preflight(&parts.method, &parts.headers) {
            Some(preflight) => preflight,
            None => {
                let query = parts.uri.query().unwrap_or_default().to_owned();
                let head =
                    Head { method: parts.method.clone(), path: path.clone(), query, headers: parts.headers.clone() };
                self.answer(instance, &request_id, &client_address, head, incoming).await
            }
        };
        instance.decorate(&parts.headers, &request_id, &mut response);
        let access = telemetry::Access {
            request_id: &request_id,
            method: parts.method.as_str(),
            path: &path,
            client_ip: &client_address,
        };
        telemetry::access_complete(&access, response.status().as_u16(), Timestamp::now().since(started));
        response
    }

    async fn answer(
        &self,
        instance: &Rc<Instance>,
        request_id: &str,
        client_address: &str,
        head: Head,
        incoming: Incoming,
    ) -> Response {
        let is_head = head.method == Method::HEAD;
        let log_path = head.path.clone();
        let outcome = match self.find(&head.method, &head.path) {
            Found::Route(route, params) => {
                self.run(instance, request_id, client_address, route, params, head, incoming).await
            }
            elsewhere => {
                if has_body(&head.headers) {
                    discard(incoming).boxed_local().await;
                }
                match elsewhere {
                    Found::OtherMethods(routes) => Err(method_not_allowed(&routes)),
                    Found::Redirect(path) => Ok(redirect(&path, &head.query)),
                    Found::Nothing | Found::Route(..) => Err(ApiError::not_found()),
                }
            }
        };
        let mut response = outcome.unwrap_or_else(|error| refuse(error, request_id, &log_path));
        if is_head {
            *response.body_mut() = Body::empty();
        }
        response
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one request, joined here into its context")]
    async fn run(
        &self,
        instance: &Rc<Instance>,
        request_id: &str,
        client_address: &str,
        route: &Route,
        params: Vec<(String, String)>,
        head: Head,
        incoming: Incoming,
    ) -> ApiResult<Response> {
        let settings =
            if route.answers_always { instance.settings_or_default() } else { instance.ready(self.groups)? };
        let (payload, incoming) = if route.reads_body {
            (read_payload(&head.headers, incoming, settings.max_body_bytes).await?, None)
        } else {
            (Payload::Missing, Some(incoming))
        };
        let cx = Cx::new(Parts {
            request_id: request_id.to_owned(),
            db: instance.database(&settings),
            settings,
            client_address: client_address.to_owned(),
            method: head.method,
            path: head.path,
            headers: head.headers,
            params,
            query: head.query,
            payload,
            incoming,
        });
        let response = (route.call)(cx.clone(), route.success).await;
        let unread = cx.incoming.borrow_mut().take();
        if let Some(unread) = unread.filter(|_| has_body(&cx.headers)) {
            discard(unread).boxed_local().await;
        }
        if let Some(jobs) = self.jobs.filter(|_| cx.left_work()) {
            instance.drain_later(&cx, jobs);
        }
        response
    }
}

struct Head {
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
}

impl Route {
    fn answers(&self, method: &Method) -> bool {
        self.method == *method || (self.accepts_head && *method == Method::HEAD)
    }
}

/// Whether the request announces a body.
fn has_body(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0") || headers.contains_key(TRANSFER_ENCODING)
}

/// Reads and parses a declared body (platform specification §11.4).
async fn read_payload(headers: &HeaderMap, incoming: Incoming, limit: usize) -> ApiResult<Payload> {
    let bytes = read_limited(headers, incoming, limit).boxed_local().await?;
    if bytes.is_empty() {
        return Ok(Payload::Missing);
    }
    if !is_json(headers) {
        return Ok(Payload::Text(String::from_utf8_lossy(&bytes).into_owned()));
    }
    match json::parse(&bytes) {
        Ok(Value::Null) => Ok(Payload::Missing),
        Ok(value) => Ok(Payload::Json(value)),
        Err(BodyError::Unreadable) => Err(ApiError::unreadable_body()),
        Err(BodyError::Invalid { offset, message }) => {
            let mut faults = Faults::default();
            faults.add_at(vec!["body".into(), offset.into()], Fault::json_invalid(message), Value::Object(Map::new()));
            Err(ApiError::invalid(faults))
        }
    }
}

/// No content type, `application/json` or `application/*+json`, whatever the parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else { return true };
    let essence =
        String::from_utf8_lossy(value.as_bytes()).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.is_empty()
        || essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn method_not_allowed(routes: &[&Route]) -> ApiError {
    let mut methods: Vec<&str> = routes.iter().map(|route| route.method.as_str()).collect();
    if routes.iter().any(|route| route.accepts_head) {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    let error = ApiError::status(StatusCode::METHOD_NOT_ALLOWED);
    match HeaderValue::from_str(&methods.join(", ")) {
        Ok(value) => error.with_header(ALLOW, value),
        Err(_) => error,
    }
}

/// Relative, so that a forged `Host` leads nowhere.
fn redirect(path: &str, query: &str) -> Response {
    let location = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut response = http::Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(value) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

fn refuse(mut error: ApiError, request_id: &str, path: &str) -> Response {
    if let Some(cause) = error.cause() {
        telemetry::failure(request_id, path, cause);
    }
    let mut response = super::respond::with_type(error.status_code(), "application/json", error.body(request_id));
    error.add_headers(response.headers_mut());
    response
}

impl Instance {
    fn preflight(&self, method: &Method, headers: &HeaderMap) -> Option<Response> {
        let settings = self.settings_or_default();
        cors::preflight(&settings.cors_origins, method, headers).map(|preflight| preflight.map(Body::from))
    }

    fn decorate(&self, request: &HeaderMap, request_id: &str, response: &mut Response) {
        let settings = self.settings_or_default();
        let length = response.body().known_length();
        let headers = response.headers_mut();
        if let (Some(length), false) = (length, headers.contains_key(CONTENT_LENGTH)) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        request_id::apply(request_id, headers);
        cors::decorate(&settings.cors_origins, request, headers);
        security_headers::apply(&settings, headers);
    }
}
