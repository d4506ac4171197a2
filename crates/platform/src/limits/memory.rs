//! Counters in memory: the store of native builds, which serve tests.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::window::{Store, StoreError};

/// Counters of one thread, by key.
#[derive(Default)]
pub(super) struct Memory(RefCell<BTreeMap<String, u64>>);

impl Store for Memory {
    fn add(&self, key: &str, delta: i64) -> Result<u64, StoreError> {
        let mut counters = self.0.borrow_mut();
        let count = counters.entry(key.to_owned()).or_default();
        *count = count.saturating_add_signed(delta);
        Ok(*count)
    }

    fn get(&self, key: &str) -> Result<u64, StoreError> {
        Ok(self.0.borrow().get(key).copied().unwrap_or_default())
    }

    fn keys(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.0.borrow().keys().cloned().collect())
    }

    fn delete(&self, keys: &[String]) -> Result<(), StoreError> {
        self.0.borrow_mut().retain(|key, _| !keys.contains(key));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_count_and_can_be_removed() {
        let store = Memory::default();
        assert_eq!(store.get("a"), Ok(0));
        assert_eq!(store.add("a", 1), Ok(1));
        assert_eq!(store.add("a", 1), Ok(2));
        assert_eq!(store.add("b", 1), Ok(1));
        store.delete(&["a".to_owned(), "absent".to_owned()]).unwrap();
        assert_eq!(store.keys(), Ok(vec!["b".to_owned()]));
    }
}
