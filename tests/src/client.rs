//! A blocking HTTP client that follows no redirects and takes every status as an answer.

use std::borrow::Borrow;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Request};
use serde_json::Value;
use ureq::Agent;

use crate::answer::Answer;
use crate::events::Events;
use crate::transcript::{Transcript, head};

/// Longer than anything that a test waits for.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Sends requests to one server with the same headers; clones share their connections.
#[derive(Clone)]
pub struct Client {
    http: Agent,
    url: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    transcript: Transcript,
}

impl Client {
    /// A client without credentials; `url` has no trailing slash. What it is answered is noted in the transcript.
    pub fn new(url: &str, transcript: Transcript) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(TIMEOUT))
            .proxy(None)
            .build();
        Self { http: config.into(), url: url.to_owned(), headers: Vec::new(), transcript }
    }

    /// The same client with a header in every request, in place of one with that name.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header name");
        let mut client = self.clone();
        client.headers.retain(|(other, _)| *other != name);
        client.headers.push((name, value.parse().expect("a header value")));
        client
    }

    /// The same client with an `Authorization: Bearer` header.
    #[must_use]
    pub fn with_bearer(&self, token: &str) -> Self {
        self.with_header("authorization", &format!("Bearer {token}"))
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.raw("GET", path, &[], b"")
    }

    /// POST with a JSON body.
    #[track_caller]
    pub fn post(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.json("POST", path, body)
    }

    /// PATCH with a JSON body.
    #[track_caller]
    pub fn patch(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.json("PATCH", path, body)
    }

    /// PUT with a JSON body.
    #[track_caller]
    pub fn put(&self, path: &str, body: impl Borrow<Value>) -> Answer {
        self.json("PUT", path, body)
    }

    /// DELETE.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.raw("DELETE", path, &[], b"")
    }

    /// Any method with a JSON body.
    #[track_caller]
    pub fn json(&self, method: &str, path: &str, body: impl Borrow<Value>) -> Answer {
        let body = body.borrow().to_string();
        self.raw(method, path, &[("content-type", "application/json")], body.as_bytes())
    }

    /// Any method, headers and body; little more is added than the client's own headers. GET, HEAD, OPTIONS and
    /// DELETE must have no body.
    #[track_caller]
    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let response = self.send(method, path, headers, body);
        self.read(format!("{method} {path}"), response)
    }

    /// Opens an event stream; fails unless it is one.
    #[track_caller]
    pub fn events(&self, path: &str) -> Events {
        let refused = |answer: Box<Answer>| panic!("{} opened no event stream: {}", answer.request, answer.text);
        self.try_events(path).unwrap_or_else(refused)
    }

    /// Opens an event stream, or gives the answer that is none.
    #[track_caller]
    pub fn try_events(&self, path: &str) -> Result<Events, Box<Answer>> {
        let response = self.send("GET", path, &[("accept", "text/event-stream")], b"");
        let kind = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if response.status() == 200 && kind.starts_with("text/event-stream") {
            Ok(Events::new(path, response, self.transcript.clone()))
        } else {
            Err(Box::new(self.read(format!("GET {path}"), response)))
        }
    }

    #[track_caller]
    fn read(&self, request: String, mut response: http::Response<ureq::Body>) -> Answer {
        let bytes = response.body_mut().with_config().limit(64 * 1024 * 1024).read_to_vec();
        let bytes = bytes.unwrap_or_else(|error| panic!("{request} ended early: {error}"));
        let answer = Answer {
            request,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            json: serde_json::from_slice(&bytes).unwrap_or_default(),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        };
        self.transcript.answered(&answer.request, &head(response.status(), &answer.headers), &answer.text);
        answer
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> http::Response<ureq::Body> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.transcript.sent(method, path, &self.headers, body);
        let sent = match method {
            "GET" | "HEAD" | "OPTIONS" | "DELETE" if body.is_empty() => {
                self.http.run(request.body(()).expect("a request"))
            }
            _ => self.http.run(request.body(body).expect("a request")),
        };
        sent.unwrap_or_else(|error| panic!("{method} {path} was not answered: {error}"))
    }
}
