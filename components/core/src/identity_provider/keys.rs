//! The provider's public keys: fetched rarely, shared by all instances, and kept through an outage.
//!
//! | the instance or the cache knows | then |
//! |---|---|
//! | the key, from a fetch of the last 5 minutes | it is used |
//! | the key, from a fetch of the last 24 hours | the keys are fetched anew; while that is impossible or others do it, it is used |
//! | other keys only | they are fetched anew, once in 10 seconds for all unknown keys together |
//! | of a fetch that failed in the last 5 seconds | no other is tried |

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use jsonwebtoken::DecodingKey;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::cache;
use super::client::{self, Failure};
use mission_control_platform::settings::Settings;
use mission_control_platform::telemetry::{self, Level};

/// How long keys are used without asking again.
const FRESH_MS: u64 = 5 * 60 * 1000;

/// How long keys are used while they cannot be had anew.
const STALE_MS: u64 = 24 * 60 * 60 * 1000;

/// How long a key that the provider does not know is not asked for again, whichever it is.
const MISS_PAUSE_MS: u64 = 10 * 1000;

/// How long the provider is left alone after a failure.
const FAILURE_PAUSE_MS: u64 = 5 * 1000;

/// A fetch takes no longer.
const DEADLINE: Duration = Duration::from_secs(5);

/// Whoever promised to fetch and died is replaced in the next period of this length.
const LEASE_MS: u64 = 30 * 1000;

/// The pause between two looks at whether another instance has fetched.
const POLL: Duration = Duration::from_millis(100);

/// Looks, before giving up: a little more than the deadline of the fetch.
const POLLS: u32 = 55;

/// Keys taken over at the most.
const MAX_KEYS: usize = 32;

/// Bytes of the smallest modulus that RS256 may have (RFC 7518 §3.3).
const MIN_MODULUS_BYTES: usize = 256;

/// The provider cannot be asked, and what is known does not suffice.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outage;

/// What all instances know together.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Stored {
    keys: Vec<Jwk>,
    /// When the keys were fetched; 0 for never. All times are milliseconds since 1970.
    fetched_ms: u64,
    /// How many fetches ended, well or not.
    attempts: u64,
    /// When the last fetch failed; 0 if it did not.
    failed_ms: u64,
    /// When the keys were last fetched for one that was not among them, before or after.
    missed_ms: u64,
}

/// A public key of the key set, as far as RS256 needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Jwk {
    kid: String,
    n: String,
    e: String,
}

/// The same with keys that are ready for use.
#[derive(Default)]
struct Known {
    stored: Stored,
    keys: Vec<(String, Rc<DecodingKey>)>,
}

/// What to do about a key at some time.
enum Verdict {
    /// Use it.
    Use(Rc<DecodingKey>),
    /// The provider does not know it.
    Unknown,
    /// Nobody can say.
    Unavailable,
    /// Fetch, and meanwhile use it, if there is one.
    Fetch { meanwhile: Option<Rc<DecodingKey>>, is_fresh: bool },
}

thread_local! {
    static KNOWN: RefCell<Rc<Known>> = RefCell::default();
}

/// The key with this id, or `None` if the provider has no such key. `is_blocked` tells whether the caller has failed too
/// often to make us ask about an unknown one.
pub(super) async fn find(
    settings: &Settings,
    key_id: &str,
    is_blocked: impl AsyncFnOnce() -> bool,
) -> Result<Option<Rc<DecodingKey>>, Outage> {
    let place = Place::of(settings);
    let mut known = KNOWN.with_borrow(Rc::clone);
    if let Verdict::Fetch { .. } = known.judge(key_id, now_ms()) {
        known = place.reload();
    }
    let (meanwhile, is_fresh) = match known.judge(key_id, now_ms()) {
        Verdict::Use(key) => return Ok(Some(key)),
        Verdict::Unknown => return Ok(None),
        Verdict::Unavailable => return Err(Outage),
        Verdict::Fetch { meanwhile, is_fresh } => (meanwhile, is_fresh),
    };
    if is_fresh && is_blocked().await {
        return Ok(None);
    }
    let known = match place.lease(known.stored.attempts) {
        Some(lease) => {
            let known = fetch(settings, &place, &known.stored, key_id).await;
            cache::delete(&lease);
            known
        }
        None if meanwhile.is_some() => return Ok(meanwhile),
        None => place.wait_for_more_than(known.stored.attempts).await,
    };
    match known.judge(key_id, now_ms()) {
        Verdict::Use(key) => Ok(Some(key)),
        Verdict::Unknown | Verdict::Fetch { is_fresh: true, .. } => Ok(None),
        Verdict::Unavailable => Err(Outage),
        Verdict::Fetch { meanwhile, .. } => meanwhile.map(Some).ok_or(Outage),
    }
}

