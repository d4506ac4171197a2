//! Routes: one line binds a method and a path to a handler, and documents it.

use std::any::type_name;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::body::Response;
use super::context::Cx;
use super::error::{ApiError, ApiResult};
use super::extract::Extract;
use super::operation::Operation;
use super::refusals::ErrorResponse;
use super::respond::Answer;
use crate::schema::{Components, Faults, Schema, title_of};

/// An async function whose arguments are [`Extract`] and whose success is an [`Answer`].
pub trait Handler<Args>: Copy + 'static {
    /// The media type of the answer.
    const MEDIA_TYPE: &'static str;

    /// Extracts the arguments, calls the function and makes the response.
    fn call(self, cx: Cx, success: StatusCode) -> LocalBoxFuture<'static, ApiResult<Response>>;

    /// Describes arguments and answer.
    fn describe(operation: &mut Operation<'_>) -> Option<Value>;
}

macro_rules! handlers {
    ($(($($arg:ident),*))+) => {$(
        #[allow(non_snake_case, unused_mut, unused_variables, reason = "one macro for every number of arguments")]
        impl<F, Fut, A, $($arg),*> Handler<($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Fut + Copy + 'static,
            Fut: Future<Output = ApiResult<A>> + 'static,
            A: Answer + 'static,
            $($arg: Extract + 'static),*
        {
            const MEDIA_TYPE: &'static str = A::MEDIA_TYPE;

            fn call(self, cx: Cx, success: StatusCode) -> LocalBoxFuture<'static, ApiResult<Response>> {
                const { assert!(body_is_last(&[$($arg::READS_BODY),*]), "guards come before the body") };
                async move {
                    let mut faults = Faults::default();
                    $(let $arg = $arg::extract(&cx, &mut faults).await?;)*
                    match ($($arg,)*) {
                        ($(Some($arg),)*) if faults.is_empty() => {
                            self($($arg),*).await?.into_response(success)
                        }
                        _ => Err(ApiError::invalid(faults)),
                    }
                }
                .boxed_local()
            }

            fn describe(operation: &mut Operation<'_>) -> Option<Value> {
                $($arg::describe(operation);)*
                A::schema(operation.components)
            }
        }
    )+};
}

handlers! { () (A1) (A1, A2) (A1, A2, A3) (A1, A2, A3, A4) (A1, A2, A3, A4, A5) (A1, A2, A3, A4, A5, A6) }

/// Whether nothing is extracted behind a body.
const fn body_is_last(reads_body: &[bool]) -> bool {
    match reads_body.split_last() {
        Some((_, before)) => {
            let mut rest = before;
            while let Some((first, others)) = rest.split_first() {
                if *first {
                    return false;
                }
                rest = others;
            }
            true
        }
        None => true,
    }
}

/// Whether routes can describe themselves. Components never do, and are a tenth smaller without.
const DOCUMENTS: bool = cfg!(not(target_arch = "wasm32"));

/// Adds a refusal with this status to a documented operation.
type DescribeRefusal = for<'a, 'b> fn(&'a mut Operation<'b>, u16);

/// What every route that needs settings and a database may answer: it fails, or cannot answer now.
const FAILURES: &[u16] = &[500, 503];

/// What every change may answer: somebody else was faster, and something is gone or there already.
const RACES: &[u16] = &[404, 409];

type Call = Box<dyn Fn(Cx, StatusCode) -> LocalBoxFuture<'static, ApiResult<Response>>>;

/// One operation: a method, a path, the handler and its documentation.
pub struct Route {
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) call: Call,
    pub(super) success: StatusCode,
    pub(super) answers_always: bool,
    pub(super) accepts_head: bool,
    documented: bool,
    describe: fn(&mut Operation<'_>) -> Option<Value>,
    media_type: &'static str,
    refusals: Vec<(u16, DescribeRefusal)>,
    handler: &'static str,
    operation_id: Option<&'static str>,
    pub(super) tags: Vec<&'static str>,
    hints: Option<&'static Hints>,
}

/// Guidance for agents that read the OpenAPI document at run time: the `x-…` members of an operation.
#[derive(Debug)]
pub struct Hints {
    /// `x-llm-intent`.
    pub intent: &'static str,
    /// `x-when-to-use`.
    pub when_to_use: &'static [&'static str],
    /// `x-when-not-to-use`.
    pub when_not_to_use: &'static [&'static str],
    /// `x-required-actor`.
    pub required_actor: &'static str,
    /// `x-prerequisites`.
    pub prerequisites: &'static [&'static str],
    /// `x-side-effects`.
    pub side_effects: &'static [&'static str],
    /// `x-negative-guidance`.
    pub negative_guidance: &'static [&'static str],
    /// `x-routing-policy`.
    pub routing_policy: &'static [&'static str],
    /// `x-routing-policy-examples`: intent and decision.
    pub routing_examples: &'static [(&'static str, &'static str)],
}

impl std::fmt::Debug for Route {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.method, self.path)
    }
}

