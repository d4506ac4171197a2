//! Exact sliding windows in Redis: a sorted set of attempt times per key, changed by one atomic script.

#[cfg(target_arch = "wasm32")]
mod client;

use super::{Attempt, Decision, StoreError, WINDOW_SECONDS};

/// Drops expired attempts, judges, and, when `ARGV[5]` names a member, records the attempt: a denied one in place of
/// the oldest, so that a set never holds more than the limit.
///
/// `ARGV`: time now, time of expiry, limit, seconds to live, member or empty text. The answer is one text, since a
/// nested answer would reach a component flattened: `<1|0> <attempts> <time>`, where the time is that of the oldest
/// attempt when denied and of the newest when allowed.
const SCRIPT: &str = r"
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local count = redis.call('ZCARD', KEYS[1])
local limit = tonumber(ARGV[3])
local allowed = count < limit
if ARGV[5] ~= '' then
  if not allowed then
    redis.call('ZREMRANGEBYRANK', KEYS[1], 0, count - limit)
  end
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5])
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  count = redis.call('ZCARD', KEYS[1])
end
local rank = allowed and -1 or 0
local edge = redis.call('ZRANGE', KEYS[1], rank, rank, 'WITHSCORES')
return (allowed and '1' or '0') .. ' ' .. count .. ' ' .. (edge[2] or ARGV[2])
";

/// Takes or prolongs a lease: drops those that ran out, refuses a new one where as many as the limit are left, and writes
/// when this one runs out.
///
/// `ARGV`: time now, time of its end, limit, seconds to live, member.
const LEASE_SCRIPT: &str = r"
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
if not redis.call('ZSCORE', KEYS[1], ARGV[5]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then
  return '0'
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[5])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return '1'
";

/// Gives a lease back. `ARGV`: member.
#[cfg(target_arch = "wasm32")]
const RELEASE_SCRIPT: &str = r"
redis.call('ZREM', KEYS[1], ARGV[1])
return '1'
";

/// Takes the lease `member` of `key` for `seconds`, or prolongs it; false when `limit` others are held.
pub(super) async fn lease(
    url: &str,
    key: &str,
    limit: u32,
    member: &str,
    now_ms: u64,
    seconds: u64,
) -> Result<bool, StoreError> {
    let arguments = vec![
        LEASE_SCRIPT.to_owned(),
        "1".to_owned(),
        format!("lease:{key}"),
        seconds_text(now_ms),
        seconds_text(now_ms + seconds * 1000),
        limit.to_string(),
        (seconds + 1).to_string(),
        member.to_owned(),
    ];
    Ok(client::eval(url, arguments).await? == "1")
}

/// Gives the lease `member` of `key` back.
#[cfg(target_arch = "wasm32")]
pub(super) async fn release(url: &str, key: &str, member: &str) -> Result<(), StoreError> {
    let key = format!("lease:{key}");
    client::eval(url, vec![RELEASE_SCRIPT.to_owned(), "1".to_owned(), key, member.to_owned()]).await.map(drop)
}

/// Decides about an attempt for `key` at `now_ms` (milliseconds since 1970), counting it if asked to.
pub(super) async fn decide(
    url: &str,
    key: &str,
    limit: u32,
    attempt: Attempt,
    now_ms: u64,
) -> Result<Decision, StoreError> {
    let reply = client::eval(url, arguments(key, limit, attempt, now_ms)).await?;
    decision(&reply, limit, now_ms).ok_or_else(|| StoreError::Failed("unexpected answer of Redis".to_owned()))
}

/// Arguments of `EVAL`.
fn arguments(key: &str, limit: u32, attempt: Attempt, now_ms: u64) -> Vec<String> {
    let now = seconds_text(now_ms);
    let member = match attempt {
        // Two attempts of one millisecond need different members.
        Attempt::Count => {
            let random = uuid::Uuid::new_v4().simple().to_string();
            format!("{now}:{}", random.get(..8).unwrap_or(&random))
        }
        Attempt::Peek => String::new(),
    };
    vec![
        SCRIPT.to_owned(),
        "1".to_owned(),
        format!("ratelimit:{key}"),
        now,
        seconds_text(now_ms.saturating_sub(u64::from(WINDOW_SECONDS) * 1000)),
        limit.to_string(),
        (WINDOW_SECONDS + 1).to_string(),
        member,
    ]
}

fn seconds_text(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

/// Reads the script's answer to a question asked at `now_ms`.
fn decision(reply: &str, limit: u32, now_ms: u64) -> Option<Decision> {
    let mut words = reply.split(' ');
    let (allowed, count, edge) = (words.next()? == "1", words.next()?.parse().ok()?, words.next()?);
    let leaves = edge.parse::<f64>().ok()? + f64::from(WINDOW_SECONDS);
    let wait = (leaves - now_ms as f64 / 1000.0).ceil().clamp(0.0, f64::from(WINDOW_SECONDS)) as u32;
    Some(Decision {
        allowed,
        limit,
        remaining: limit.saturating_sub(count),
        reset_seconds: if allowed { wait } else { wait.max(1) },
    })
}

/// Native builds have no Redis.
#[cfg(not(target_arch = "wasm32"))]
mod client {
    use super::StoreError;

    pub(super) async fn eval(_url: &str, _arguments: Vec<String>) -> Result<String, StoreError> {
        Err(StoreError::Failed("Redis is reached from a component only".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_700_000_000_250;

    #[test]
    fn a_counted_attempt_has_a_member_of_its_own() {
        let one = arguments("agent_auth:192.0.2.1", 20, Attempt::Count, NOW_MS);
        let two = arguments("agent_auth:192.0.2.1", 20, Attempt::Count, NOW_MS);
        let expected = ["1", "ratelimit:agent_auth:192.0.2.1", "1700000000.250", "1699999940.250", "20", "61"];
        assert_eq!(one[1..7], expected);
        assert!(one[7].starts_with("1700000000.250:") && one[7].len() == 14 + 1 + 8, "{}", one[7]);
        assert_ne!(one[7], two[7]);
    }

    #[test]
    fn a_peek_has_no_member() {
        assert_eq!(arguments("agent:a", 1, Attempt::Peek, NOW_MS)[7], "");
    }

    #[test]
    fn replies_become_decisions() {
        let read = |reply| decision(reply, 20, NOW_MS);
        let made = |allowed, remaining, reset_seconds| Some(Decision { allowed, limit: 20, remaining, reset_seconds });
        assert_eq!(read("1 1 1700000000.25"), made(true, 19, 60));
        assert_eq!(read("1 0 1699999940.25"), made(true, 20, 0));
        assert_eq!(read("0 20 1699999952.1"), made(false, 0, 12));
        assert_eq!(read("0 20 1699999940.2500001"), made(false, 0, 1));
        assert_eq!(read("0 25 1800000000"), made(false, 0, 60));
        for bad in ["", "1", "1 x 3", "1 2", "1 2 y"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
