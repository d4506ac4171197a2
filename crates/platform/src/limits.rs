//! Rate limits: at most so many attempts per key in a sliding minute.
//!
//! Attempts that were denied count too: who keeps calling too fast stays blocked until slowing down. A limiter that
//! cannot reach its counters lets everybody through and says so in the log: it guards the service and must not
//! take it down.

mod lease;
mod redis;
mod window;

#[cfg(target_arch = "wasm32")]
mod key_value;
#[cfg(not(target_arch = "wasm32"))]
mod memory;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::rc::Rc;
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::client_address::client_of;
use crate::settings::{RateLimitBackend, Settings};
use crate::telemetry::{self, Level};

pub use lease::{Lease, PROLONG_WITHIN, lease};
pub use window::{Store, StoreError};

/// Length of the sliding window, in seconds.
pub const WINDOW_SECONDS: u32 = 60;

/// Longest key text kept as it is, in bytes.
const MAX_KEY_BYTES: usize = 64;

/// What is limited; each has its own counters and its own limit in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// Failed sign-ins of agents, by client address.
    AgentAuth,
    /// Failed sign-ins of people, by client address.
    UserAuth,
    /// Calls of public webhooks, by client address.
    WebhookIngest,
    /// Requests of agents that are signed in, by agent id.
    Agent,
}

impl Namespace {
    /// Name in counters, logs and headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentAuth => "agent_auth",
            Self::UserAuth => "user_auth",
            Self::WebhookIngest => "webhook_ingest",
            Self::Agent => "agent",
        }
    }

    /// What attempts are counted by: every address of one client is one key.
    fn key(self, key: &str) -> String {
        let client = match self {
            Self::AgentAuth | Self::UserAuth | Self::WebhookIngest => Cow::Owned(client_of(key)),
            Self::Agent => Cow::Borrowed(key),
        };
        format!("{}:{}", self.name(), bounded(&client))
    }

    /// Attempts allowed in the window; 0 is unlimited.
    fn limit(self, settings: &Settings) -> u32 {
        match self {
            Self::AgentAuth => settings.agent_auth_limit,
            Self::UserAuth => settings.user_auth_limit,
            Self::WebhookIngest => settings.webhook_ingest_limit,
            Self::Agent => settings.agent_request_limit,
        }
    }
}

/// Answer of a limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Whether the attempt may go on.
    pub allowed: bool,
    /// Attempts allowed in the window; 0 when there is no limit.
    pub limit: u32,
    /// Attempts left; `u32::MAX` when there is no limit.
    pub remaining: u32,
    /// When denied: seconds until an attempt is allowed, at least 1, if none is made before. When allowed: seconds
    /// until all attempts are forgotten.
    pub reset_seconds: u32,
}

impl Decision {
    /// The answer where there is no limit.
    pub const UNLIMITED: Self = Self { allowed: true, limit: 0, remaining: u32::MAX, reset_seconds: 0 };

    /// The answer while the counters cannot be reached.
    #[must_use]
    pub const fn open(limit: u32) -> Self {
        Self { allowed: true, limit, remaining: limit, reset_seconds: 0 }
    }
}

/// Whether a look at a limiter counts as an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Count,
    Peek,
}

/// Counts one attempt for `key` and tells whether it may go on.
pub async fn check(settings: &Settings, namespace: Namespace, key: &str) -> Decision {
    decide(settings, namespace, key, Attempt::Count).await
}

/// Tells whether an attempt for `key` could go on, without counting one.
///
/// Where only failures are to count: peek before, and [`check`] after a failure.
pub async fn peek(settings: &Settings, namespace: Namespace, key: &str) -> Decision {
    decide(settings, namespace, key, Attempt::Peek).await
}

async fn decide(settings: &Settings, namespace: Namespace, key: &str, attempt: Attempt) -> Decision {
    let limit = namespace.limit(settings);
    if limit == 0 {
        return Decision::UNLIMITED;
    }
    let key = namespace.key(key);
    let now_ms = now_ms();
    let result = match settings.rate_limit_backend {
        RateLimitBackend::Memory => limiter().and_then(|limiter| limiter.decide(&key, limit, attempt, now_ms)),
        RateLimitBackend::Redis => {
            redis::decide(settings.rate_limit_redis_url.expose(), &key, limit, attempt, now_ms).await
        }
    };
    result.unwrap_or_else(|error| {
        log_unavailable(namespace.name(), &key, &error);
        Decision::open(limit)
    })
}