/// Fetches the keys and notes the outcome for everybody.
async fn fetch(settings: &Settings, place: &Place, before: &Stored, key_id: &str) -> Rc<Known> {
    let reply = client::call(settings, Method::GET, "/jwks", DEADLINE).await;
    let keys = reply.and_then(client::Reply::successful).and_then(|body| parse(&body).ok_or(Failure::Unreadable));
    let now = now_ms();
    let mut next = Stored { attempts: before.attempts + 1, ..before.clone() };
    match keys {
        Ok(keys) => {
            // While the keys are fresh, only one that is unknown is a reason to fetch.
            let was_fresh = now.saturating_sub(before.fetched_ms) < FRESH_MS;
            if was_fresh || !keys.iter().any(|key| key.kid == key_id) {
                next.missed_ms = now;
            }
            (next.keys, next.fetched_ms, next.failed_ms) = (keys, now, 0);
        }
        Err(failure) => {
            let fields = [("reason", telemetry::FieldValue::Shown(&failure))];
            telemetry::log(
                Level::Warning,
                "mission_control.identity",
                "the provider's keys could not be fetched",
                &fields,
            );
            next.failed_ms = now;
        }
    }
    if let Ok(bytes) = serde_json::to_vec(&next) {
        cache::set(&place.record(), bytes);
    }
    keep(next)
}

/// The keys of a key set that can check RS256; `None` if it is no key set.
fn parse(body: &[u8]) -> Option<Vec<Jwk>> {
    let set: Value = serde_json::from_slice(body).ok()?;
    Some(set.get("keys")?.as_array()?.iter().filter_map(usable).take(MAX_KEYS).collect())
}

fn usable(key: &Value) -> Option<Jwk> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let fits = |name: &str, value: &str| key.get(name).is_none_or(|given| given == value);
    if text("kty") != Some("RSA") || !fits("alg", "RS256") || !fits("use", "sig") {
        return None;
    }
    let (kid, n, e) = (text("kid")?, text("n")?, text("e")?);
    let modulus = URL_SAFE_NO_PAD.decode(n).ok()?;
    let is_strong = modulus.iter().skip_while(|byte| **byte == 0).count() >= MIN_MODULUS_BYTES;
    (is_strong && !kid.is_empty()).then(|| Jwk { kid: kid.to_owned(), n: n.to_owned(), e: e.to_owned() })
}

/// Makes this what the instance knows.
fn keep(stored: Stored) -> Rc<Known> {
    let ready = |key: &Jwk| {
        let parsed = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
        Some((key.kid.clone(), Rc::new(parsed)))
    };
    let keys = stored.keys.iter().filter_map(ready).collect();
    let known = Rc::new(Known { stored, keys });
    KNOWN.set(Rc::clone(&known));
    known
}

impl Known {
    fn judge(&self, key_id: &str, now_ms: u64) -> Verdict {
        let age_ms = now_ms.saturating_sub(self.stored.fetched_ms);
        let found = self.keys.iter().find(|(id, _)| id == key_id).filter(|_| age_ms < STALE_MS);
        let key = found.map(|(_, key)| Rc::clone(key));
        let is_fresh = age_ms < FRESH_MS;
        match key {
            Some(key) if is_fresh || self.has_failed(now_ms) => Verdict::Use(key),
            None if is_fresh && now_ms.saturating_sub(self.stored.missed_ms) < MISS_PAUSE_MS => Verdict::Unknown,
            None if self.has_failed(now_ms) => Verdict::Unavailable,
            meanwhile => Verdict::Fetch { meanwhile, is_fresh },
        }
    }

