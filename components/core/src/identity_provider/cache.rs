//! Small values that all instances share: the key-value store with the label `cache`.
//!
//! Where the store cannot be used, each instance keeps the values for itself: that costs requests to the provider, never
//! a sign-in.

use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    /// The values of this instance, while there is no store.
    static OWN: RefCell<BTreeMap<String, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The value of a key.
pub(super) fn get(key: &str) -> Option<Vec<u8>> {
    shared::with(|store| store.get(key)).unwrap_or_else(|| OWN.with_borrow(|own| own.get(key).cloned()))
}

/// Stores a value.
pub(super) fn set(key: &str, value: Vec<u8>) {
    if shared::with(|store| store.set(key, &value)).is_none() {
        OWN.with_borrow_mut(|own| own.insert(key.to_owned(), value));
    }
}

/// Adds one to a counter and gives the sum; nobody else gets the same one.
pub(super) fn increment(key: &str) -> i64 {
    shared::with(|store| store.increment(key)).unwrap_or_else(|| {
        OWN.with_borrow_mut(|own| {
            let bytes = own.entry(key.to_owned()).or_insert_with(|| vec![0; 8]);
            let sum = 1 + <[u8; 8]>::try_from(bytes.as_slice()).map_or(0, i64::from_le_bytes);
            *bytes = sum.to_le_bytes().to_vec();
            sum
        })
    })
}

/// Removes a value.
pub(super) fn delete(key: &str) {
    if shared::with(|store| store.delete(key)).is_none() {
        OWN.with_borrow_mut(|own| own.remove(key));
    }
}

#[cfg(target_arch = "wasm32")]
mod shared {
    use std::cell::OnceCell;

    use spin_sdk::experimental::wasi::keyvalue::atomics;
    use spin_sdk::experimental::wasi::keyvalue::store::{self, Bucket, Error};

    use mission_control_platform::telemetry::{self, Level};

    const LABEL: &str = "cache";

    pub(super) struct Store(Bucket);

    impl Store {
        pub(super) fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
            self.0.get(key)
        }

        pub(super) fn set(&self, key: &str, value: &[u8]) -> Result<(), Error> {
            self.0.set(key, value)
        }

        pub(super) fn increment(&self, key: &str) -> Result<i64, Error> {
            atomics::increment(&self.0, key, 1)
        }

        pub(super) fn delete(&self, key: &str) -> Result<(), Error> {
            self.0.delete(key)
        }
    }

    /// Works with the store, which is opened once per instance. `None` when it cannot be used.
    pub(super) fn with<T>(work: impl FnOnce(&Store) -> Result<T, Error>) -> Option<T> {
        thread_local! {
            static STORE: OnceCell<Option<Store>> = const { OnceCell::new() };
        }
        STORE.with(|cell| {
            let store = cell.get_or_init(|| noted(store::open(LABEL)).map(Store));
            store.as_ref().and_then(|store| noted(work(store)))
        })
    }

    fn noted<T>(result: Result<T, Error>) -> Option<T> {
        let text = match result {
            Ok(value) => return Some(value),
            Err(Error::NoSuchStore) => "no such store".to_owned(),
            Err(Error::AccessDenied) => "access denied".to_owned(),
            Err(Error::Other(text)) => text,
        };
        let fields = [("store", LABEL.into()), ("error", text.as_str().into())];
        telemetry::log(Level::Warning, "mission_control.identity", "cache unavailable", &fields);
        None
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod shared {
    //! Native builds have no store.

    pub(super) struct Store;

    impl Store {
        pub(super) fn get(&self, _: &str) -> Result<Option<Vec<u8>>, ()> {
            Err(())
        }

        pub(super) fn set(&self, _: &str, _: &[u8]) -> Result<(), ()> {
            Err(())
        }

        pub(super) fn increment(&self, _: &str) -> Result<i64, ()> {
            Err(())
        }

        pub(super) fn delete(&self, _: &str) -> Result<(), ()> {
            Err(())
        }
    }

    pub(super) fn with<T>(work: impl FnOnce(&Store) -> Result<T, ()>) -> Option<T> {
        work(&Store).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_store_an_instance_keeps_values_for_itself() {
        assert_eq!(get("value"), None);
        set("value", vec![1, 2]);
        assert_eq!(get("value"), Some(vec![1, 2]));
        delete("value");
        assert_eq!(get("value"), None);
        assert_eq!((increment("count"), increment("count"), increment("other")), (1, 2, 1));
    }
}
