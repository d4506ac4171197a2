//! The status that clients see: what was stored last, and whether the agent has shown a sign of life since.

use std::time::Duration;

use mission_control_platform::time::Timestamp;

/// A new agent that has never checked in.
pub const PROVISIONING: &str = "provisioning";
/// An agent that is at work.
pub const ONLINE: &str = "online";
/// An agent that is not.
pub const OFFLINE: &str = "offline";
/// An agent whose files are being rewritten.
pub const UPDATING: &str = "updating";
/// An agent that is being removed; it cannot sign in.
pub const DELETING: &str = "deleting";

/// An agent that was silent for longer is offline.
const SILENCE: Duration = Duration::from_secs(10 * 60);

/// The status that clients see.
#[must_use]
pub fn shown(stored: &str, last_seen_at: Option<Timestamp>, now: Timestamp) -> &str {
    match (stored, last_seen_at) {
        (DELETING | UPDATING | OFFLINE, _) => stored,
        (_, None) => PROVISIONING,
        (_, Some(seen)) if now.since(seen) > SILENCE => OFFLINE,
        _ => stored,
    }
}

/// Whether a heartbeat may not set this status: it is the server's to set, and would stay for ever.
#[must_use]
pub fn is_reserved(status: &str) -> bool {
    matches!(status, UPDATING | DELETING)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_after(stored: &'static str, silence_ms: Option<u64>) -> &'static str {
        let now = Timestamp::now();
        shown(stored, silence_ms.map(|silence| now.minus(Duration::from_millis(silence))), now)
    }

    #[test]
    fn an_agent_that_was_never_seen_is_provisioning() {
        assert_eq!(shown_after(PROVISIONING, None), PROVISIONING);
        assert_eq!(shown_after(ONLINE, None), PROVISIONING);
    }

    #[test]
    fn an_agent_that_was_given_up_is_offline_even_if_never_seen() {
        assert_eq!(shown_after(OFFLINE, None), OFFLINE);
        assert_eq!(shown_after(OFFLINE, Some(0)), OFFLINE);
    }

    #[test]
    fn silence_of_more_than_ten_minutes_is_offline() {
        assert_eq!(shown_after(ONLINE, Some(600_000)), ONLINE);
        assert_eq!(shown_after(ONLINE, Some(600_001)), OFFLINE);
        assert_eq!(shown_after("healthy", Some(1)), "healthy");
        assert_eq!(shown_after("healthy", Some(700_000)), OFFLINE);
    }

    #[test]
    fn what_the_server_is_doing_is_shown_as_it_is() {
        for stored in [UPDATING, DELETING] {
            assert_eq!(shown_after(stored, None), stored);
            assert_eq!(shown_after(stored, Some(9_999_999)), stored);
            assert!(is_reserved(stored));
        }
        assert!(!is_reserved(ONLINE));
    }
}
