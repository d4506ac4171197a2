//! A key-value store in memory, shared by all instances.

use super::store::{Change, LocalStore};
use crate::bindings::wasi::keyvalue::store::Error;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keeps its values until the process ends.
#[derive(Default)]
pub struct MemoryStore(Mutex<HashMap<String, Vec<u8>>>);

impl MemoryStore {
    fn values(&self) -> MutexGuard<'_, HashMap<String, Vec<u8>>> {
        // No step under the lock can leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LocalStore for MemoryStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.values().get(key).cloned())
    }

    fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.values().insert(key.to_owned(), value);
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        self.values().remove(key);
        Ok(())
    }

    fn keys(&self) -> Result<Vec<String>, Error> {
        Ok(self.values().keys().cloned().collect())
    }

    fn update(&self, key: &str, change: &mut Change<'_>) -> Result<(), Error> {
        let mut values = self.values();
        if let Some(value) = change(values.get(key).map(Vec::as_slice))? {
            values.insert(key.to_owned(), value);
        }
        Ok(())
    }
}