fn route<Args, H: Handler<Args>>(method: Method, path: &'static str, handler: H) -> Route {
    Route {
        method,
        path,
        call: Box::new(move |cx, success| handler.call(cx, success)),
        success: StatusCode::OK,
        answers_always: false,
        accepts_head: false,
        documented: true,
        describe: if DOCUMENTS { H::describe } else { |_| None },
        media_type: H::MEDIA_TYPE,
        refusals: Vec::new(),
        handler: type_name::<H>().rsplit("::").next().unwrap_or_default(),
        operation_id: None,
        tags: Vec::new(),
        hints: None,
    }
}

macro_rules! methods {
    ($($name:ident $method:ident),+) => {$(
        #[doc = concat!("`", stringify!($method), "` on this path is answered by this handler.")]
        pub fn $name<Args, H: Handler<Args>>(path: &'static str, handler: H) -> Route {
            route(Method::$method, path, handler)
        }
    )+};
}

methods! { get GET, post POST, put PUT, patch PATCH, delete DELETE }

impl Route {
    /// Answers success with this status instead of 200.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.success = status;
        self
    }

    /// Uses this operation id instead of the one made of handler, path and method.
    #[must_use]
    pub fn id(mut self, operation_id: &'static str) -> Self {
        self.operation_id = Some(operation_id);
        self
    }

    /// Adds tags behind the group's.
    #[must_use]
    pub fn tags(mut self, tags: &[&'static str]) -> Self {
        self.tags.extend_from_slice(tags);
        self
    }

    /// Adds guidance for agents.
    #[must_use]
    pub fn hints(mut self, hints: &'static Hints) -> Self {
        self.hints = Some(hints);
        self
    }

    /// May answer these statuses besides those of its arguments, with a text or an object as the detail.
    #[must_use]
    pub fn refuses(self, statuses: &[u16]) -> Self {
        statuses.iter().fold(self, |route, status| route.refuses_with::<ErrorResponse>(*status))
    }

    /// May answer this status with a body of this shape.
    #[must_use]
    pub fn refuses_with<T: Schema>(mut self, status: u16) -> Self {
        if DOCUMENTS {
            self.refusals.push((status, |operation, status| operation.refuses_with::<T>(status)));
        }
        self
    }

    /// Answers success in this media type instead of the handler's.
    #[must_use]
    pub fn media_type(mut self, media_type: &'static str) -> Self {
        self.media_type = media_type;
        self
    }

    /// Answers even when the settings are wrong: the health routes.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.answers_always = true;
        self
    }

    /// Answers HEAD too, without the body.
    #[must_use]
    pub fn with_head(mut self) -> Self {
        self.accepts_head = true;
        self
    }

    /// Is not part of the OpenAPI document.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.documented = false;
        self
    }

    pub(super) fn answers(&self, method: &Method) -> bool {
        self.method == *method || (self.accepts_head && *method == Method::HEAD)
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path, with parameters in braces.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Whether the route is part of the OpenAPI document.
    #[must_use]
    pub fn is_documented(&self) -> bool {
        self.documented
    }

    /// `<handler>_<path with every non-word character as _>_<method>`: what generated clients are built on.
    #[must_use]
    pub fn operation_id(&self) -> String {
        self.operation_id.map_or_else(
            || {
                let path: String =
                    self.path.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }).collect();
                format!("{}{path}_{}", self.handler, self.method.as_str().to_lowercase())
            },
            str::to_owned,
        )
    }

    /// The operation of the OpenAPI document; named schemas go into `components`.
    pub fn document(&self, components: &mut Components) -> Value {
        let mut operation = Operation::new(components);
        let content = (self.describe)(&mut operation);
        for (status, describe) in &self.refusals {
            describe(&mut operation, *status);
        }
        if !self.answers_always {
            for status in FAILURES {
                operation.refuses(*status);
            }
        }
        if self.method != Method::GET {
            for status in RACES {
                operation.refuses(*status);
            }
        }
        let mut members = operation.finish(self.success.as_u16(), content, self.media_type);
        let summary = title_of(self.handler);
        let mut document = json!({"tags": self.tags, "summary": summary, "description": format!("{summary}."), "operationId": self.operation_id()});
        if let Some(document) = document.as_object_mut() {
            document.append(&mut members);
            if let Some(hints) = self.hints {
                hints.add_to(document);
            }
        }
        document
    }
}

impl Hints {
    fn add_to(&self, document: &mut serde_json::Map<String, Value>) {
        let examples: Vec<Value> = self
            .routing_examples
            .iter()
            .map(|(intent, decision)| {
                json!({"input": {"intent": intent, "required_privilege": self.required_actor}, "decision": decision})
            })
            .collect();
        for (name, value) in [
            ("x-llm-intent", json!(self.intent)),
            ("x-when-to-use", json!(self.when_to_use)),
            ("x-when-not-to-use", json!(self.when_not_to_use)),
            ("x-required-actor", json!(self.required_actor)),
            ("x-prerequisites", json!(self.prerequisites)),
            ("x-side-effects", json!(self.side_effects)),
            ("x-negative-guidance", json!(self.negative_guidance)),
            ("x-routing-policy", json!(self.routing_policy)),
            ("x-routing-policy-examples", Value::Array(examples)),
        ] {
            document.insert(name.to_owned(), value);
        }
    }
}
