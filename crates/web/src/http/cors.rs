//! Cross-origin rules for browsers.
//!
//! Listed origins may send credentials. `*` allows every origin, but never with credentials: any web site could
//! otherwise act in the name of a signed-in person.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::{Method, Response, StatusCode};

const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const METHODS_TEXT: HeaderValue = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
/// Every header of an answer that a page may want to read, but for those that it always may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "X-Total-Count, X-Limit, X-Offset, X-Request-Id, Retry-After, RateLimit, RateLimit-Policy, WWW-Authenticate, Allow, \
     Location, Accept-Encoding",
);
const MAX_AGE_SECONDS: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");
const ANY: HeaderValue = HeaderValue::from_static("*");
const PRIVATE_NETWORK: &str = "access-control-request-private-network";

/// What the configuration says about one origin.
enum Verdict {
    /// Listed by name: may send credentials.
    Listed,
    /// Allowed by `*`: without credentials.
    Any,
    /// Not allowed.
    Refused,
}

/// Answers a preflight; `None` when the request is none or no origin is configured.
///
/// A preflight is an `OPTIONS` request with `Origin` and `Access-Control-Request-Method`. It is answered for any
/// path, known or not, and before authentication.
pub fn preflight(origins: &[String], method: &Method, request: &HeaderMap) -> Option<Response<String>> {
    if origins.is_empty() || method != Method::OPTIONS {
        return None;
    }
    let origin = request.get(ORIGIN)?;
    let wanted_method = request.get(ACCESS_CONTROL_REQUEST_METHOD)?;

    let mut failures = Vec::new();
    let mut headers = HeaderMap::new();
    if !allow_origin(origins, origin, &mut headers) {
        failures.push("origin");
    }
    if !METHODS.iter().any(|method| method.as_bytes() == wanted_method.as_bytes()) {
        failures.push("method");
    }
    if request.contains_key(PRIVATE_NETWORK) {
        failures.push("private-network");
    }

    headers.insert(VARY, HeaderValue::from_static("Origin"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS_TEXT);
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS);
    if let Some(wanted_headers) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted_headers.clone());
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));

    let (status, body) = if failures.is_empty() {
        (StatusCode::OK, "OK".to_owned())
    } else {
        (StatusCode::BAD_REQUEST, format!("Disallowed CORS {}", failures.join(", ")))
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Some(response)
}

/// Adds the headers of a response that is not a preflight's; nothing when no origin is configured.
///
/// `Vary: Origin` is added even without an origin, or a cache could give one site's answer to another.
pub fn decorate(origins: &[String], request: &HeaderMap, response: &mut HeaderMap) {
    if origins.is_empty() {
        return;
    }
    vary_by_origin(response);
    if let Some(origin) = request.get(ORIGIN)
        && allow_origin(origins, origin, response)
    {
        response.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// Adds the headers that allow `origin`, and tells whether it is allowed.
fn allow_origin(origins: &[String], origin: &HeaderValue, headers: &mut HeaderMap) -> bool {
    match verdict(origins, origin) {
        Verdict::Listed => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
        Verdict::Any => drop(headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, ANY)),
        Verdict::Refused => return false,
    }
    true
}

fn verdict(origins: &[String], origin: &HeaderValue) -> Verdict {
    if origins.iter().any(|listed| listed == "*") {
        Verdict::Any
    } else if origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()) {
        Verdict::Listed
    } else {
        Verdict::Refused
    }
}

