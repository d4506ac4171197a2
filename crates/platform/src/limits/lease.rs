//! Leases: how many things one holder may have open at once, counted across instances.
//!
//! A lease is claimed for the running segment of time and the next one, and prolonged by whoever holds it: the counter
//! of a segment is then the number of leases held in it, whenever they were taken. One whose holder died is forgotten
//! with the segments that it was claimed for.

use std::time::Duration;

use super::window::{Limiter, SEGMENT_MS, Store, counter};
use super::{StoreError, bounded, limiter, log_unavailable, now_ms, redis};
use crate::settings::{RateLimitBackend, Secret, Settings};

/// A lease must be prolonged at least this often, and counts for at most twice as long after its holder died.
pub const PROLONG_WITHIN: Duration = Duration::from_millis(SEGMENT_MS);

/// Seconds for which a lease in Redis counts.
const TERM_SECONDS: u64 = 2 * SEGMENT_MS / 1000;

/// One of the things that a holder has open; given back when it is dropped.
#[derive(Debug)]
pub struct Lease {
    key: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// The store is out of reach: nothing is counted.
    Nowhere,
    /// The instance's counters, claimed up to and including this segment.
    Counters { until: u64 },
    /// A member of a sorted set.
    Redis { url: Secret, member: String, due_ms: u64 },
}

/// Takes a lease for `holder`; `None` when it has `limit` of them. No limit and no reachable store refuse nobody.
pub async fn lease(settings: &Settings, holder: &str, limit: u32) -> Option<Lease> {
    let (key, now_ms) = (format!("lease:{}", bounded(holder)), now_ms());
    let taken = match settings.rate_limit_backend {
        _ if limit == 0 => Ok(Some(Place::Nowhere)),
        RateLimitBackend::Memory => limiter()
            .and_then(|limiter| claim(&limiter, &key, limit, now_ms))
            .map(|until| until.map(|until| Place::Counters { until })),
        RateLimitBackend::Redis => {
            let (url, member) = (settings.rate_limit_redis_url.clone(), uuid::Uuid::new_v4().simple().to_string());
            let taken = redis::lease(url.expose(), &key, limit, &member, now_ms, TERM_SECONDS).await;
            taken.map(|taken| taken.then_some(Place::Redis { url, member, due_ms: now_ms + SEGMENT_MS / 2 }))
        }
    };
    let place = taken.unwrap_or_else(|error| {
        log_unavailable("lease", &key, &error);
        Some(Place::Nowhere)
    })?;
    Some(Lease { key, place })
}

impl Lease {
    /// Holds it for longer. Cheap when that is not due yet.
    pub async fn prolong(&mut self) {
        let now_ms = now_ms();
        let prolonged = match &mut self.place {
            Place::Nowhere => return,
            Place::Counters { until } => limiter().and_then(|limiter| prolong(&limiter, &self.key, until, now_ms)),
            Place::Redis { due_ms, .. } if now_ms < *due_ms => return,
            Place::Redis { url, member, due_ms } => {
                *due_ms = now_ms + SEGMENT_MS / 2;
                redis::lease(url.expose(), &self.key, u32::MAX, member, now_ms, TERM_SECONDS).await.map(drop)
            }
        };
        if let Err(error) = prolonged {
            log_unavailable("lease", &self.key, &error);
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.place, Place::Nowhere) {
            Place::Nowhere => {}
            Place::Counters { until } => {
                // What cannot be given back runs out.
                let _ = limiter().and_then(|limiter| release(&limiter, &self.key, until, now_ms()));
            }
            Place::Redis { url, member, .. } => release_in_redis(url, std::mem::take(&mut self.key), member),
        }
    }
}

#[cfg(target_arch = "wasm32")]
fn release_in_redis(url: Secret, key: String, member: String) {
    spin_sdk::wit_bindgen::spawn(async move {
        // What cannot be given back runs out.
        let _ = redis::release(url.expose(), &key, &member).await;
    });
}

