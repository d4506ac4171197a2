//! Tokens in request headers.

use mission_control_web::http::Cx;

/// The token of `Authorization: Bearer …`: any letter case, one space, trimmed. Other schemes and blanks are no token.
/// Bytes, because a header may hold anything.
pub(super) fn bearer_token(cx: &Cx) -> Option<Vec<u8>> {
    let value = cx.headers.get(http::header::AUTHORIZATION)?.as_bytes().trim_ascii();
    let (scheme, rest) = value.split_at_checked(7)?;
    if !scheme.eq_ignore_ascii_case(b"bearer ") {
        return None;
    }
    let token = rest.trim_ascii();
    (!token.is_empty()).then(|| token.to_vec())
}

/// Whether a non-empty `X-Agent-Token` is present: then user credentials are not looked at.
pub(super) fn has_agent_header(cx: &Cx) -> bool {
    cx.headers.get("x-agent-token").is_some_and(|value| !value.is_empty())
}

/// The token that an agent presents: `X-Agent-Token` if not empty, even when it turns out wrong, else the bearer token.
pub(super) fn agent_token(cx: &Cx) -> Option<String> {
    let bytes = match cx.headers.get("x-agent-token").filter(|value| !value.is_empty()) {
        Some(value) => value.as_bytes().to_vec(),
        None => bearer_token(cx)?,
    };
    // Tokens are ASCII; anything else cannot match, but is still an attempt.
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
