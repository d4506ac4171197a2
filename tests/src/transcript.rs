//! What an application has answered: that no secret stands where it must not, and that the OpenAPI document says it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{HeaderName, HeaderValue};
use serde_json::Value;

use crate::document;

/// Shorter texts are words that may stand anywhere; a test that means a secret takes a longer one.
const SHORTEST_SECRET: usize = 12;
/// Members of answers that hand out a secret, once.
const HANDED_OUT: [&str; 3] = ["agent_token", "main_agent_token", "token"];
/// Where a token is made that those who may make one can read again, as long as it is of use; its list.
const SHOWN_AGAIN: &str = "/api/v1/organizations/me/invites";
/// Members of requests that hand in a secret.
const HANDED_IN: [&str; 2] = ["secret", "token"];

/// Everything that one application has answered, and the secrets it keeps. Clones are the same transcript.
#[derive(Clone, Default)]
pub struct Transcript(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    answers: Vec<Said>,
    secrets: HashMap<String, Secret>,
    /// What the document does not say.
    undescribed: BTreeSet<String>,
}

/// One answer, or one event of a stream.
struct Said {
    request: String,
    head: String,
    body: String,
}

struct Secret {
    what: String,
    /// The one answer whose body may show it.
    shown_by: Option<usize>,
    /// Whether the list of what was made shows it, too.
    is_listed: bool,
}

impl Secret {
    fn may_stand_in(&self, number: usize, request: &str) -> bool {
        let target = request.strip_prefix("GET ").map(|target| target.split('?').next().unwrap_or_default());
        self.shown_by == Some(number) || (self.is_listed && target == Some(SHOWN_AGAIN))
    }
}

impl Transcript {
    /// From now on no answer and no log may show this; `what` names it in failures.
    pub fn keep(&self, what: &str, secret: &str) {
        self.kept().keep(what, secret, None);
    }

    /// Notes the secrets of a request: its tokens, and those that it hands in.
    pub(crate) fn sent(&self, method: &str, path: &str, headers: &[(HeaderName, HeaderValue)], body: &[u8]) {
        let mut kept = self.kept();
        for (name, value) in headers {
            let value = value.to_str().unwrap_or_default();
            match name.as_str() {
                "authorization" => {
                    kept.keep("the bearer token of a request", value.trim_start_matches("Bearer "), None)
                }
                "x-agent-token" => kept.keep("the agent's token of a request", value, None),
                _ => {}
            }
        }
        if !hands_in_secrets(method, path) {
            return;
        }
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        for name in HANDED_IN {
            let what = format!("`{name}` of the request {method} {path}");
            kept.keep(&what, body[name].as_str().unwrap_or_default().trim(), None);
        }
    }

    /// Notes an answer: the method and target of its request, its status line with its headers, and its body. One to a
    /// POST may hand out secrets, which it alone may show.
    pub fn answered(&self, request: &str, head: &str, body: &str) {
        let fault = document::fault(request, head, body);
        let mut kept = self.kept();
        kept.undescribed.extend(fault);
        if request.starts_with("POST ")
            && let Ok(json) = serde_json::from_str::<Value>(body)
        {
            let shown_by = Some(kept.answers.len());
            for name in HANDED_OUT {
                kept.keep(
                    &format!("`{name}` that {request} answered"),
                    json[name].as_str().unwrap_or_default(),
                    shown_by,
                );
            }
        }
        kept.say(request, head, body);
    }

    /// Notes an event of a stream.
    pub(crate) fn heard(&self, request: &str, id: &str, data: &str) {
        self.kept().say(request, id, data);
    }

    /// How answers differed from the OpenAPI document, one text each.
    pub fn undescribed(&self) -> Vec<String> {
        self.kept().undescribed.iter().cloned().collect()
    }

