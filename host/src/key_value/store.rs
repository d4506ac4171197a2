//! What every key-value store can do, wherever it keeps its values.

use super::file::FileStore;
use super::memory::MemoryStore;
use super::redis::RedisStore;
use crate::bindings::wasi::keyvalue::store::Error;
use std::path::Path;
use std::sync::Arc;

/// A key-value store; clones share its content.
#[derive(Clone)]
pub enum Store {
    /// Answers at once.
    Local(Arc<dyn LocalStore>),
    /// Answers over the network.
    Redis(Arc<RedisStore>),
}

/// A store in this process; each call is one atomic step.
pub trait LocalStore: Send + Sync {
    /// A key's value.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error>;
    /// Gives a key a value.
    fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error>;
    /// Removes a key; one that does not exist is no error.
    fn delete(&self, key: &str) -> Result<(), Error>;
    /// All keys, in no order.
    fn keys(&self) -> Result<Vec<String>, Error>;
    /// Replaces a key's value by what `change` makes of it; an error leaves it as it was.
    fn update(&self, key: &str, change: &mut Change<'_>) -> Result<(), Error>;
}

/// Makes a new value of an old one, or nothing to keep the old one.
pub type Change<'a> = dyn FnMut(Option<&[u8]>) -> Result<Option<Vec<u8>>, Error> + 'a;

impl Store {
    /// A new, empty store in memory.
    pub fn in_memory() -> Self {
        Self::Local(Arc::new(MemoryStore::default()))
    }

    /// The store `label` in the SQLite file `path`.
    pub fn in_file(path: &Path, label: &str) -> anyhow::Result<Self> {
        Ok(Self::Local(Arc::new(FileStore::open(path, label)?)))
    }

    /// The key space of a Redis server, to which it connects when first used.
    pub fn on_redis(url: &str) -> anyhow::Result<Self> {
        Ok(Self::Redis(Arc::new(RedisStore::new(url)?)))
    }

    /// A key's value.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Local(store) => store.get(key),
            Self::Redis(store) => store.get(key).await,
        }
    }

    /// Gives a key a value.
    pub async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        match self {
            Self::Local(store) => store.set(key, value),
            Self::Redis(store) => store.set(key, value).await,
        }
    }

    /// Removes a key.
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        self.delete_many(vec![key.to_owned()]).await
    }

    /// Whether a key has a value.
    pub async fn exists(&self, key: &str) -> Result<bool, Error> {
        match self {
            Self::Local(store) => Ok(store.get(key)?.is_some()),
            Self::Redis(store) => store.exists(key).await,
        }
    }

    /// All keys.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        match self {
            Self::Local(store) => store.keys(),
            Self::Redis(store) => store.keys().await,
        }
    }

    /// The values of several keys, in their order.
    pub async fn get_many(&self, keys: Vec<String>) -> Result<Vec<(String, Option<Vec<u8>>)>, Error> {
        let mut pairs = Vec::with_capacity(keys.len());
        for key in keys {
            let value = self.get(&key).await?;
            pairs.push((key, value));
        }
        Ok(pairs)
    }

    /// Gives several keys values, one after the other.
    pub async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), Error> {
        for (key, value) in pairs {
            self.set(&key, value).await?;
        }
        Ok(())
    }

    /// Removes several keys.
    pub async fn delete_many(&self, keys: Vec<String>) -> Result<(), Error> {
        match self {
            Self::Local(store) => keys.iter().try_for_each(|key| store.delete(key)),
            Self::Redis(store) => store.delete(keys).await,
        }
    }

    /// Adds `delta` to a key's number and returns the sum; a missing key counts as 0.
    pub async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        let store = match self {
            Self::Local(store) => store,
            Self::Redis(store) => return store.increment(key, delta).await,
        };
        let mut sum = 0;
        store.update(key, &mut |old| {
            sum = number(old)?.checked_add(delta).ok_or_else(overflow)?;
            Ok(Some(sum.to_le_bytes().to_vec()))
        })?;
        Ok(sum)
    }

    /// Sets a key if its value is still `expected`, and says whether it was.
    pub async fn swap(&self, key: &str, expected: Option<Vec<u8>>, value: Vec<u8>) -> Result<bool, Error> {
        let store = match self {
            Self::Local(store) => store,
            Self::Redis(store) => return store.swap(key, expected, value).await,
        };
        let mut swapped = false;
        store.update(key, &mut |old| {
            swapped = old == expected.as_deref();
            Ok(swapped.then(|| value.clone()))
        })?;
        Ok(swapped)
    }
}

/// Numbers are kept as eight bytes, the lowest first.
fn number(value: Option<&[u8]>) -> Result<i64, Error> {
    let Some(value) = value else { return Ok(0) };
    let bytes = value.try_into().map_err(|_| Error::Other("the value is not a number".to_owned()))?;
    Ok(i64::from_le_bytes(bytes))
}

fn overflow() -> Error {
    Error::Other("the number is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stores() -> (tempfile::TempDir, [Store; 2]) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = Store::in_file(&folder.path().join("kv.db"), "default").expect("a store");
        (folder, [Store::in_memory(), file])
    }

    #[tokio::test]
    async fn values_can_be_set_read_listed_and_deleted() {
        let (_folder, stores) = stores();
        for store in stores {
            assert!(store.get("a").await.expect("get").is_none());
            store.set("a", b"1".to_vec()).await.expect("set");
            store.set("a", b"2".to_vec()).await.expect("set");
            assert_eq!(store.get("a").await.expect("get").as_deref(), Some(&b"2"[..]));
            assert!(store.exists("a").await.expect("exists"));
            assert_eq!(store.keys().await.expect("keys"), ["a"]);
            store.delete("a").await.expect("delete");
            store.delete("a").await.expect("delete again");
            assert!(!store.exists("a").await.expect("exists"));
        }
    }

    #[tokio::test]
    async fn increments_count_from_zero_and_refuse_other_values() {
        let (_folder, stores) = stores();
        for store in stores {
            assert_eq!(store.increment("n", 3).await.expect("a sum"), 3);
            assert_eq!(store.increment("n", -5).await.expect("a sum"), -2);
            let bytes = store.get("n").await.expect("get").expect("a value");
            assert_eq!(bytes, (-2_i64).to_le_bytes());
            store.set("text", b"x".to_vec()).await.expect("set");
            assert!(store.increment("text", 1).await.is_err());
            assert_eq!(store.get("text").await.expect("get").as_deref(), Some(&b"x"[..]));
        }
    }

    #[tokio::test]
    async fn a_swap_needs_the_expected_value() {
        let (_folder, stores) = stores();
        for store in stores {
            assert!(store.swap("k", None, b"1".to_vec()).await.expect("swap"));
            assert!(!store.swap("k", None, b"2".to_vec()).await.expect("swap"));
            let expected = Some(b"1".to_vec());
            assert!(store.swap("k", expected, b"2".to_vec()).await.expect("swap"));
        }
    }
}