/// Appends `Origin` to `Vary` unless it is there.
fn vary_by_origin(response: &mut HeaderMap) {
    let covered =
        response.get_all(VARY).iter().filter_map(|value| value.to_str().ok()).any(|value| {
            value.split(',').map(str::trim).any(|name| name == "*" || name.eq_ignore_ascii_case("origin"))
        });
    if !covered {
        response.append(VARY, HeaderValue::from_static("Origin"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "http://localhost:3000";

    fn origins(list: &[&str]) -> Vec<String> {
        list.iter().map(ToString::to_string).collect()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn ask(list: &[&str], pairs: &[(&'static str, &str)]) -> Response<String> {
        preflight(&origins(list), &Method::OPTIONS, &headers(pairs)).unwrap()
    }

    fn decorated(list: &[&str], pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut response = HeaderMap::new();
        decorate(&origins(list), &headers(pairs), &mut response);
        response
    }

    #[test]
    fn a_listed_origin_passes_with_credentials() {
        let answer = ask(&[SITE], &[("origin", SITE), ("access-control-request-method", "POST")]);
        assert_eq!((answer.status(), answer.body().as_str()), (StatusCode::OK, "OK"));
        let expected = headers(&[
            ("vary", "Origin"),
            ("access-control-allow-methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
            ("access-control-max-age", "600"),
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-origin", SITE),
            ("content-type", "text/plain; charset=utf-8"),
        ]);
        assert_eq!(answer.headers(), &expected);
    }

    #[test]
    fn requested_headers_are_echoed_verbatim() {
        let asked = [
            ("origin", SITE),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "Authorization,x-A"),
        ];
        assert_eq!(ask(&[SITE], &asked).headers()["access-control-allow-headers"], "Authorization,x-A");
    }

    #[test]
    fn failures_are_listed_in_order() {
        let answer = ask(
            &[SITE],
            &[
                ("origin", "http://evil"),
                ("access-control-request-method", "TRACE"),
                ("access-control-request-private-network", "true"),
            ],
        );
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.body(), "Disallowed CORS origin, method, private-network");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
        let lower = ask(&[SITE], &[("origin", SITE), ("access-control-request-method", "get")]);
        assert_eq!(lower.body(), "Disallowed CORS method");
        let slash = ask(&[SITE], &[("origin", "http://localhost:3000/"), ("access-control-request-method", "GET")]);
        assert_eq!(slash.body(), "Disallowed CORS origin");
    }

    #[test]
    fn a_star_never_allows_credentials() {
        let pairs = [("origin", SITE), ("access-control-request-method", "PUT"), ("cookie", "a=b")];
        let answer = ask(&[SITE, "*"], &pairs);
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
        let response = decorated(&["*"], &pairs);
        assert_eq!(response["access-control-allow-origin"], "*");
        assert!(!response.contains_key("access-control-allow-credentials"));
        assert_eq!(response["vary"], "Origin");
    }

    #[test]
    fn only_preflights_are_answered() {
        let asked = headers(&[("origin", SITE), ("access-control-request-method", "GET")]);
        assert!(preflight(&[], &Method::OPTIONS, &asked).is_none());
        assert!(preflight(&origins(&[SITE]), &Method::GET, &asked).is_none());
        assert!(preflight(&origins(&[SITE]), &Method::OPTIONS, &headers(&[("origin", SITE)])).is_none());
    }

    #[test]
    fn responses_are_decorated_for_listed_origins_only() {
        let expected = headers(&[
            ("access-control-allow-credentials", "true"),
            ("access-control-expose-headers", EXPOSED.to_str().unwrap()),
            ("access-control-allow-origin", SITE),
            ("vary", "Origin"),
        ]);
        assert_eq!(decorated(&[SITE], &[("origin", SITE)]), expected);
        assert_eq!(decorated(&[SITE], &[("origin", "http://evil")]), headers(&[("vary", "Origin")]));
        assert_eq!(decorated(&[SITE], &[]), headers(&[("vary", "Origin")]));
        assert!(decorated(&[], &[("origin", SITE)]).is_empty());
    }

    #[test]
    fn vary_is_kept_and_not_doubled() {
        let mut response = headers(&[("vary", "Accept, origin")]);
        decorate(&origins(&[SITE]), &HeaderMap::new(), &mut response);
        assert_eq!(response, headers(&[("vary", "Accept, origin")]));
        let mut response = headers(&[("vary", "Accept")]);
        decorate(&origins(&[SITE]), &HeaderMap::new(), &mut response);
        assert_eq!(response.get_all("vary").iter().collect::<Vec<_>>(), ["Accept", "Origin"]);
    }
}