    fn has_failed(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.stored.failed_ms) < FAILURE_PAUSE_MS
    }
}

/// Where the shared knowledge of one provider is: another address or secret has keys of its own.
struct Place(String);

impl Place {
    fn of(settings: &Settings) -> Self {
        let source = format!("{}\n{}", client::base_url(settings), settings.clerk_secret_key.expose());
        let mut tag = hex::encode(Sha256::digest(source));
        tag.truncate(16);
        Self(tag)
    }

    fn record(&self) -> String {
        format!("provider_keys:{}", self.0)
    }

    /// What all instances know by now; what this one knows, if there is nothing.
    fn reload(&self) -> Rc<Known> {
        match cache::get(&self.record()).and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            Some(stored) => keep(stored),
            None => KNOWN.with_borrow(Rc::clone),
        }
    }

    /// The right to make the fetch after so many; one caller gets it, the first.
    fn lease(&self, attempts: u64) -> Option<String> {
        let key = format!("provider_keys_lease:{}:{attempts}:{}", self.0, now_ms() / LEASE_MS);
        (cache::increment(&key) == 1).then_some(key)
    }

    /// Waits until more fetches than these have ended, or for as long as one may take.
    async fn wait_for_more_than(&self, attempts: u64) -> Rc<Known> {
        for _ in 0..POLLS {
            let known = self.reload();
            if known.stored.attempts > attempts {
                return known;
            }
            client::pause(POLL).await;
        }
        self.reload()
    }
}

