//! Secrets that identify a caller: how they are made, stored and compared.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pbkdf2::pbkdf2_hmac;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Rounds above which a stored hash is refused: it would block the instance.
const MAX_ROUNDS: u32 = 1_000_000;

/// The host has no randomness to give.
#[derive(Debug, thiserror::Error)]
#[error("no randomness: {0}")]
pub struct NoRandomness(getrandom::Error);

/// A new secret of `BYTES` random bytes as URL-safe base64 without padding: 32 bytes are 43 characters, 256 bits.
///
/// # Errors
/// When the host has no randomness to give.
pub fn generate<const BYTES: usize>() -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The indexed form of a random token: SHA-256 in hex. Fit for tokens of 128 random bits or more only, which cannot be
/// guessed and so need no slow hash.
#[must_use]
pub fn lookup_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// What a log may show of a token: enough to tell two apart, nothing to use.
#[must_use]
pub fn log_hint(token: impl AsRef<[u8]>) -> String {
    let mut hash = hex::encode(Sha256::digest(token));
    hash.truncate(8);
    hash
}

/// Compares two secrets in time that depends on their lengths only.
#[must_use]
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Verifies a token against the stored form of imported agents: `pbkdf2_sha256$<rounds>$<salt>$<digest>`, both parts
/// URL-safe base64 without padding. Anything malformed is no match. Takes some 76 ms in a component.
#[must_use]
pub fn verify_legacy(token: &str, stored: &str) -> bool {
    let mut parts = stored.split('$');
    let (Some("pbkdf2_sha256"), Some(rounds), Some(salt), Some(digest), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let rounds = rounds.parse::<u32>().ok().filter(|rounds| (1..=MAX_ROUNDS).contains(rounds));
    let (Some(rounds), Ok(salt), Ok(expected)) = (rounds, URL_SAFE_NO_PAD.decode(salt), URL_SAFE_NO_PAD.decode(digest))
    else {
        return false;
    };
    let mut actual = [0_u8; 32];
    pbkdf2_hmac::<Sha256>(token.as_bytes(), &salt, rounds, &mut actual);
    same(&actual, &expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_tokens_are_long_and_different() {
        let (first, second) = (generate::<32>().unwrap(), generate::<32>().unwrap());
        assert_eq!(first.len(), 43);
        assert_ne!(first, second);
    }

    #[test]
    fn a_legacy_hash_matches_its_token_only() {
        let salt = [7_u8; 16];
        let mut digest = [0_u8; 32];
        pbkdf2_hmac::<Sha256>(b"secret", &salt, 1000, &mut digest);
        let stored = format!("pbkdf2_sha256$1000${}${}", URL_SAFE_NO_PAD.encode(salt), URL_SAFE_NO_PAD.encode(digest));
        assert!(verify_legacy("secret", &stored));
        assert!(!verify_legacy("other", &stored));
    }

    #[test]
    fn malformed_legacy_hashes_match_nothing() {
        for stored in [
            "",
            "x",
            "pbkdf2_sha256$0$AA$AA",
            "pbkdf2_sha256$a$AA$AA",
            "pbkdf2_sha256$1$!!$AA",
            "md5$1$AA$AA",
            "pbkdf2_sha256$1$AA$AA$AA",
        ] {
            assert!(!verify_legacy("x", stored), "{stored}");
        }
    }
}