    /// Where secrets stand that must not: in the answers, in this log, or hashes of theirs in either. One text each,
    /// without the secret itself.
    pub fn leaks(&self, log: &str, hashes: &[String]) -> Vec<String> {
        let kept = self.kept();
        let mut leaks = Vec::new();
        let hash = Secret { what: "a hash of a secret".to_owned(), shown_by: None, is_listed: false };
        let hashes = hashes.iter().map(|text| (text, &hash));
        for (text, secret) in kept.secrets.iter().chain(hashes).filter(|(text, _)| !text.is_empty()) {
            let (text, what) = (text.as_str(), secret.what.as_str());
            for (number, said) in kept.answers.iter().enumerate() {
                if said.head.contains(text) {
                    leaks.push(format!("{what} stands in the headers of the answer to {}", said.request));
                }
                if !secret.may_stand_in(number, &said.request) && said.body.contains(text) {
                    leaks.push(format!("{what} stands in the answer to {}", said.request));
                }
            }
            if log.contains(text) {
                leaks.push(format!("{what} stands in the log"));
            }
        }
        leaks.sort();
        leaks.dedup();
        leaks
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn say(&mut self, request: &str, head: &str, body: &str) {
        let (request, head, body) = (request.to_owned(), head.to_owned(), body.to_owned());
        self.answers.push(Said { request, head, body });
    }

    /// What is known already stays as it is: the answer that shows it again is a leak.
    fn keep(&mut self, what: &str, secret: &str, shown_by: Option<usize>) {
        if secret.len() < SHORTEST_SECRET {
            return;
        }
        if let Entry::Vacant(place) = self.secrets.entry(secret.to_owned()) {
            let is_listed = shown_by.is_some() && what.contains(SHOWN_AGAIN);
            place.insert(Secret { what: what.to_owned(), shown_by, is_listed });
        }
    }
}

/// Whether the body is one of ours with secrets of ours. What the outside world posts to a webhook is not.
fn hands_in_secrets(method: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    match method {
        "POST" => path.ends_with("/gateways") || path.ends_with("/webhooks"),
        "PATCH" => path.contains("/gateways/") || path.contains("/webhooks/"),
        _ => false,
    }
}

/// The status line and the headers as text.
pub(crate) fn head(status: http::StatusCode, headers: &http::HeaderMap) -> String {
    let mut head = format!("{status}\n");
    for (name, value) in headers {
        // Writing to a String cannot fail.
        let _ = writeln!(head, "{name}: {}", String::from_utf8_lossy(value.as_bytes()));
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn made() -> Transcript {
        let transcript = Transcript::default();
        transcript.answered("POST /agents", "200 OK\n", &format!("{{\"agent_token\": \"{TOKEN}\"}}"));
        transcript
    }

    #[test]
    fn the_answer_that_makes_a_token_may_show_it() {
        assert_eq!(made().leaks("nothing here", &[]), [""; 0]);
    }

    #[test]
    fn no_other_answer_may_show_it() {
        let transcript = made();
        transcript.answered("GET /agents", "200 OK\n", &format!("[{{\"agent_token\": \"{TOKEN}\"}}]"));
        let leak = "`agent_token` that POST /agents answered stands in the answer to GET /agents";
        assert_eq!(transcript.leaks("", &[]), [leak]);
        let twice = made();
        twice.answered("POST /agents", "200 OK\n", &format!("{{\"agent_token\": \"{TOKEN}\"}}"));
        assert_eq!(twice.leaks("", &[]).len(), 1);
    }

    #[test]
    fn the_list_of_invitations_may_show_their_tokens_and_no_other_answer() {
        let body = format!("{{\"token\": \"{TOKEN}\"}}");
        let transcript = Transcript::default();
        transcript.answered(&format!("POST {SHOWN_AGAIN}"), "200 OK\n", &body);
        transcript.answered(&format!("GET {SHOWN_AGAIN}?limit=200"), "200 OK\n", &body);
        assert_eq!(transcript.leaks("", &[]), [""; 0]);
        transcript.answered("GET /api/v1/organizations/me/members", "200 OK\n", &body);
        transcript.answered(&format!("DELETE {SHOWN_AGAIN}/1"), "200 OK\n", &body);
        assert_eq!(transcript.leaks("", &[]).len(), 2);
        let other = made();
        other.answered(&format!("GET {SHOWN_AGAIN}"), "200 OK\n", &body);
        assert_eq!(other.leaks("", &[]).len(), 1, "tokens of agents are not among them");
    }

    #[test]
    fn neither_a_header_nor_the_log_may_show_it() {
        let transcript = Transcript::default();
        let body = format!("{{\"token\": \"{TOKEN}\"}}");
        transcript.answered("POST /invites", &format!("200 OK\nlocation: /join/{TOKEN}\n"), &body);
        assert_eq!(transcript.leaks(&format!("made {TOKEN} for ann"), &[]).len(), 2);
    }

    #[test]
    fn what_a_client_hands_in_is_shown_nowhere() {
        let transcript = Transcript::default();
        let bearer = ("authorization".parse().expect("a name"), format!("Bearer {TOKEN}").parse().expect("a value"));
        transcript.sent("POST", "/api/v1/boards/b/webhooks", &[bearer], b"{\"secret\": \" whispered once \"}");
        transcript.answered("GET /webhooks", "200 OK\n", "{\"secret\": \"whispered once\"}");
        transcript.answered("GET /users/me", "200 OK\n", TOKEN);
        assert_eq!(transcript.leaks("", &[]).len(), 2);
        assert_eq!(transcript.leaks("whispered once", &[]).len(), 3);
    }

    #[test]
    fn what_the_outside_world_posts_is_not_ours_to_hide() {
        let transcript = Transcript::default();
        transcript.sent("POST", "/api/v1/boards/b/webhooks/w", &[], b"{\"secret\": \"of somebody else\"}");
        transcript.answered("GET /payloads", "200 OK\n", "{\"secret\": \"of somebody else\"}");
        assert_eq!(transcript.leaks("", &[]), [""; 0]);
    }

    #[test]
    fn hashes_are_shown_nowhere_either() {
        let transcript = made();
        transcript.answered("GET /agents", "200 OK\n", "{\"token_lookup\": \"cafe\"}");
        assert_eq!(transcript.leaks("cafe", &["cafe".to_owned(), "beef".to_owned()]).len(), 2);
    }
}
