//! Whether an event was signed with the webhook's secret.

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderValue};
use sha2::Sha256;

use super::Webhook;

/// The headers that carry a signature when the webhook names none; the first one present counts.
pub(super) const USUAL_HEADERS: [&str; 2] = ["x-hub-signature-256", "x-webhook-signature"];

/// Why an event is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The header is absent or empty.
    #[error("Missing webhook signature header.")]
    Missing,
    /// It does not sign this body with this secret.
    #[error("Invalid webhook signature.")]
    Invalid,
}

/// Refuses what cannot be trusted whatever its body is.
///
/// # Errors
/// [`SignatureError::Missing`].
pub fn require_presented(webhook: &Webhook, headers: &HeaderMap) -> Result<(), SignatureError> {
    let trusted = webhook.secret.is_none() || presented(webhook, headers).is_some();
    if trusted { Ok(()) } else { Err(SignatureError::Missing) }
}

/// Verifies the signature of a body: the HMAC-SHA256 of its bytes in hex, with or without `sha256=` in front. Nothing is
/// asked of the callers of a webhook without a secret.
///
/// # Errors
/// See [`SignatureError`].
pub fn verify(webhook: &Webhook, headers: &HeaderMap, body: &[u8]) -> Result<(), SignatureError> {
    let Some(secret) = &webhook.secret else { return Ok(()) };
    let presented = presented(webhook, headers).ok_or(SignatureError::Missing)?;
    let signature = decode(presented.as_bytes()).ok_or(SignatureError::Invalid)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError::Invalid)?;
    mac.update(body);
    // In constant time.
    mac.verify_slice(&signature).map_err(|_| SignatureError::Invalid)
}

/// The header that counts. A webhook that names its own takes no other.
fn presented<'a>(webhook: &Webhook, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let value = |name: &str| headers.get(name).filter(|value| !value.as_bytes().trim_ascii().is_empty());
    match &webhook.signature_header {
        Some(name) => value(name),
        None => USUAL_HEADERS.iter().find_map(|name| value(name)),
    }
}

fn decode(value: &[u8]) -> Option<Vec<u8>> {
    const PREFIX: &[u8] = b"sha256=";
    let value = value.trim_ascii();
    let digits = match value.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest.trim_ascii(),
        _ => value,
    };
    hex::decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use mission_control_platform::time::Timestamp;

    const BODY: &[u8] = b"{\"event\": \"push\", \"n\": 1}";
    const SECRET: &str = "s3cret";

    fn webhook(secret: Option<&str>, signature_header: Option<&str>) -> Webhook {
        Webhook {
            id: Uuid::nil(),
            board_id: Uuid::nil(),
            agent_id: None,
            description: "d".into(),
            enabled: true,
            secret: secret.map(Into::into),
            signature_header: signature_header.map(Into::into),
            created_at: Timestamp::now(),
            updated_at: Timestamp::now(),
        }
    }

    fn signature() -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(BODY);
        hex::encode(mac.finalize().into_bytes())
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn check(signature_header: Option<&str>, pairs: &[(&'static str, &str)]) -> Result<(), SignatureError> {
        verify(&webhook(Some(SECRET), signature_header), &headers(pairs), BODY)
    }

    #[test]
    fn a_webhook_without_secret_trusts_everyone() {
        assert_eq!(verify(&webhook(None, Some("x-sig")), &headers(&[]), BODY), Ok(()));
    }

    #[test]
    fn prefix_and_case_do_not_matter() {
        let signature = signature();
        let upper = signature.to_uppercase();
        for value in [&signature, &upper, &format!("sha256={signature}"), &format!("SHA256= {upper}")] {
            assert_eq!(check(None, &[("x-webhook-signature", value)]), Ok(()), "{value}");
        }
    }

    #[test]
    fn an_empty_first_header_leaves_the_second() {
        assert_eq!(check(None, &[("x-hub-signature-256", ""), ("x-webhook-signature", &signature())]), Ok(()));
    }

    #[test]
    fn a_wrong_first_header_is_not_rescued_by_the_second() {
        let outcome = check(None, &[("x-hub-signature-256", "00"), ("x-webhook-signature", &signature())]);
        assert_eq!(outcome, Err(SignatureError::Invalid));
    }

    #[test]
    fn a_named_header_is_the_only_one() {
        let signature = signature();
        assert_eq!(check(Some("X-Sig"), &[("x-sig", &signature)]), Ok(()));
        assert_eq!(check(Some("X-Sig"), &[("x-hub-signature-256", &signature)]), Err(SignatureError::Missing));
    }

    #[test]
    fn what_is_not_the_signature_is_refused() {
        let signature = signature();
        for value in ["sha256=", "x", "abc", &signature[..62], &format!("{signature}00"), &format!("md5={signature}")] {
            assert_eq!(check(None, &[("x-webhook-signature", value)]), Err(SignatureError::Invalid), "{value}");
        }
        let mut latin1 = HeaderMap::new();
        latin1.insert("x-webhook-signature", HeaderValue::from_bytes(b"\xe9\xe9").unwrap());
        assert_eq!(verify(&webhook(Some(SECRET), None), &latin1, BODY), Err(SignatureError::Invalid));
    }

    #[test]
    fn another_body_is_refused() {
        let headers = headers(&[("x-webhook-signature", &signature())]);
        assert_eq!(verify(&webhook(Some(SECRET), None), &headers, b"{}"), Err(SignatureError::Invalid));
    }
}
