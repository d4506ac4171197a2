//! Rules of single settings that need more than a type, and the rules across settings.

use http::Uri;

use super::parse::Reader;
use super::{AuthMode, DatabaseUrl, Group, LogFormat, RateLimitBackend, Secret, Settings};
use crate::client_address::TrustedProxies;

/// Shortest shared token that is accepted, in characters.
const LOCAL_TOKEN_MIN_CHARS: usize = 50;

/// Shortest secret of the others that is accepted, in characters: as text, 128 random bits and more.
const SECRET_MIN_CHARS: usize = 32;

/// Texts of sample files that are no secrets.
const PLACEHOLDERS: [&str; 4] = ["change-me", "changeme", "replace-me", "replace-with-strong-random-token"];

/// Reads the mandatory mode. After an error the returned mode is meaningless, as with every field.
pub(super) fn auth_mode(reader: &mut Reader<'_>, name: &str) -> AuthMode {
    if reader.raw(name).is_none() {
        reader.fail(name, "Field required");
    }
    reader.choice(name, &[("clerk", AuthMode::Clerk), ("local", AuthMode::Local)]).unwrap_or(AuthMode::Local)
}

/// Empty is SQLite; otherwise a Postgres URL, whose scheme may be in any case.
pub(super) fn database_url(reader: &mut Reader<'_>, name: &str) -> DatabaseUrl {
    let value = reader.text(name, "");
    let url = value.trim();
    if url.is_empty() {
        return DatabaseUrl::Sqlite;
    }
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    // The original names its driver in the scheme.
    if !matches!(scheme.as_deref(), Some("postgres" | "postgresql" | "postgresql+psycopg")) {
        reader.fail(name, "Input should be empty or a postgres:// or postgresql:// URL");
    }
    let url = url.replacen("+psycopg://", "://", 1);
    DatabaseUrl::Postgres(Secret::new(url))
}

/// `http` or `https`, a host and perhaps a port, and nothing else: what a list of allowed hosts can hold. One entry that is
/// none makes Spin refuse every host.
pub(super) fn origin(reader: &mut Reader<'_>, name: &str, default: &str) -> String {
    let value = reader.text(name, default);
    let text = value.trim();
    if !is_origin(text) {
        reader.fail(name, format!("Input should be scheme, host and port, as in {default}, and nothing else"));
    }
    text.to_owned()
}

fn is_origin(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
    let host = authority.host();
    // What is left of the authority without the host is its port; user and password would stand before it.
    let port_is_valid = match authority.as_str().strip_prefix(host) {
        Some("") => true,
        Some(port) => port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)),
        None => false,
    };
    let is_bare = text.len() == scheme.len() + "://".len() + authority.as_str().len();
    matches!(scheme, "http" | "https") && !host.is_empty() && port_is_valid && is_bare
}

/// Blank, or a URL of a Redis server with or without TLS; secret because it may hold a password.
pub(super) fn redis_url(reader: &mut Reader<'_>, name: &str, default: &str) -> Secret {
    let value = reader.text(name, default);
    let url = value.trim();
    let host = url.strip_prefix("redis://").or_else(|| url.strip_prefix("rediss://"));
    if !url.is_empty() && host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
        reader.fail(name, "Input should be a redis:// or rediss:// URL");
    }
    Secret::new(url)
}

/// A mistake would let every client have the address of a proxy, or forge one, and nobody would notice.
pub(super) fn trusted_proxies(reader: &mut Reader<'_>, name: &str) -> TrustedProxies {
    TrustedProxies::parse(&reader.text(name, "")).unwrap_or_else(|position| {
        let message =
            format!("Input should be IP addresses or CIDR blocks between commas, which entry {position} is not");
        reader.fail(name, message);
        TrustedProxies::default()
    })
}

/// Parts between commas, trimmed, without the blank ones.
pub(super) fn comma_separated(list: &str) -> Vec<String> {
    list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `json` in any case; anything else is text.
pub(super) fn log_format(value: &str) -> LogFormat {
    if value.eq_ignore_ascii_case("json") { LogFormat::Json } else { LogFormat::Text }
}

/// The rules across fields of these groups in their fixed order; the first broken one is the answer.
pub(super) fn check(settings: &Settings, groups: &[Group]) -> Result<(), &'static str> {
    match settings.auth_mode {
        _ if !groups.contains(&Group::SignIn) => {}
        AuthMode::Clerk if settings.clerk_secret_key.is_empty() => {
            return Err("CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk.");
        }
        AuthMode::Local if !is_strong(settings.local_auth_token.expose()) => {
            return Err("LOCAL_AUTH_TOKEN must be at least 50 characters and non-placeholder when AUTH_MODE=local.");
        }
        _ => {}
    }
    if settings.base_url.is_empty() {
        return Err("BASE_URL must be set and non-empty.");
    }
    if !is_absolute_http_url(&settings.base_url) {
        return Err("BASE_URL must be an absolute http(s) URL (e.g. http://localhost:8000).");
    }
    if groups.contains(&Group::Limits)
        && settings.rate_limit_backend == RateLimitBackend::Redis
        && settings.rate_limit_redis_url.is_empty()
        && settings.rq_redis_url.is_empty()
    {
        return Err("RATE_LIMIT_REDIS_URL or RQ_REDIS_URL must be set and non-empty when RATE_LIMIT_BACKEND=redis.");
    }
    if is_short(&settings.internal_token) {
        return Err("INTERNAL_TOKEN must be at least 32 characters when it is set.");
    }
    if is_short(&settings.secret_key) {
        return Err("SECRET_KEY must be at least 32 characters when it is set.");
    }
    Ok(())
}

fn is_short(secret: &Secret) -> bool {
    !secret.is_empty() && secret.expose().chars().count() < SECRET_MIN_CHARS
}

fn is_strong(token: &str) -> bool {
    token.chars().count() >= LOCAL_TOKEN_MIN_CHARS
        && !PLACEHOLDERS.iter().any(|placeholder| token.eq_ignore_ascii_case(placeholder))
}

fn is_absolute_http_url(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) && !authority.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_need_scheme_and_authority() {
        for good in ["http://localhost:8000", "HTTPS://x/", "http://[::1]:80/base?q#f"] {
            assert!(is_absolute_http_url(good), "{good}");
        }
        for bad in ["localhost:8000", "ws://x", "http://", "http:///path", "http:x", "http://?q", "//x"] {
            assert!(!is_absolute_http_url(bad), "{bad}");
        }
    }

    #[test]
    fn origins_are_scheme_host_and_port_and_nothing_else() {
        for good in ["https://api.clerk.com", "http://127.0.0.1:9", "http://[::1]:65535", "HTTPS://x"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "api.clerk.com",
            "https://",
            "https://a/",
            "https://a/v1",
            "https://a?x",
            "https://a:99999",
            "https://a:0",
            "https://a:",
            "https://user:secret@a",
            "https://user@a:1",
            "ftp://a",
            "https://a b",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    #[test]
    fn tokens_are_counted_in_characters() {
        assert!(!is_strong(&"x".repeat(49)));
        assert!(is_strong(&"x".repeat(50)));
        assert!(!is_strong(&"é".repeat(49)));
        assert!(is_strong(&"é".repeat(50)));
    }

    #[test]
    fn lists_drop_blank_parts() {
        assert_eq!(comma_separated(" http://a , ,http://b,"), ["http://a", "http://b"]);
        assert!(comma_separated(" , ").is_empty());
    }
}
