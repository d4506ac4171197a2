use super::*;

const TOKEN: &str = "0123456789012345678901234567890123456789-local-token";
const TICK_TOKEN: &str = "tick-token-tick-token-tick-token";

/// Settings of the local mode that pass, changed by `changes`; an empty value unsets one.
fn load_with(changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let base = [("auth_mode", "local"), ("local_auth_token", TOKEN), ("base_url", "http://localhost:8000")];
    Settings::from_lookup(&|name| {
        let find = |pairs: &[(&str, &str)]| pairs.iter().find(|(key, _)| *key == name).map(|(_, v)| v.to_string());
        find(changes).or_else(|| find(&base))
    })
}

fn message(changes: &[(&str, &str)]) -> String {
    load_with(changes).unwrap_err().to_string()
}

#[test]
fn defaults_are_those_of_the_reference() {
    let settings = load_with(&[]).unwrap();
    assert_eq!(settings.environment, "dev");
    assert_eq!(settings.database_url, DatabaseUrl::Sqlite);
    assert_eq!(settings.db_synchronous, DbSynchronous::Normal);
    assert_eq!(settings.clerk_api_url, "https://api.clerk.com");
    assert!(settings.clerk_verify_iat);
    assert_eq!(settings.clerk_leeway, 10.0);
    assert!(settings.cors_origins.is_empty());
    assert_eq!(settings.security_header_x_frame_options.unwrap(), "DENY");
    assert_eq!(settings.security_header_permissions_policy, None);
    assert_eq!(settings.webhook_max_payload_bytes, 1_048_576);
    assert_eq!(settings.max_body_bytes, 1_048_576);
    assert_eq!(settings.rate_limit_backend, RateLimitBackend::Memory);
    assert_eq!((settings.agent_auth_limit, settings.user_auth_limit), (20, 30));
    assert_eq!((settings.webhook_ingest_limit, settings.agent_request_limit), (60, 0));
    assert_eq!(settings.rq_dispatch_max_retries, 3);
    assert_eq!(settings.agent_token_grace_seconds, 300);
    assert!(settings.internal_token.is_empty());
    assert!(settings.docs_enabled);
    assert_eq!((settings.sse_max_seconds, settings.sse_poll_ms), (600, 2000));
    assert_eq!(settings.webhook_payload_preview_chars, 4000);
    assert_eq!(settings.log_format, LogFormat::Text);
    assert_eq!(settings.request_log_slow_ms, 1000);
}

#[test]
fn names_are_unique_and_lower_case() {
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), NAMES.len());
    assert!(NAMES.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
}

#[test]
fn every_variable_of_the_reference_that_has_an_effect_is_known() {
    for name in "environment database_url auth_mode local_auth_token clerk_secret_key clerk_api_url \
        clerk_verify_iat clerk_leeway cors_origins base_url security_header_x_content_type_options \
        security_header_x_frame_options security_header_referrer_policy \
        security_header_permissions_policy webhook_max_payload_bytes rate_limit_backend \
        rate_limit_redis_url trusted_proxies db_auto_migrate rq_redis_url \
        rq_dispatch_max_retries rq_dispatch_retry_base_seconds \
        rq_dispatch_retry_max_seconds log_level log_format \
        request_log_slow_ms request_log_include_health"
        .split_whitespace()
    {
        assert!(NAMES.contains(&name), "{name}");
    }
}

#[test]
fn only_declared_names_are_looked_up() {
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let _ = Settings::from_lookup(&|name| {
        seen.borrow_mut().insert(name.to_owned());
        None
    });
    let declared: std::collections::BTreeSet<String> = NAMES.iter().map(ToString::to_string).collect();
    assert_eq!(seen.into_inner(), declared);
}

