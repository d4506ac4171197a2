//! Typed settings, read once per component instance from the application's variables.
//!
//! A variable has the lower-case name of the environment variable it replaces: `AUTH_MODE` is `auth_mode`. Errors
//! name the upper-case form, since that is what an operator sets, and never show a value.

mod parse;
mod rules;

use std::fmt;

use http::HeaderValue;

pub use parse::FieldError;

use crate::client_address::TrustedProxies;
use parse::Reader;

/// How people sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// Tokens of the identity provider.
    Clerk,
    /// One shared bearer token.
    Local,
}

/// Where the application keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The SQLite database with the label `default`.
    Sqlite,
    /// A `postgres://` or `postgresql://` URL; secret because it may hold a password.
    Postgres(Secret),
}

/// How hard SQLite makes a commit durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbSynchronous {
    /// Safe against a crash of the program; a power cut may lose the last commits, never the consistency.
    Normal,
    /// Safe against a power cut; one disk sync per commit.
    Full,
}

/// Where rate-limit counters live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimitBackend {
    /// The key-value store with the label `rate_limits`, shared by the instances of one host.
    Memory,
    /// A Redis server, shared by all hosts.
    Redis,
}

/// Form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// `<time> <LEVEL> <logger> <message> key=value ...`.
    Text,
}

/// Text that must not be shown: `Debug` and `Display` print `***`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text` as it is.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for comparing or sending; never for logs or answers.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why the settings cannot be used. `Display` gives the exact texts and never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// Values that do not fit their type, in declaration order; shown as `NAME: message` joined with `; `.
    Fields(Vec<FieldError>),
    /// Values that fit their types but not each other: the first broken rule.
    Rule(&'static str),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(message) => f.write_str(message),
            Self::Fields(errors) => {
                let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("; "))
            }
        }
    }
}

impl std::error::Error for SettingsError {}

/// Settings that are read together. A component names the groups that it reads; it is given no others, and only theirs are
/// checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What every answer and log line depends on.
    General,
    /// Where the data is.
    Database,
    /// How people sign in.
    SignIn,
    /// Rate limits of callers, and where their counters live.
    Limits,
    /// Invitations to organizations.
    Invitations,
    /// Secrets that are derived instead of stored.
    Keys,
    /// Event streams.
    Streams,
    /// Agents and their gateways.
    Agents,
    /// Taking in the events of webhooks.
    Webhooks,
    /// What happens after answers.
    Jobs,
    /// What is kept, and how long.
    Retention,
    /// The operator's own routes.
    Operator,
    /// The pages about the API.
    Docs,
}

impl Group {
    /// Every group.
    pub const ALL: &'static [Self] = &[
        Self::General,
        Self::Database,
        Self::SignIn,
        Self::Limits,
        Self::Invitations,
        Self::Keys,
        Self::Streams,
        Self::Agents,
        Self::Webhooks,
        Self::Jobs,
        Self::Retention,
        Self::Operator,
        Self::Docs,
    ];
}

/// The names of all variables of these groups, in the order of [`NAMES`].
pub fn names_of(groups: &[Group]) -> impl Iterator<Item = &'static str> {
    NAMES.iter().zip(GROUPS).filter(|(_, group)| groups.contains(group)).map(|(name, _)| *name)
}

/// Declares the settings once: the field, its documentation, and how it is read. [`NAMES`] and
/// [`Settings::from_lookup`] follow from it, so that no variable can be read without being declared.
macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident in $group:ident: $type:ty = |$reader:ident, $name:ident| $read:expr;)*) => {
        /// Every setting of the application, valid and with defaults applied.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $($(#[$doc])* pub $field: $type,)*
        }

        /// Names of all variables, lower case, in declaration order.
        pub const NAMES: &[&str] = &[$(stringify!($field)),*];

        /// The group of each variable, in the order of [`NAMES`].
        const GROUPS: &[Group] = &[$(Group::$group),*];

        impl Settings {
            /// Reads the fields of these groups and gives the others their defaults; the caller checks the reader for errors
            /// before using any of them.
            fn read(reader: &mut Reader<'_>, groups: &[Group]) -> Self {
                let mut unset = Reader::new(&|_| None);
                Self {
                    $($field: {
                        let reader = if groups.contains(&Group::$group) { &mut *reader } else { &mut unset };
                        let ($reader, $name) = (reader, stringify!($field));
                        $read
                    },)*
                }
            }
        }
    };
}

