//! Counters in the key-value store with the label `rate_limits`.
//!
//! The calls are synchronous and an increment is atomic in the host, so counting needs no lock and no retry.

use spin_sdk::experimental::wasi::keyvalue::{
    atomics, batch,
    store::{self, Bucket, Error},
};

use super::window::{Store, StoreError};

const LABEL: &str = "rate_limits";
/// Keys removed in one call.
const DELETE_BATCH: usize = 500;

/// The opened store; kept for the life of the instance.
pub(super) struct KeyValue(Bucket);

impl KeyValue {
    pub(super) fn open() -> Result<Self, StoreError> {
        store::open(LABEL).map(Self).map_err(failed)
    }
}

impl Store for KeyValue {
    fn add(&self, key: &str, delta: i64) -> Result<u64, StoreError> {
        let count = atomics::increment(&self.0, key, delta).map_err(failed)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    fn get(&self, key: &str) -> Result<u64, StoreError> {
        let value = self.0.get(key).map_err(failed)?;
        Ok(value.as_deref().map_or(0, super::window::count_from_bytes))
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.0.list_keys(cursor.as_deref()).map_err(failed)?;
            let is_last = page.keys.is_empty() || page.cursor.is_none();
            keys.extend(page.keys);
            if is_last {
                return Ok(keys);
            }
            cursor = page.cursor;
        }
    }

    fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        keys.chunks(DELETE_BATCH).try_for_each(|some| batch::delete_many(&self.0, some).map_err(failed))
    }
}

fn failed(error: Error) -> StoreError {
    StoreError::Failed(match error {
        Error::NoSuchStore => format!("no key-value store {LABEL}"),
        Error::AccessDenied => format!("access to the key-value store {LABEL} denied"),
        Error::Other(text) => text,
    })
}