#[test]
fn field_errors_come_together_and_first() {
    assert_eq!(
        message(&[
            ("auth_mode", "LOCAL"),
            ("local_auth_token", "x"),
            ("clerk_leeway", "abc"),
            ("docs_enabled", "maybe")
        ]),
        "AUTH_MODE: Input should be 'clerk' or 'local'; \
         CLERK_LEEWAY: Input should be a valid number, unable to parse string as a number; \
         DOCS_ENABLED: Input should be a valid boolean, unable to interpret input"
    );
    assert_eq!(message(&[("auth_mode", "")]), "AUTH_MODE: Field required");
    assert_eq!(message(&[("rate_limit_backend", "Redis")]), "RATE_LIMIT_BACKEND: Input should be 'memory' or 'redis'");
    assert_eq!(
        message(&[("request_log_slow_ms", "-1")]),
        "REQUEST_LOG_SLOW_MS: Input should be greater than or equal to 0"
    );
}

#[test]
fn rules_are_checked_in_order() {
    let weak = "LOCAL_AUTH_TOKEN must be at least 50 characters and non-placeholder when AUTH_MODE=local.";
    assert_eq!(message(&[("local_auth_token", "x"), ("base_url", "")]), weak);
    assert_eq!(message(&[("local_auth_token", " Change-Me ")]), weak);
    assert_eq!(
        message(&[("auth_mode", "clerk"), ("clerk_secret_key", "  ")]),
        "CLERK_SECRET_KEY must be set and non-empty when AUTH_MODE=clerk."
    );
    assert_eq!(message(&[("base_url", "  ")]), "BASE_URL must be set and non-empty.");
    assert_eq!(
        message(&[("base_url", "ws://x"), ("rate_limit_backend", "redis"), ("rq_redis_url", " ")]),
        "BASE_URL must be an absolute http(s) URL (e.g. http://localhost:8000)."
    );
    assert_eq!(
        message(&[("rate_limit_backend", "redis"), ("rq_redis_url", " ")]),
        "RATE_LIMIT_REDIS_URL or RQ_REDIS_URL must be set and non-empty when RATE_LIMIT_BACKEND=redis."
    );
    for name in ["internal_token", "secret_key"] {
        let short = format!("{} must be at least 32 characters when it is set.", name.to_ascii_uppercase());
        assert_eq!(message(&[(name, &format!(" {} ", "x".repeat(31)))]), short);
        assert!(load_with(&[(name, &"x".repeat(32))]).is_ok());
        assert!(load_with(&[(name, "  ")]).is_ok(), "blank is unset");
    }
}

#[test]
fn a_mistake_in_the_trusted_proxies_is_told_by_its_place() {
    for (list, position) in [("10.0.0.0/33", 1), ("10.0.0.1, proxy.internal", 2), ("::1,,fd00::/129", 2)] {
        let expected = format!(
            "TRUSTED_PROXIES: Input should be IP addresses or CIDR blocks between commas, which entry {position} is not"
        );
        assert_eq!(message(&[("trusted_proxies", list)]), expected, "{list}");
    }
    assert!(load_with(&[("trusted_proxies", " 10.0.0.7/8, ::1 , ")]).is_ok());
}

#[test]
fn derived_values_follow_from_others() {
    let settings = load_with(&[("base_url", "  HTTPS://x// "), ("rate_limit_backend", "redis")]).unwrap();
    assert_eq!(settings.base_url, "HTTPS://x");
    assert_eq!(settings.rate_limit_redis_url.expose(), "redis://localhost:6379/0");
    assert!(settings.db_auto_migrate);
    assert!(!load_with(&[("db_auto_migrate", "false")]).unwrap().db_auto_migrate);
    assert!(!load_with(&[("environment", "Dev")]).unwrap().db_auto_migrate);
    let settings = load_with(&[("local_auth_token", &format!(" {TOKEN}\n"))]).unwrap();
    assert_eq!(settings.local_auth_token.expose(), TOKEN);
}

