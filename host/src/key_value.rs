//! `wasi:keyvalue`: stores in memory, in a file or on a Redis server.

mod file;
mod memory;
mod redis;
mod store;

pub use store::Store;

use crate::bindings::wasi::keyvalue::atomics::{self, CasError};
use crate::bindings::wasi::keyvalue::batch;
use crate::bindings::wasi::keyvalue::store::{Error, Host, HostBucket, KeyResponse};
use crate::state::State;
use wasmtime::Result;
use wasmtime::component::Resource;

/// What a guest holds as an open store.
#[derive(Clone)]
pub struct Bucket(Store);

/// A compare-and-swap in progress.
pub struct Cas {
    bucket: Bucket,
    key: String,
    /// The value that the swap expects, once somebody has looked.
    seen: Option<Option<Vec<u8>>>,
}

impl State {
    fn store(&self, bucket: &Resource<Bucket>) -> Result<Store> {
        Ok(self.table.get(bucket)?.0.clone())
    }
}

impl Host for State {
    async fn open(&mut self, identifier: String) -> Result<Result<Resource<Bucket>, Error>> {
        let Some(store) = self.component.key_value_stores.get(&identifier) else {
            return Ok(Err(Error::AccessDenied));
        };
        let bucket = Bucket(store.clone());
        Ok(Ok(self.table.push(bucket)?))
    }
}

impl HostBucket for State {
    async fn get(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<Option<Vec<u8>>, Error>> {
        Ok(self.held.during(self.store(&bucket)?.get(&key)).await)
    }

    async fn set(&mut self, bucket: Resource<Bucket>, key: String, value: Vec<u8>) -> Result<Result<(), Error>> {
        Ok(self.held.during(self.store(&bucket)?.set(&key, value)).await)
    }

    async fn delete(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<(), Error>> {
        Ok(self.held.during(self.store(&bucket)?.delete(&key)).await)
    }

    async fn exists(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<bool, Error>> {
        Ok(self.held.during(self.store(&bucket)?.exists(&key)).await)
    }

    async fn list_keys(
        &mut self,
        bucket: Resource<Bucket>,
        cursor: Option<String>,
    ) -> Result<Result<KeyResponse, Error>> {
        if cursor.is_some() {
            return Ok(Err(Error::Other("list-keys has no further pages".to_owned())));
        }
        let keys = self.held.during(self.store(&bucket)?.keys()).await;
        Ok(keys.map(|keys| KeyResponse { keys, cursor: None }))
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl batch::Host for State {
    async fn get_many(
        &mut self,
        bucket: Resource<Bucket>,
        keys: Vec<String>,
    ) -> Result<Result<Vec<(String, Option<Vec<u8>>)>, Error>> {
        Ok(self.held.during(self.store(&bucket)?.get_many(keys)).await)
    }

    async fn set_many(&mut self, bucket: Resource<Bucket>, pairs: Vec<(String, Vec<u8>)>) -> Result<Result<(), Error>> {
        Ok(self.held.during(self.store(&bucket)?.set_many(pairs)).await)
    }

    async fn delete_many(&mut self, bucket: Resource<Bucket>, keys: Vec<String>) -> Result<Result<(), Error>> {
        Ok(self.held.during(self.store(&bucket)?.delete_many(keys)).await)
    }
}

impl atomics::Host for State {
    async fn increment(&mut self, bucket: Resource<Bucket>, key: String, delta: i64) -> Result<Result<i64, Error>> {
        Ok(self.held.during(self.store(&bucket)?.increment(&key, delta)).await)
    }

    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> Result<Result<(), CasError>> {
        let Cas { bucket, key, seen } = self.table.delete(cas)?;
        let seen = seen.unwrap_or_default();
        Ok(match self.held.during(bucket.0.swap(&key, seen, value)).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let retry = Cas { bucket, key, seen: None };
                Err(CasError::CasFailed(self.table.push(retry)?))
            }
            Err(error) => Err(CasError::StoreError(error)),
        })
    }
}

impl atomics::HostCas for State {
    async fn new(&mut self, bucket: Resource<Bucket>, key: String) -> Result<Result<Resource<Cas>, Error>> {
        let bucket = self.table.get(&bucket)?.clone();
        let cas = Cas { bucket, key, seen: None };
        Ok(Ok(self.table.push(cas)?))
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Result<Result<Option<Vec<u8>>, Error>> {
        let Cas { bucket, key, .. } = self.table.get(&cas)?;
        let (store, key) = (bucket.0.clone(), key.clone());
        let value = match self.held.during(store.get(&key)).await {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        };
        self.table.get_mut(&cas)?.seen = Some(value.clone());
        Ok(Ok(value))
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}