/// Wall clock, since the knowledge is shared.
fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;
    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_000_000_000_000;

    fn modulus(bytes: usize) -> String {
        URL_SAFE_NO_PAD.encode(vec![0xC1_u8; bytes])
    }

    fn jwk(kid: &str) -> Jwk {
        Jwk { kid: kid.to_owned(), n: modulus(256), e: "AQAB".to_owned() }
    }

    /// How key `a` is judged, in a word, when fetched, failed and missed so many milliseconds ago.
    fn judged(kid: &str, fetched: u64, failed: u64, missed: u64) -> &'static str {
        let stored = Stored {
            keys: vec![jwk("a")],
            fetched_ms: NOW.saturating_sub(fetched),
            attempts: 1,
            failed_ms: NOW.saturating_sub(failed),
            missed_ms: NOW.saturating_sub(missed),
        };
        match keep(stored).judge(kid, NOW) {
            Verdict::Use(_) => "use",
            Verdict::Unknown => "unknown",
            Verdict::Unavailable => "unavailable",
            Verdict::Fetch { meanwhile: Some(_), .. } => "fetch, use meanwhile",
            Verdict::Fetch { meanwhile: None, is_fresh } => {
                if is_fresh {
                    "fetch, fresh"
                } else {
                    "fetch"
                }
            }
        }
    }

    const LONG_AGO: u64 = NOW;

    #[test]
    fn a_known_key_is_used_as_long_as_it_can_be() {
        assert_eq!(judged("a", FRESH_MS - 1, LONG_AGO, LONG_AGO), "use");
        assert_eq!(judged("a", FRESH_MS, LONG_AGO, LONG_AGO), "fetch, use meanwhile");
        assert_eq!(judged("a", FRESH_MS, FAILURE_PAUSE_MS - 1, LONG_AGO), "use");
        assert_eq!(judged("a", STALE_MS, LONG_AGO, LONG_AGO), "fetch");
        assert_eq!(judged("a", STALE_MS, FAILURE_PAUSE_MS - 1, LONG_AGO), "unavailable");
    }

    #[test]
    fn an_unknown_key_is_asked_for_once_in_a_while() {
        assert_eq!(judged("b", 0, LONG_AGO, LONG_AGO), "fetch, fresh");
        assert_eq!(judged("b", 0, LONG_AGO, MISS_PAUSE_MS - 1), "unknown");
        assert_eq!(judged("b", 0, LONG_AGO, MISS_PAUSE_MS), "fetch, fresh");
        assert_eq!(judged("b", 0, FAILURE_PAUSE_MS - 1, LONG_AGO), "unavailable");
        assert_eq!(judged("b", FRESH_MS, LONG_AGO, 0), "fetch");
    }

    #[test]
    fn only_strong_rsa_keys_for_rs256_signatures_are_taken() {
        let key = |changes: Value| {
            let mut key =
                json!({"kid": "a", "kty": "RSA", "alg": "RS256", "use": "sig", "n": modulus(256), "e": "AQAB"});
            for (name, value) in changes.as_object().unwrap() {
                match value {
                    Value::Null => drop(key.as_object_mut().unwrap().remove(name)),
                    value => key[name] = value.clone(),
                }
            }
            parse(json!({"keys": [key]}).to_string().as_bytes()).unwrap().len()
        };
        for good in [json!({}), json!({"alg": null}), json!({"use": null}), json!({"n": modulus(512)})] {
            assert_eq!(key(good.clone()), 1, "{good}");
        }
        for bad in [
            json!({"kty": "EC"}),
            json!({"kty": "oct"}),
            json!({"alg": "HS256"}),
            json!({"use": "enc"}),
            json!({"kid": null}),
            json!({"kid": ""}),
            json!({"n": null}),
            json!({"n": "!"}),
            json!({"n": modulus(128)}),
            json!({"e": null}),
        ] {
            assert_eq!(key(bad.clone()), 0, "{bad}");
        }
        for none in ["", "[]", "{}", "{\"keys\": {}}", "<html>"] {
            assert_eq!(parse(none.as_bytes()), None, "{none}");
        }
    }

    #[test]
    fn one_caller_may_fetch_and_the_next_fetch_is_another_matter() {
        let place = Place("one caller".to_owned());
        // A period may end between two looks, so one of two tries must show it.
        let sole = || place.lease(7).is_some() && place.lease(7).is_none();
        assert!(sole() || sole());
        assert!(place.lease(8).is_some());
    }

    #[test]
    fn without_keys_an_outage_is_said_and_remembered() {
        let settings = Settings::default();
        let find = || find(&settings, "a", async || false).now_or_never().unwrap().map(|key| key.is_some());
        KNOWN.set(Rc::default());
        assert_eq!(find(), Err(Outage));
        assert_eq!(KNOWN.with_borrow(|known| known.stored.attempts), 1);
        assert_eq!(find(), Err(Outage));
        assert_eq!(KNOWN.with_borrow(|known| known.stored.attempts), 1);
    }

    #[test]
    fn a_blocked_caller_is_never_the_reason_to_ask_about_an_unknown_key() {
        let settings = Settings { clerk_api_url: "http://blocked".to_owned(), ..Settings::default() };
        keep(Stored { keys: vec![jwk("a")], fetched_ms: now_ms(), ..Stored::default() });
        let blocked = find(&settings, "b", async || true).now_or_never().unwrap();
        assert_eq!(blocked.map(|key| key.is_some()), Ok(false));
        assert_eq!(KNOWN.with_borrow(|known| known.stored.attempts), 0);
        let allowed = find(&settings, "b", async || false).now_or_never().unwrap();
        assert_eq!(allowed.map(|key| key.is_some()), Err(Outage));
    }

    #[test]
    fn another_secret_has_keys_of_its_own() {
        let place = |secret: &str| {
            Place::of(&Settings {
                clerk_secret_key: mission_control_platform::settings::Secret::new(secret),
                ..Settings::default()
            })
            .0
        };
        assert_eq!(place("one"), place("one"));
        assert_ne!(place("one"), place("two"));
    }
}