#[test]
fn empty_means_unset_and_off_disables_a_header() {
    let settings = load_with(&[
        ("security_header_x_frame_options", "off"),
        ("security_header_referrer_policy", ""),
        ("request_log_slow_ms", ""),
        ("clerk_verify_iat", ""),
    ])
    .unwrap();
    assert_eq!(settings.security_header_x_frame_options, None);
    assert_eq!(settings.security_header_referrer_policy.unwrap(), "strict-origin-when-cross-origin");
    assert_eq!(settings.request_log_slow_ms, 1000);
    assert!(settings.clerk_verify_iat);
}

#[test]
fn database_is_sqlite_or_postgres() {
    let url = "postgresql://app:pw@db:5432/mission";
    let settings = load_with(&[("database_url", url)]).unwrap();
    assert_eq!(settings.database_url, DatabaseUrl::Postgres(Secret::new(url)));
    assert!(!format!("{settings:?}").contains("pw@db"));
    let driver = load_with(&[("database_url", "postgresql+psycopg://app:pw@db:5432/mission")]).unwrap();
    assert_eq!(driver.database_url, DatabaseUrl::Postgres(Secret::new(url)));
    for bad in ["mysql://x", "sqlite:///file.db", "mysql+psycopg://x", "db"] {
        assert_eq!(
            message(&[("database_url", bad)]),
            "DATABASE_URL: Input should be empty or a postgres:// or postgresql:// URL"
        );
    }
}

#[test]
fn secrets_and_wrong_values_are_never_shown() {
    let settings = load_with(&[("internal_token", TICK_TOKEN)]).unwrap();
    let shown = format!("{settings:?} {} {}", settings.internal_token, settings.local_auth_token);
    assert!(!shown.contains(TICK_TOKEN) && !shown.contains(TOKEN) && shown.contains("***"));
    assert!(!message(&[("auth_mode", "s3cret-paste")]).contains("s3cret"));
    assert!(!message(&[("local_auth_token", "s3cret-short")]).contains("s3cret"));
}

#[test]
fn limits_may_be_negative_only_where_the_reference_allows() {
    assert_eq!(load_with(&[("webhook_max_payload_bytes", "-5")]).unwrap().webhook_max_payload_bytes, -5);
    assert_eq!(message(&[("max_body_bytes", "0")]), "MAX_BODY_BYTES: Input should be greater than or equal to 1");
    assert_eq!(message(&[("sse_poll_ms", "1")]), "SSE_POLL_MS: Input should be greater than or equal to 10");
}

#[test]
fn what_names_hosts_is_checked_and_never_shown() {
    let origin = "CLERK_API_URL: Input should be scheme, host and port, as in https://api.clerk.com, and nothing else";
    assert_eq!(message(&[("clerk_api_url", "https://user:secret@api.example")]), origin);
    let redis = "RATE_LIMIT_REDIS_URL: Input should be a redis:// or rediss:// URL";
    assert_eq!(message(&[("rate_limit_redis_url", "http://:secret@cache.example")]), redis);
    for url in ["redis://cache.example", "rediss://:secret@cache.example:6380/1"] {
        let settings = load_with(&[("rate_limit_backend", "redis"), ("rate_limit_redis_url", url)]).unwrap();
        assert_eq!(settings.rate_limit_redis_url.expose(), url);
    }
}

#[test]
fn only_the_groups_that_are_read_are_checked_and_kept() {
    let lookup = |name: &str| match name {
        "base_url" => Some("http://localhost".to_owned()),
        "sse_poll_ms" | "auth_mode" => Some("nonsense".to_owned()),
        "internal_token" => Some("a-token-that-is-long-enough-for-anybody".to_owned()),
        _ => None,
    };
    let settings = Settings::of_groups(&[Group::General, Group::Docs], &lookup).unwrap();
    assert_eq!((settings.base_url.as_str(), settings.sse_poll_ms), ("http://localhost", 2000));
    assert!(settings.internal_token.is_empty());
    let error = Settings::of_groups(&[Group::General, Group::Streams], &lookup).unwrap_err().to_string();
    assert!(error.starts_with("SSE_POLL_MS: "), "{error}");
}