/// Native builds have no Redis.
#[cfg(not(target_arch = "wasm32"))]
fn release_in_redis(_: Secret, _: String, _: String) {}

/// Claims this segment and the next, and gives the last one claimed.
fn claim<S: Store>(limiter: &Limiter<S>, key: &str, limit: u32, now_ms: u64) -> Result<Option<u64>, StoreError> {
    let segment = now_ms / SEGMENT_MS;
    let held = limiter.store.add(&counter(segment, key), 1)?;
    limiter.sweep_once(segment);
    if held > u64::from(limit) {
        limiter.store.add(&counter(segment, key), -1)?;
        return Ok(None);
    }
    limiter.store.add(&counter(segment + 1, key), 1)?;
    Ok(Some(segment + 1))
}

fn prolong<S: Store>(limiter: &Limiter<S>, key: &str, until: &mut u64, now_ms: u64) -> Result<(), StoreError> {
    let segment = now_ms / SEGMENT_MS;
    for claimed in segment.max(*until + 1)..=segment + 1 {
        limiter.store.add(&counter(claimed, key), 1)?;
        *until = claimed;
    }
    Ok(())
}

fn release<S: Store>(limiter: &Limiter<S>, key: &str, until: u64, now_ms: u64) -> Result<(), StoreError> {
    let segments = now_ms / SEGMENT_MS..=until;
    segments.into_iter().try_for_each(|segment| limiter.store.add(&counter(segment, key), -1).map(drop))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::memory::Memory;

    const T0: u64 = 1_700_000_000_000 / SEGMENT_MS * SEGMENT_MS;

    fn held(limiter: &Limiter<Memory>, now_ms: u64) -> u64 {
        limiter.store.get(&counter(now_ms / SEGMENT_MS, "k")).unwrap()
    }

    #[test]
    fn a_holder_has_as_many_as_the_limit_and_gets_more_for_what_it_gives_back() {
        let limiter = Limiter::new(Memory::default());
        let first = claim(&limiter, "k", 2, T0).unwrap().unwrap();
        assert!(claim(&limiter, "k", 2, T0 + 1).unwrap().is_some());
        for now in [T0 + 2, T0 + SEGMENT_MS, T0 + SEGMENT_MS + 1] {
            assert_eq!(claim(&limiter, "k", 2, now), Ok(None));
        }
        assert!(claim(&limiter, "other", 2, T0 + 2).unwrap().is_some());
        release(&limiter, "k", first, T0 + SEGMENT_MS + 2).unwrap();
        assert!(claim(&limiter, "k", 2, T0 + SEGMENT_MS + 3).unwrap().is_some());
    }

    #[test]
    fn a_lease_that_is_prolonged_counts_for_ever_and_one_that_is_not_is_forgotten() {
        let limiter = Limiter::new(Memory::default());
        let mut until = claim(&limiter, "k", 2, T0 + 5).unwrap().unwrap();
        claim(&limiter, "k", 2, T0 + 5).unwrap().unwrap();
        for step in 1..50 {
            let now = T0 + step * SEGMENT_MS / 3;
            prolong(&limiter, "k", &mut until, now).unwrap();
            let expected = if now < T0 + 2 * SEGMENT_MS { 2 } else { 1 };
            assert_eq!(held(&limiter, now), expected, "{step}");
        }
        // One that slept for too long is counted again as soon as it wakes.
        let late = T0 + 100 * SEGMENT_MS;
        assert_eq!(held(&limiter, late), 0);
        prolong(&limiter, "k", &mut until, late).unwrap();
        assert_eq!((held(&limiter, late), held(&limiter, late + SEGMENT_MS)), (1, 1));
        release(&limiter, "k", until, late + 1).unwrap();
        assert_eq!((held(&limiter, late), held(&limiter, late + SEGMENT_MS)), (0, 0));
    }
}