/// Says that nothing was counted; once for each failure, not while the store is left alone after one.
fn log_unavailable(namespace: &str, key: &str, error: &StoreError) {
    if !matches!(error, StoreError::Paused) {
        let fields = [("namespace", namespace.into()), ("key", key.into()), ("error", error.text().into())];
        let message = "rate limits cannot work: requests are let through";
        telemetry::log(Level::Error, "mission_control.limits", message, &fields);
    }
}

/// A long key text is replaced by the start of its SHA-256, so that nobody can fill the store with long keys.
fn bounded(key: &str) -> String {
    if key.len() <= MAX_KEY_BYTES {
        return key.to_owned();
    }
    let mut hash = hex::encode(Sha256::digest(key));
    hash.truncate(32);
    hash
}

/// Wall clock, since counters are shared by instances; milliseconds since 1970.
fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(target_arch = "wasm32")]
type InstanceStore = key_value::KeyValue;
#[cfg(not(target_arch = "wasm32"))]
type InstanceStore = memory::Memory;

/// The limiter of this instance; its store is opened with the first use.
fn limiter() -> Result<Rc<window::Limiter<InstanceStore>>, StoreError> {
    thread_local! {
        static LIMITER: OnceCell<Rc<window::Limiter<InstanceStore>>> = const { OnceCell::new() };
    }
    LIMITER.with(|cell| {
        if let Some(limiter) = cell.get() {
            return Ok(Rc::clone(limiter));
        }
        #[cfg(target_arch = "wasm32")]
        let store = key_value::KeyValue::open()?;
        #[cfg(not(target_arch = "wasm32"))]
        let store = memory::Memory::default();
        Ok(Rc::clone(cell.get_or_init(|| Rc::new(window::Limiter::new(store)))))
    })
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    /// Natively no limiter ever waits.
    fn block_on<T>(decision: impl Future<Output = T>) -> T {
        decision.now_or_never().unwrap()
    }

    fn settings(changes: &'static [(&str, &str)]) -> Settings {
        let base = [("auth_mode", "clerk"), ("clerk_secret_key", "key"), ("base_url", "http://localhost")];
        Settings::from_lookup(&|name| {
            let mut pairs = changes.iter().chain(&base);
            pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_string())
        })
        .unwrap()
    }

    #[test]
    fn failures_alone_count_when_peeked_before() {
        let settings = settings(&[("agent_auth_limit", "2")]);
        let peeked = || block_on(peek(&settings, Namespace::AgentAuth, "192.0.2.1"));
        for _ in 0..5 {
            assert!(peeked().allowed);
        }
        assert_eq!(block_on(check(&settings, Namespace::AgentAuth, "192.0.2.1")).remaining, 1);
        assert_eq!(block_on(check(&settings, Namespace::AgentAuth, "192.0.2.1")).remaining, 0);
        assert!(!peeked().allowed);
        assert!(block_on(peek(&settings, Namespace::AgentAuth, "192.0.2.2")).allowed, "another address");
        assert!(block_on(peek(&settings, Namespace::UserAuth, "192.0.2.1")).allowed, "another namespace");
    }

    #[test]
    fn every_address_of_a_client_counts_as_one() {
        let settings = settings(&[("webhook_ingest_limit", "1"), ("agent_request_limit", "1")]);
        let allowed = |namespace, key| block_on(check(&settings, namespace, key)).allowed;
        assert!(allowed(Namespace::WebhookIngest, "2001:db8:0:1::1"));
        assert!(!allowed(Namespace::WebhookIngest, "2001:db8:0:1:ffff::2"));
        assert!(allowed(Namespace::WebhookIngest, "2001:db8:0:2::1"));
        assert!(allowed(Namespace::WebhookIngest, "198.51.100.1"));
        assert!(allowed(Namespace::WebhookIngest, "198.51.100.2"));
        assert!(!allowed(Namespace::WebhookIngest, "198.51.100.1"));
        assert!(allowed(Namespace::Agent, "an agent"));
    }

    #[test]
    fn a_limit_of_zero_is_none() {
        let decision = block_on(check(&settings(&[]), Namespace::Agent, "a"));
        assert_eq!(decision, Decision::UNLIMITED);
    }

    #[test]
    fn an_unreachable_store_lets_everybody_through() {
        let settings = settings(&[("rate_limit_backend", "redis"), ("webhook_ingest_limit", "1")]);
        for _ in 0..3 {
            assert_eq!(block_on(check(&settings, Namespace::WebhookIngest, "a")), Decision::open(1));
        }
    }

    #[test]
    fn long_keys_are_hashed() {
        assert_eq!(bounded(&"k".repeat(64)), "k".repeat(64));
        let hashed = bounded(&"k".repeat(65));
        assert_eq!(hashed.len(), 32);
        assert_ne!(hashed, bounded(&"k".repeat(66)));
    }
}
