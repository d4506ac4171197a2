//! The routes of one component, and the path each request takes through them.

use std::rc::Rc;

use http::header::{ALLOW, CONTENT_LENGTH, HeaderMap, HeaderValue, LOCATION};
use http::{Method, StatusCode};

use super::body::{Body, Response};
use super::context::{Cx, Parts};
use super::error::{ApiError, ApiResult};
use super::incoming::{Incoming, Unread};
use super::instance::Instance;
use super::route::Route;
use super::table::{Found, Params, Table};
use super::{cors, request_id, security_headers};
use mission_control_platform::queue::Jobs;
use mission_control_platform::settings::Group;
use mission_control_platform::telemetry;
use mission_control_platform::time::Timestamp;

/// The routes of a component, built once per instance.
#[derive(Debug)]
pub struct Api {
    /// The settings that the component reads.
    groups: &'static [Group],
    table: Table,
    /// What may be left to do after an answer.
    jobs: Option<&'static Jobs>,
}

/// A request on its way in.
pub type Request = http::Request<Incoming>;

impl Api {
    /// No routes yet. The component reads the settings of these groups, is given no others, and has the stores and reaches the
    /// hosts that they name.
    #[must_use]
    pub fn new(groups: &'static [Group]) -> Self {
        Self { groups, table: Table::default(), jobs: None }
    }

    /// The groups of settings that the component reads.
    #[must_use]
    pub fn groups(&self) -> &'static [Group] {
        self.groups
    }

    /// Adds the routes of a resource; `tag` is their tag in the OpenAPI document.
    ///
    /// # Panics
    /// When two routes have one method and one pattern, whatever their parameters are called. Found by the first request
    /// of any test.
    #[must_use]
    #[expect(clippy::panic, reason = "a fault of the route table, not of a request")]
    pub fn group(mut self, tag: &'static str, routes: impl IntoIterator<Item = Route>) -> Self {
        for mut route in routes {
            route.tags.insert(0, tag);
            if let Err(conflict) = self.table.add(route) {
                panic!("{conflict}");
            }
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
        self.table.routes()
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
                let asked = Asked {
                    request_id: &request_id,
                    client_address: &client_address,
                    method: parts.method.clone(),
                    path: path.clone(),
                    query: parts.uri.query().unwrap_or_default().to_owned(),
                    headers: parts.headers.clone(),
                    unread: Unread::new(incoming),
                };
                self.answer(instance, asked).await
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

    async fn answer(&self, instance: &Rc<Instance>, asked: Asked<'_>) -> Response {
        let is_head = asked.method == Method::HEAD;
        let (request_id, log_path) = (asked.request_id, asked.path.clone());
        let (headers, unread) = (asked.headers.clone(), asked.unread.clone());
        let outcome = match self.table.find(&asked.method, &asked.path) {
            Found::Route(route, params) => self.run(instance, route, params, asked).await,
            Found::OtherMethods(routes) => Err(method_not_allowed(&routes)),
            Found::Redirect(path) => Ok(redirect(&path, &asked.query)),
            Found::Nothing => Err(ApiError::not_found()),
        };
        unread.discard_behind_the_answer(&headers);
        let mut response = outcome.unwrap_or_else(|error| refuse(error, request_id, &log_path));
        if is_head {
            *response.body_mut() = Body::empty();
        }
        response
    }

    async fn run(
        &self,
        instance: &Rc<Instance>,
        route: &Route,
        params: Params,
        asked: Asked<'_>,
    ) -> ApiResult<Response> {
        let settings =
            if route.answers_always { instance.settings_or_default() } else { instance.ready(self.groups).await? };
        let cx = Cx::new(Parts {
            request_id: asked.request_id.to_owned(),
            db: instance.database(&settings),
            settings,
            client_address: asked.client_address.to_owned(),
            method: asked.method,
            path: asked.path,
            headers: asked.headers,
            params,
            query: asked.query,
            unread: asked.unread,
        });
        let response = (route.call)(cx.clone(), route.success).await;
        if let Some(jobs) = self.jobs.filter(|_| cx.left_work()) {
            instance.drain_later(&cx, jobs);
        }
        response
    }
}

/// What came in.
struct Asked<'a> {
    request_id: &'a str,
    client_address: &'a str,
    method: Method,
    path: String,
    query: String,
    headers: HeaderMap,
    unread: Unread,
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
