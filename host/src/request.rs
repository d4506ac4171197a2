//! Turns a client's request into the one that a component sees.

use crate::router::Match;
use http::header::HOST;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version, request};
use std::net::SocketAddr;

/// The request's absolute URI; the error is the status to answer with where it has none.
pub fn target(parts: &request::Parts) -> Result<Uri, StatusCode> {
    let authority = authority(parts)?;
    let path = parts.uri.path_and_query().filter(|path| path.as_str().starts_with('/'));
    absolute(authority, path.cloned().ok_or(StatusCode::BAD_REQUEST)?)
}

/// Adds the `spin-*` headers after the client's own.
///
/// The error is the status to answer a request with that no component can be given.
pub fn prepare(
    parts: &mut request::Parts,
    target: &Uri,
    matched: &Match<'_>,
    client: SocketAddr,
) -> Result<(), StatusCode> {
    add_headers(&mut parts.headers, matched, client, &target.to_string())
}

/// Where the client meant to send the request (RFC 9112, 3.2).
fn authority(parts: &request::Parts) -> Result<Authority, StatusCode> {
    let host = host(parts)?;
    match (parts.uri.authority(), host) {
        (Some(authority), _) => valid(authority.clone()),
        (None, Some(host)) => Ok(host),
        // Health checks of old load balancers have none.
        (None, None) => Ok(Authority::from_static("localhost")),
    }
}

/// The `Host` header, which only HTTP/1.1 demands; in HTTP/2 the URI has an authority.
fn host(parts: &request::Parts) -> Result<Option<Authority>, StatusCode> {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let may_be_missing = match parts.version {
        Version::HTTP_10 | Version::HTTP_09 => true,
        Version::HTTP_2 => parts.uri.authority().is_some(),
        _ => false,
    };
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => {
            let host = Authority::try_from(host.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)?;
            valid(host).map(Some)
        }
        (None, _) if may_be_missing => Ok(None),
        _ => Err(StatusCode::BAD_REQUEST),
    }
}

/// Refuses what names no host, or more than a host and its port.
fn valid(authority: Authority) -> Result<Authority, StatusCode> {
    let text = authority.as_str();
    let port = text.strip_prefix(authority.host()).and_then(|rest| match rest.strip_prefix(':') {
        Some("") => Some(()),
        Some(port) => port.parse::<u16>().ok().map(drop),
        None => rest.is_empty().then_some(()),
    });
    match port {
        Some(()) if !authority.host().is_empty() => Ok(authority),
        _ => Err(StatusCode::BAD_REQUEST),
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
    let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| StatusCode::BAD_REQUEST)?;
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
        let target = target(&parts)?;
        let matched = router.find(target.path()).expect("a match");
        let client = "10.0.0.9:4711".parse().expect("an address");
        prepare(&mut parts, &target, &matched, client)?;
        parts.uri = target;
        Ok(parts)
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

    fn uri(request: request::Builder) -> Result<String, u16> {
        prepared(request, "/...").map(|parts| parts.uri.to_string()).map_err(|status| status.as_u16())
    }

    #[test]
    fn a_request_has_one_valid_host() {
        for host in ["a", "a.b:80", "a:", "127.0.0.1:3000", "[::1]", "[::1]:3000", "xn--bcher-kva.example"] {
            assert_eq!(uri(Request::get("/").header("host", host)), Ok(format!("http://{host}/")));
        }
        for host in ["", " ", "a b", "a/b", "u@a", "a:b", "a:65536", ":80", "http://a", "[::1", "a?b", "ä"] {
            let value = HeaderValue::from_bytes(host.as_bytes()).expect("a value");
            assert_eq!(uri(Request::get("/").header("host", value)), Err(400), "{host:?}");
        }
        assert_eq!(uri(Request::get("/")), Err(400));
        assert_eq!(uri(Request::get("/").header("host", "a").header("host", "a")), Err(400));
    }

    #[test]
    fn old_health_checks_need_no_host_and_a_wrong_one_is_refused() {
        let request = || Request::get("/healthz").version(Version::HTTP_10);
        assert_eq!(uri(request()), Ok("http://localhost/healthz".to_owned()));
        assert_eq!(uri(request().header("host", "a")), Ok("http://a/healthz".to_owned()));
        assert_eq!(uri(request().header("host", "")), Err(400));
    }

    #[test]
    fn an_absolute_target_counts_more_than_the_host() {
        let request = || Request::get("http://a:81/b?c");
        assert_eq!(uri(request().header("host", "other")), Ok("http://a:81/b?c".to_owned()));
        assert_eq!(uri(request()), Err(400));
        assert_eq!(uri(request().version(Version::HTTP_2)), Ok("http://a:81/b?c".to_owned()));
        assert_eq!(uri(Request::get("http://u@a/").header("host", "a")), Err(400));
        assert_eq!(uri(Request::get("/").version(Version::HTTP_2)), Err(400));
        assert_eq!(uri(Request::options("*").header("host", "a")), Err(400));
    }

    #[test]
    fn header_values_are_bytes() {
        let bytes = HeaderValue::from_bytes(b"\xff").expect("a value");
        let parts =
            prepared(Request::get("/").header("host", "a").header("x", &bytes), "/...").expect("a good request");
        assert_eq!(parts.headers["x"], bytes);
    }
}
