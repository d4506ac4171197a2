//! Session tokens: what a JWT must look like, must claim, and who must have signed it.
//!
//! Nothing here waits or asks anybody. Cheap checks come first: a token that fails one costs neither a signature check
//! nor a look at the provider's keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use mission_control_platform::settings::Settings;

/// Longest token that is read, in bytes; headers are rarely allowed to be longer.
const MAX_BYTES: usize = 16 * 1024;

/// Longest subject, in bytes: it is stored in an index.
const MAX_SUBJECT_BYTES: usize = 255;

/// How machine tokens, OAuth tokens and API keys of the provider begin. They are not people.
const OTHER_PREFIXES: [&str; 4] = ["m2m_", "mt_", "oat_", "ak_"];

/// A token in the form of a JWT, not yet believed.
#[derive(Debug)]
pub(super) struct Token<'a> {
    /// What is signed.
    message: &'a str,
    signature: &'a str,
    key_id: String,
    claims: Map<String, Value>,
}

/// What the provider says about whoever presents a token.
#[derive(Clone, Debug)]
pub(crate) struct Claims {
    /// The person's id at the provider; never blank.
    pub subject: String,
    /// All claims.
    pub all: Map<String, Value>,
}

/// Whether this looks like a JWT: three parts between dots. Other bearer tokens are agents'.
pub(super) fn is_jwt(token: &[u8]) -> bool {
    token.iter().filter(|byte| **byte == b'.').count() == 2
}

impl<'a> Token<'a> {
    /// Reads a token for people that is signed with RS256 and names its key.
    pub(super) fn parse(token: &'a [u8]) -> Option<Self> {
        let token = std::str::from_utf8(token).ok().filter(|token| token.len() <= MAX_BYTES)?;
        if OTHER_PREFIXES.iter().any(|prefix| token.starts_with(prefix)) {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header = object(header)?;
        // What a `crit` header lists must be understood, and nothing of it is.
        if text(&header, "alg") != Some("RS256") || header.contains_key("crit") {
            return None;
        }
        let key_id = text(&header, "kid").filter(|id| !id.is_empty())?.to_owned();
        Some(Self { message, signature, key_id, claims: object(claims)? })
    }

    /// The id of the key that signed it, it says.
    pub(super) fn key_id(&self) -> &str {
        &self.key_id
    }

    /// Whether the claims let somebody sign in at this time (seconds since 1970), if the signature is good.
    pub(super) fn claims_hold(&self, settings: &Settings, now: f64) -> bool {
        let leeway =
            Some(settings.clerk_leeway).filter(|leeway| leeway.is_finite()).map_or(0.0, |leeway| leeway.max(0.0));
        let time = |name: &str| self.claims.get(name).map(|value| value.as_f64().unwrap_or(f64::NAN));
        // Every comparison with what is not a number is false.
        time("exp").is_some_and(|expires| expires > now - leeway)
            && time("nbf").is_none_or(|begins| begins <= now + leeway)
            && (!settings.clerk_verify_iat || time("iat").is_none_or(|made| made <= now + leeway))
            && self.claims.get("aud").is_none_or(is_empty)
            && (settings.clerk_issuer.is_empty() || text(&self.claims, "iss") == Some(settings.clerk_issuer.as_str()))
            && self.is_from(&settings.clerk_authorized_parties)
            && text(&self.claims, "sub").is_some_and(is_subject)
    }

    fn is_from(&self, parties: &[String]) -> bool {
        parties.is_empty() || text(&self.claims, "azp").is_some_and(|party| parties.iter().any(|known| known == party))
    }

    /// The claims, if this key signed them.
    pub(super) fn signed_by(self, key: &DecodingKey) -> Option<Claims> {
        let signed = crypto::verify(self.signature, self.message.as_bytes(), key, Algorithm::RS256);
        if !signed.is_ok_and(|signed| signed) {
            return None;
        }
        let subject = text(&self.claims, "sub")?.to_owned();
        Some(Claims { subject, all: self.claims })
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn is_subject(subject: &str) -> bool {
    !subject.trim().is_empty() && subject.len() <= MAX_SUBJECT_BYTES && !subject.contains('\0')
}

#[cfg(test)]
mod tests;
