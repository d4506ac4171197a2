//! Turns a client's request into the one that a component sees.

use crate::router::Match;
use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, request};
use std::net::SocketAddr;

/// Makes the request's URI absolute and adds the `spin-*` headers after the client's own.
///
/// The error is the status to answer a request with that no component can be given.
pub fn prepare(parts: &mut request::Parts, matched: &Match<'_>, client: SocketAddr) -> Result<(), StatusCode> {
    if !parts.headers.values().all(is_text) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let authority = authority(parts)?;
    let path = parts
        .uri
        .path_and_query()
        .filter(|path| path.as_str().starts_with('/'))
        .cloned()
        .ok_or(StatusCode::BAD_REQUEST)?;
    let full_url = format!("http://{authority}{path}");
    parts.uri = absolute(authority, path)?;
    add_headers(&mut parts.headers, matched, client, &full_url)
}

fn is_text(value: &HeaderValue) -> bool {
    str::from_utf8(value.as_bytes()).is_ok()
}

/// Where the client meant to send the request.
fn authority(parts: &request::Parts) -> Result<Authority, StatusCode> {
    if let Some(authority) = parts.uri.authority() {
        return Ok(authority.clone());
    }
    match parts.headers.get(HOST) {
        Some(host) if !host.is_empty() => Authority::try_from(host.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST),
        _ => Ok(Authority::from_static("localhost")),
    }
}

fn absolute(authority: Authority, path: PathAndQuery) -> Result<Uri, StatusCode> {
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).map_err(|_| StatusCode::BAD_REQUEST)
}

fn add_headers(
    headers: &mut HeaderMap,
    matched: &Match<'_>,
    client: SocketAddr,
    full_url: &str,
) -> Result<(), StatusCode> {
    let route = matched.route;
    let client = client.to_string();
    let fixed = [
        ("spin-path-info", matched.path_info.as_str()),
        ("spin-full-url", full_url),
        ("spin-matched-route", &route.raw),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", &route.raw),
        ("spin-component-route", route.prefix()),
        ("spin-client-addr", &client),
    ];
    for (name, value) in fixed {
        add(headers, HeaderName::from_static(name), value)?;
    }
    for (name, value) in &matched.parameters {
        let name = format!("spin-path-match-{}", name.to_ascii_lowercase());
        let name = HeaderName::try_from(name).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        add(headers, name, value)?;
    }
    Ok(())
}

fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), StatusCode> {
    let value = HeaderValue::from_str(value).map_err(|_| StatusCode::BAD_REQUEST)?;
    match headers.try_append(name, value) {
        Ok(_) => Ok(()),
        Err(_) => Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::Router;
    use http::Request;

    fn prepared(request: request::Builder, route: &str) -> Result<request::Parts, StatusCode> {
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        let mut router = Router::default();
        router.add(route, 0, "c").expect("a route");
        let path = parts.uri.path().to_owned();
        let matched = router.find(&path).expect("a match");
        let client = "10.0.0.9:4711".parse().expect("an address");
        prepare(&mut parts, &matched, client).map(|()| parts)
    }

    #[test]
    fn headers_come_after_the_clients_own() {
        let request =
            Request::get("/a/b/c?x=1").header("host", "example.com:8000").header("spin-client-addr", "forged");
        let parts = prepared(request, "/a/:id/...").expect("a good request");
        assert_eq!(parts.uri, "http://example.com:8000/a/b/c?x=1");
        let addresses: Vec<_> = parts.headers.get_all("spin-client-addr").iter().collect();
        assert_eq!(addresses, ["forged", "10.0.0.9:4711"]);
        for (name, value) in [
            ("spin-full-url", "http://example.com:8000/a/b/c?x=1"),
            ("spin-path-info", "/c"),
            ("spin-raw-component-route", "/a/:id/..."),
            ("spin-matched-route", "/a/:id/..."),
            ("spin-component-route", "/a/:id"),
            ("spin-base-path", "/"),
            ("spin-path-match-id", "b"),
        ] {
            assert_eq!(parts.headers[name], value, "{name}");
        }
    }

    #[test]
    fn a_request_without_a_host_goes_to_localhost() {
        let parts = prepared(Request::get("/"), "/...").expect("a good request");
        assert_eq!(parts.uri, "http://localhost/");
    }

    #[test]
    fn what_no_component_can_read_is_refused() {
        let bytes = HeaderValue::from_bytes(b"\xff").expect("a value");
        let request = Request::get("/").header("x", bytes);
        assert_eq!(prepared(request, "/...").err(), Some(StatusCode::INTERNAL_SERVER_ERROR));
        let request = Request::get("/").header("host", "a b");
        assert_eq!(prepared(request, "/...").err(), Some(StatusCode::BAD_REQUEST));
    }
}