impl Default for Settings {
    /// What every setting is when nothing is set: for answers that are owed even when the settings are wrong. Not
    /// valid as a whole, since the sign-in mode has no default.
    fn default() -> Self {
        Self::read(&mut Reader::new(&|_| None), &[])
    }
}

settings! {
    /// Name of the environment; only the exact value `dev` has an effect (automatic migrations).
    environment in General: String = |r, name| r.text(name, "dev");
    /// Where the data is; empty means SQLite.
    database_url in Database: DatabaseUrl = |r, name| rules::database_url(r, name);
    /// Durability of SQLite commits.
    db_synchronous in Database: DbSynchronous = |r, name| {
        r.choice(name, &[("normal", DbSynchronous::Normal), ("full", DbSynchronous::Full)])
            .unwrap_or(DbSynchronous::Normal)
    };
    /// How long Postgres waits for a lock, in milliseconds; 0: as the server is configured.
    db_lock_timeout_ms in Database: u32 = |r, name| r.integer(name, 5_000, 0);
    /// How long Postgres works on one statement, in milliseconds; 0: as the server is configured.
    db_statement_timeout_ms in Database: u32 = |r, name| r.integer(name, 30_000, 0);
    /// How long Postgres waits for the next statement of a transaction, in milliseconds; 0: as the server is configured.
    db_idle_in_transaction_timeout_ms in Database: u32 = |r, name| r.integer(name, 30_000, 0);
    /// How people sign in; the one setting without a default.
    auth_mode in SignIn: AuthMode = |r, name| rules::auth_mode(r, name);
    /// Shared bearer token of the local mode, trimmed; at least 50 characters in that mode.
    local_auth_token in SignIn: Secret = |r, name| r.secret(name);
    /// Provider secret, trimmed; not empty in that mode.
    clerk_secret_key in SignIn: Secret = |r, name| r.secret(name);
    /// The origin of the provider's API, which is also the only address that components reach besides the stores.
    clerk_api_url in SignIn: String = |r, name| rules::origin(r, name, "https://api.clerk.com");
    /// The only issuer whose tokens are taken; empty takes any issuer that signs with the provider's keys.
    clerk_issuer in SignIn: String = |r, name| r.text(name, "");
    /// The front ends whose tokens are taken, as they stand in `azp`; empty takes all.
    clerk_authorized_parties in SignIn: Vec<String> = |r, name| rules::comma_separated(&r.text(name, ""));
    /// Whether a token that says it was made in the future is refused.
    clerk_verify_iat in SignIn: bool = |r, name| r.boolean(name, true);
    /// Clock skew allowed for provider tokens, in seconds.
    clerk_leeway in SignIn: f64 = |r, name| r.number(name, 10.0);
    /// Origins that browsers may call from; `*` allows any, without credentials. Empty: no CORS handling.
    cors_origins in General: Vec<String> = |r, name| rules::comma_separated(&r.text(name, ""));
    /// Public base URL told to agents and webhooks: absolute http(s), no trailing slash.
    base_url in General: String = |r, name| r.text(name, "");
    /// `None`: header not sent.
    security_header_x_content_type_options in General: Option<HeaderValue> = |r, name| r.header(name, Some("nosniff"));
    /// `None`: header not sent.
    security_header_x_frame_options in General: Option<HeaderValue> = |r, name| r.header(name, Some("DENY"));
    /// `None`: header not sent.
    security_header_referrer_policy in General: Option<HeaderValue> = |r, name| {
        r.header(name, Some("strict-origin-when-cross-origin"))
    };
    /// `None`: header not sent.
    security_header_permissions_policy in General: Option<HeaderValue> = |r, name| r.header(name, None);
    /// Largest body of a webhook call, in bytes; a negative value refuses every body.
    webhook_max_payload_bytes in Webhooks: i64 = |r, name| r.integer(name, 1_048_576, i64::MIN);
    /// Characters of a webhook payload shown in the board memory entry made from it.
    webhook_payload_preview_chars in Jobs: usize = |r, name| r.integer(name, 4000, 0);
    /// Largest request body of any other route, in bytes, at least 1.
    max_body_bytes in General: usize = |r, name| r.integer(name, 1_048_576, 1);
    /// Where rate-limit counters live.
    rate_limit_backend in Limits: RateLimitBackend = |r, name| {
        r.choice(name, &[("memory", RateLimitBackend::Memory), ("redis", RateLimitBackend::Redis)])
            .unwrap_or(RateLimitBackend::Memory)
    };
    /// Redis server of the rate limits; `rq_redis_url` when blank. Secret because it may hold a password.
    rate_limit_redis_url in Limits: Secret = |r, name| rules::redis_url(r, name, "");
    /// Failed agent sign-ins a minute and client address; 0 is unlimited.
    agent_auth_limit in Limits: u32 = |r, name| r.integer(name, 20, 0);
    /// Requests a minute and agent after a successful sign-in; 0 is unlimited.
    agent_request_limit in Limits: u32 = |r, name| r.integer(name, 0, 0);
    /// Failed sign-ins of people a minute and client address; 0 is unlimited.
    user_auth_limit in Limits: u32 = |r, name| r.integer(name, 30, 0);
    /// Webhook calls a minute and client address; 0 is unlimited.
    webhook_ingest_limit in Webhooks: u32 = |r, name| r.integer(name, 60, 0);
    /// Proxies whose forwarding headers are believed.
    trusted_proxies in General: TrustedProxies = |r, name| rules::trusted_proxies(r, name);
    /// Whether pending migrations run on first use; on by default in the environment `dev`.
    db_auto_migrate in Database: bool = |r, name| r.boolean(name, false);
    /// Accepted for compatibility, and the fallback of `rate_limit_redis_url`; may hold a password.
    rq_redis_url in Limits: Secret = |r, name| rules::redis_url(r, name, "redis://localhost:6379/0");
    /// Attempts per item.
    rq_dispatch_max_retries in Jobs: i64 = |r, name| r.integer(name, 3, i64::MIN);
    /// First back-off, in seconds; doubles with each attempt.
    rq_dispatch_retry_base_seconds in Jobs: f64 = |r, name| r.number(name, 10.0);
    /// Longest back-off, in seconds.
    rq_dispatch_retry_max_seconds in Jobs: f64 = |r, name| r.number(name, 120.0);
    /// Pause between two heartbeats of an agent that the activity log shows while nothing changes, in seconds; 0: all.
    heartbeat_event_seconds in Agents: u32 = |r, name| r.integer(name, 60, 0);
    /// How long activity events other than comments are kept, in days; 0: for ever.
    activity_keep_days in Retention: u32 = |r, name| r.integer(name, 90, 0);
    /// How many activity events of an organization are kept; 0: all.
    activity_keep_rows in Retention: u32 = |r, name| r.integer(name, 1_000_000, 0);
    /// How long webhook payloads are kept, in days; 0: for ever.
    payload_keep_days in Retention: u32 = |r, name| r.integer(name, 90, 0);
    /// How many payloads of a webhook are kept; 0: all.
    payload_keep_rows in Retention: u32 = |r, name| r.integer(name, 10_000, 0);
    /// How long acknowledged messages are kept, in days; 0: for ever.
    inbox_keep_days in Retention: u32 = |r, name| r.integer(name, 30, 0);
    /// How many acknowledged messages are kept; 0: all.
    inbox_keep_rows in Retention: u32 = |r, name| r.integer(name, 100_000, 0);
    /// How long jobs are kept that are done, in days; 0: for ever.
    job_keep_days in Retention: u32 = |r, name| r.integer(name, 1, 0);
    /// How many jobs are kept that are done, and as many that are dead; 0: all.
    job_keep_rows in Retention: u32 = |r, name| r.integer(name, 100_000, 0);
    /// How long an agent's previous token stays valid after a rotation, in seconds.
    agent_token_grace_seconds in Agents: u32 = |r, name| r.integer(name, 300, 0);
    /// Bearer token of `POST /internal/tick`, trimmed; empty: that route answers 404.
    internal_token in Operator: Secret = |r, name| r.secret(name);
    /// The server's key, from which tokens of invitations are derived, trimmed; empty: one is kept in the database.
    secret_key in Keys: Secret = |r, name| r.secret(name);
    /// How long an invitation can be accepted, in hours; 0: for ever.
    invite_ttl_hours in Invitations: u32 = |r, name| r.integer(name, 336, 0);
    /// Whether an organization that signing in makes starts with the default skill packs.
    default_skill_packs in SignIn: bool = |r, name| r.boolean(name, true);
    /// Whether `/docs`, `/redoc` and `/openapi.json` are served.
    docs_enabled in Docs: bool = |r, name| r.boolean(name, true);
    /// Longest life of an event stream, in seconds, at least 1.
    sse_max_seconds in Streams: u32 = |r, name| r.integer(name, 600, 1);
    /// Pause between two looks for new events, in milliseconds, at least 10.
    sse_poll_ms in Streams: u32 = |r, name| r.integer(name, 2000, 10);
    /// Event streams that a page, told by its `Origin`, may have open for one caller and address; 0 is unlimited.
    sse_page_streams in Streams: u32 = |r, name| r.integer(name, 4, 0);
    /// Event streams that one caller may have open; 0 is unlimited.
    sse_caller_streams in Streams: u32 = |r, name| r.integer(name, 64, 0);
    /// Lowest level logged: a level's name in any case or its number; unknown names mean INFO.
    log_level in General: String = |r, name| r.text(name, "INFO");
    /// Form of a log line: `json` in any case, anything else is text.
    log_format in General: LogFormat = |r, name| rules::log_format(&r.text(name, "text"));
    /// Requests that take at least this long are logged as slow, in milliseconds; 0: none.
    request_log_slow_ms in General: u64 = |r, name| r.integer(name, 1000, 0);
    /// Whether requests of the health routes are logged.
    request_log_include_health in General: bool = |r, name| r.boolean(name, false);
}

