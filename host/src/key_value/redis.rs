//! A key-value store on a Redis server.

use crate::bindings::wasi::keyvalue::store::Error;
use anyhow::anyhow;
use redis::aio::ConnectionManager;
use redis::{AsyncCommands, Client, Script};
use tokio::sync::OnceCell;

/// Sets a key if its value is the expected one; `ARGV[1]` says whether one is expected at all.
const SWAP: &str = "
    local value = redis.call('GET', KEYS[1])
    if ARGV[1] == '1' then
        if value ~= ARGV[2] then return 0 end
    elseif value then return 0 end
    redis.call('SET', KEYS[1], ARGV[3])
    return 1";

/// Connects when first used, and again after the connection broke.
pub struct RedisStore {
    client: Client,
    connection: OnceCell<ConnectionManager>,
    swap: Script,
}

impl RedisStore {
    /// A store at `url`, such as `redis://host:6379/0`.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        // The url may hold a password: it is not repeated here.
        let client = Client::open(url).map_err(|_| anyhow!("the Redis url is not valid"))?;
        Ok(Self { client, connection: OnceCell::new(), swap: Script::new(SWAP) })
    }

    async fn connection(&self) -> Result<ConnectionManager, Error> {
        self.connection.get_or_try_init(|| self.client.get_connection_manager()).await.cloned().map_err(other)
    }

    /// A key's value.
    pub async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.connection().await?.get(key).await.map_err(other)
    }

    /// Gives a key a value.
    pub async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.connection().await?.set(key, value).await.map_err(other)
    }

    /// Removes keys.
    pub async fn delete(&self, keys: Vec<String>) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        self.connection().await?.del(keys).await.map_err(other)
    }

    /// Whether a key has a value.
    pub async fn exists(&self, key: &str) -> Result<bool, Error> {
        self.connection().await?.exists(key).await.map_err(other)
    }

    /// All keys of the server's database.
    pub async fn keys(&self) -> Result<Vec<String>, Error> {
        self.connection().await?.keys("*").await.map_err(other)
    }

    /// Adds `delta` to a decimal number.
    pub async fn increment(&self, key: &str, delta: i64) -> Result<i64, Error> {
        self.connection().await?.incr(key, delta).await.map_err(other)
    }

    /// Sets a key if its value is still `expected`.
    pub async fn swap(&self, key: &str, expected: Option<Vec<u8>>, value: Vec<u8>) -> Result<bool, Error> {
        let mut connection = self.connection().await?;
        self.swap
            .key(key)
            .arg(u8::from(expected.is_some()))
            .arg(expected.unwrap_or_default())
            .arg(value)
            .invoke_async(&mut connection)
            .await
            .map_err(other)
    }
}

fn other(error: redis::RedisError) -> Error {
    Error::Other(error.to_string())
}
