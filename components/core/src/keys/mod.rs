//! The server's own key, and the secrets that are derived from it instead of being stored.
//!
//! The key is the setting `secret_key`. Without it the server makes one once and keeps it in its database; who reads that
//! database can derive the secrets too.

mod store;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::settings::{Secret, Settings};
use mission_control_platform::tokens;
use mission_control_web::http::ApiResult;

/// Bytes of a key that the server makes for itself.
const KEY_BYTES: usize = 32;

/// Bytes of everything that is derived.
const DERIVED_BYTES: usize = 32;

/// What a derived secret is for. Secrets of different purposes have nothing to do with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens of invitations.
    Invitation,
}

impl Purpose {
    /// The name that separates the purpose from all others. Another one would change every secret derived for it.
    fn label(self) -> &'static str {
        match self {
            Self::Invitation => "invitation token v1",
        }
    }
}

/// The key itself never leaves this module.
#[derive(Clone, Debug)]
pub struct ServerKey(Secret);

impl ServerKey {
    /// The key, if there is one already.
    ///
    /// # Errors
    /// A database failure.
    pub fn find(tx: &mut Tx<'_>, settings: &Settings) -> Result<Option<Self>, DbError> {
        if settings.secret_key.is_empty() {
            return Ok(store::find(tx)?.map(|stored| Self(Secret::new(stored))));
        }
        Ok(Some(Self(settings.secret_key.clone())))
    }

    /// The key, made now if there is none.
    ///
    /// # Errors
    /// When the host has no randomness to give, or a database failure.
    pub fn find_or_make(tx: &mut Tx<'_>, settings: &Settings) -> ApiResult<Self> {
        if let Some(key) = Self::find(tx, settings)? {
            return Ok(key);
        }
        let stored = store::insert_or_find(tx, &tokens::generate::<KEY_BYTES>()?)?;
        Ok(Self(Secret::new(stored)))
    }

    /// The secret of this thing for this purpose: always the same, and nothing that can be told from random bytes without
    /// the key.
    #[must_use]
    pub fn derive(&self, purpose: Purpose, of: &[u8]) -> [u8; DERIVED_BYTES] {
        let mut mac = Hmac::<Sha256>::new(&padded(&Sha256::digest(self.0.expose())));
        mac.update(purpose.label().as_bytes());
        // No label contains it, so a label and what follows cannot be read as another pair.
        mac.update(&[0]);
        mac.update(of);
        mac.finalize().into_bytes().into()
    }
}

/// A key as long as a block of the hash, which is what an HMAC makes of a shorter one.
fn padded<K: Default + AsMut<[u8]>>(short: &[u8]) -> K {
    let mut key = K::default();
    key.as_mut().iter_mut().zip(short).for_each(|(slot, byte)| *slot = *byte);
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use mission_control_platform::db::migrate;
    use mission_control_platform::db::native::Sqlite;

    fn settings(secret_key: &str) -> Settings {
        Settings { secret_key: Secret::new(secret_key), ..Settings::default() }
    }

    #[test]
    fn the_setting_is_the_key_and_the_database_keeps_none_of_it() {
        let mut database = Sqlite::in_memory();
        migrate::migrate(&mut database).unwrap();
        let mut tx = Tx::on(&mut database);
        let derive = |key: &ServerKey| key.derive(Purpose::Invitation, b"x");
        let key = ServerKey::find_or_make(&mut tx, &settings("first")).unwrap();
        assert_eq!(derive(&key), derive(&ServerKey::find(&mut tx, &settings("first")).unwrap().unwrap()));
        assert_ne!(derive(&key), derive(&ServerKey::find(&mut tx, &settings("second")).unwrap().unwrap()));
        assert_ne!(derive(&key), key.derive(Purpose::Invitation, b"y"));
        assert_eq!(tx.one::<i64>("SELECT count(*) FROM server_keys", &[]).unwrap(), 0);
    }

    #[test]
    fn without_the_setting_one_is_made_once() {
        let mut database = Sqlite::in_memory();
        migrate::migrate(&mut database).unwrap();
        let mut tx = Tx::on(&mut database);
        assert!(ServerKey::find(&mut tx, &settings("")).unwrap().is_none());
        let made = ServerKey::find_or_make(&mut tx, &settings("")).unwrap();
        for again in [
            ServerKey::find(&mut tx, &settings("")).unwrap().unwrap(),
            ServerKey::find_or_make(&mut tx, &settings("")).unwrap(),
        ] {
            assert_eq!(again.derive(Purpose::Invitation, b"x"), made.derive(Purpose::Invitation, b"x"));
        }
        assert_eq!(store::insert_or_find(&mut tx, "another").unwrap().len(), 43, "the first one stays");
    }

    #[test]
    fn what_was_derived_once_is_derived_for_ever() {
        // HMAC-SHA256 of "invitation token v1", NUL and "x" under the SHA-256 of the key.
        let key = ServerKey(Secret::new("0123456789abcdef0123456789abcdef"));
        let expected = "db0ab8ffc6187fc58f515097394f38519303819361076c4bbf8d177fd21866a2";
        assert_eq!(hex::encode(key.derive(Purpose::Invitation, b"x")), expected);
    }
}