impl Settings {
    /// Reads and checks all settings, as [`Settings::of_groups`] does.
    ///
    /// # Errors
    /// As [`Settings::of_groups`].
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        Self::of_groups(Group::ALL, lookup)
    }

    /// Reads and checks the settings of these groups; the others have their defaults. `lookup` gets the lower-case names
    /// of [`NAMES`].
    ///
    /// An empty value means "not set". Type errors of all fields are reported together; only when there are none
    /// are the rules across fields checked, and the first broken one is reported.
    ///
    /// # Errors
    /// What is wrong, without any value.
    pub fn of_groups(groups: &[Group], lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let mut settings = Self::read(&mut reader, groups);
        let auto_migrate_given = reader.raw("db_auto_migrate").is_some();
        reader.finish().map_err(SettingsError::Fields)?;

        settings.base_url = settings.base_url.trim().to_owned();
        rules::check(&settings, groups).map_err(SettingsError::Rule)?;
        settings.base_url.truncate(settings.base_url.trim_end_matches('/').len());
        if settings.rate_limit_redis_url.is_empty() && settings.rate_limit_backend == RateLimitBackend::Redis {
            settings.rate_limit_redis_url = settings.rq_redis_url.clone();
        }
        if !auto_migrate_given && settings.environment == "dev" {
            settings.db_auto_migrate = true;
        }
        Ok(settings)
    }
}

/// Reads the settings of these groups from the component's Spin variables.
///
/// All variables are asked for at once, since a provider may be a network service.
///
/// # Errors
/// As [`Settings::of_groups`], or a variable that cannot be read.
#[cfg(target_arch = "wasm32")]
pub async fn load(groups: &[Group]) -> Result<Settings, SettingsError> {
    use spin_sdk::variables::{self, Error};

    let read = names_of(groups).map(|name| async move {
        match variables::get(name).await {
            Ok(value) => Ok((name, Some(value))),
            Err(Error::Undefined(_)) => Ok((name, None)),
            // The provider's own text may quote addresses or credentials.
            Err(_) => Err(FieldError {
                name: name.to_ascii_uppercase(),
                message: "The variable could not be read from its provider".to_owned(),
            }),
        }
    });
    let (mut values, mut errors) = (std::collections::HashMap::new(), Vec::new());
    for result in futures::future::join_all(read).await {
        match result {
            Ok((name, value)) => drop(values.insert(name, value)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(SettingsError::Fields(errors));
    }
    Settings::of_groups(groups, &|name| values.get(name).cloned().flatten())
}

#[cfg(test)]
mod tests;
