//! What answers say about rate limits.

use http::header::{HeaderName, HeaderValue, RETRY_AFTER};
use mission_control_platform::limits::{Decision, Namespace, WINDOW_SECONDS};

/// Headers that tell a client about `decision`: `RateLimit-Policy` and `RateLimit` as in the IETF draft "RateLimit
/// header fields for HTTP", and `Retry-After` when denied. Nothing when there is no limit.
pub fn rate_limit_headers(decision: &Decision, namespace: Namespace) -> Vec<(HeaderName, HeaderValue)> {
    let Decision { allowed, limit, remaining, reset_seconds } = *decision;
    if limit == 0 {
        return Vec::new();
    }
    let name = namespace.name();
    let fields = [
        ("ratelimit-policy", format!("\"{name}\";q={limit};w={WINDOW_SECONDS}")),
        ("ratelimit", format!("\"{name}\";r={remaining};t={reset_seconds}")),
    ];
    let mut headers: Vec<_> = fields
        .into_iter()
        .filter_map(|(name, text)| Some((HeaderName::from_static(name), HeaderValue::try_from(text).ok()?)))
        .collect();
    if !allowed {
        headers.push((RETRY_AFTER, HeaderValue::from(reset_seconds.max(1))));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_limit_nothing_is_said() {
        assert!(rate_limit_headers(&Decision::UNLIMITED, Namespace::Agent).is_empty());
    }

    #[test]
    fn headers_follow_the_draft() {
        let texts = |decision: &Decision| -> Vec<String> {
            let headers = rate_limit_headers(decision, Namespace::AgentAuth);
            headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
        };
        let denied = Decision { allowed: false, limit: 20, remaining: 0, reset_seconds: 12 };
        let policy = "ratelimit-policy: \"agent_auth\";q=20;w=60";
        assert_eq!(texts(&denied), [policy, "ratelimit: \"agent_auth\";r=0;t=12", "retry-after: 12"]);
        assert_eq!(texts(&Decision::open(20)), [policy, "ratelimit: \"agent_auth\";r=20;t=0"]);
    }
}
