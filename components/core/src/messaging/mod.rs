//! The one way to send something to an agent, whatever kind of gateway carries it.
//!
//! A `mailbox:` gateway needs no server: a message is a row that the agent reads and acknowledges. It is written in the
//! sender's transaction, so it is sent exactly when what it tells of has happened.

pub mod inbox;
pub mod mentions;
pub mod text;

use uuid::Uuid;

use mission_control_platform::db::{DbError, Tx};

/// How a gateway carries messages, as its URL says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Rows that the agent polls.
    Mailbox,
    /// A server that is called over WebSocket.
    WebSocket,
    /// The URL is blank: nothing can be sent.
    Nowhere,
}

impl Transport {
    /// The transport of a gateway with this URL.
    #[must_use]
    pub fn of(gateway_url: &str) -> Self {
        let url = gateway_url.trim().to_ascii_lowercase();
        match url.split_once(':') {
            _ if url.is_empty() => Self::Nowhere,
            Some(("mailbox", _)) => Self::Mailbox,
            Some(("ws" | "wss", rest)) if host(rest) == MAILBOX_HOST => Self::Mailbox,
            _ => Self::WebSocket,
        }
    }
}

/// The host by which clients name a mailbox that only know addresses of WebSocket servers. No server can have it (RFC 6761).
const MAILBOX_HOST: &str = "mailbox.invalid";

/// The host of what stands behind an address's scheme.
fn host(rest: &str) -> &str {
    rest.trim_start_matches('/').split([':', '/', '?', '#']).next().unwrap_or_default()
}

/// A message to one agent.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// Who it is from, for people: an agent's name, `User`, `webhook`.
    pub sender: &'a str,
    /// The board it is about.
    pub board_id: Option<Uuid>,
    /// The text.
    pub text: String,
    /// Whether the agent should act at once, not only read it in passing.
    pub deliver: bool,
    /// A second message with the same key is not sent: for work that may be tried twice.
    pub dedupe_key: Option<String>,
}

/// Whom a message is for.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The agent.
    pub agent_id: Uuid,
    /// Its session at the gateway; an agent without one cannot be reached.
    pub session_key: Option<&'a str>,
    /// The address of its gateway.
    pub gateway_url: &'a str,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It will reach the agent at least once.
    Accepted,
    /// The agent has no session or its gateway no usable address.
    Skipped,
}

/// Sends a message in the caller's transaction.
///
/// # Errors
/// A database failure.
pub fn send(tx: &mut Tx<'_>, recipient: Recipient<'_>, message: &Message<'_>) -> Result<Sent, DbError> {
    let sent = fate(&recipient);
    if sent == Sent::Accepted {
        inbox::put(tx, &[(recipient.agent_id, message)])?;
    }
    Ok(sent)
}

/// Sends many messages at once in the caller's transaction, and says of each what became of it.
///
/// # Errors
/// A database failure.
pub fn send_all(tx: &mut Tx<'_>, messages: &[(Recipient<'_>, Message<'_>)]) -> Result<Vec<Sent>, DbError> {
    let fates: Vec<Sent> = messages.iter().map(|(recipient, _)| fate(recipient)).collect();
    let accepted: Vec<(Uuid, &Message<'_>)> = fates
        .iter()
        .zip(messages)
        .filter(|(sent, _)| **sent == Sent::Accepted)
        .map(|(_, (recipient, message))| (recipient.agent_id, message))
        .collect();
    inbox::put(tx, &accepted)?;
    Ok(fates)
}

/// What will become of a message.
fn fate(recipient: &Recipient<'_>) -> Sent {
    if recipient.session_key.is_none_or(|key| key.trim().is_empty()) {
        return Sent::Skipped;
    }
    match Transport::of(recipient.gateway_url) {
        Transport::Mailbox => Sent::Accepted,
        // No route can make such a gateway yet.
        Transport::WebSocket | Transport::Nowhere => Sent::Skipped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_the_transport() {
        assert_eq!(Transport::of(" MAILBOX:team "), Transport::Mailbox);
        assert_eq!(Transport::of("mailbox:"), Transport::Mailbox);
        assert_eq!(Transport::of("WS://Mailbox.Invalid:1"), Transport::Mailbox);
        assert_eq!(Transport::of("wss://mailbox.invalid:1/path?x"), Transport::Mailbox);
        assert_eq!(Transport::of("ws://mailbox.invalid.example:1"), Transport::WebSocket);
        assert_eq!(Transport::of("mailbox"), Transport::WebSocket);
        assert_eq!(Transport::of("ws://127.0.0.1:18789"), Transport::WebSocket);
        assert_eq!(Transport::of("  "), Transport::Nowhere);
    }
}
