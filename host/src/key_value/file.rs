//! A key-value store in a SQLite file, with the table that Spin uses.

use super::store::{Change, LocalStore};
use crate::bindings::wasi::keyvalue::store::Error;
use crate::private::create_private_file;
use anyhow::Context;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One label's keys in a file that several labels may share.
pub struct FileStore {
    connection: Mutex<Connection>,
    label: String,
}

impl FileStore {
    /// Opens the file and creates its table where it is missing.
    pub fn open(path: &Path, label: &str) -> anyhow::Result<Self> {
        create_private_file(path)?;
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(5))?;
            // With a sync for each write the whole process would manage some thousand a second.
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.execute(
                "CREATE TABLE IF NOT EXISTS spin_key_value (
                    store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,
                    PRIMARY KEY (store, key))",
                [],
            )?;
            Ok(connection)
        };
        let connection = open().with_context(|| format!("cannot use the key-value file {}", path.display()))?;
        Ok(Self { connection: Mutex::new(connection), label: label.to_owned() })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction that a panic cut short was rolled back when it was dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, connection: &Connection, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
        connection
            .prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?
            .query_row(params![self.label, key], |row| row.get(0))
            .optional()
    }

    fn write(&self, connection: &Connection, key: &str, value: &[u8]) -> rusqlite::Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (store, key) DO UPDATE SET value = excluded.value",
            )?
            .execute(params![self.label, key, value])?;
        Ok(())
    }
}

impl LocalStore for FileStore {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        self.read(&self.connection(), key).map_err(other)
    }

    fn set(&self, key: &str, value: Vec<u8>) -> Result<(), Error> {
        self.write(&self.connection(), key, &value).map_err(other)
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        let delete = |connection: &Connection| -> rusqlite::Result<()> {
            connection
                .prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?
                .execute(params![self.label, key])?;
            Ok(())
        };
        delete(&self.connection()).map_err(other)
    }

    fn keys(&self) -> Result<Vec<String>, Error> {
        let keys = |connection: &Connection| -> rusqlite::Result<Vec<String>> {
            connection
                .prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1")?
                .query_map([&self.label], |row| row.get(0))?
                .collect()
        };
        keys(&self.connection()).map_err(other)
    }

    fn update(&self, key: &str, change: &mut Change<'_>) -> Result<(), Error> {
        let mut connection = self.connection();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(other)?;
        let old = self.read(&transaction, key).map_err(other)?;
        if let Some(value) = change(old.as_deref())? {
            self.write(&transaction, key, &value).map_err(other)?;
        }
        transaction.commit().map_err(other)
    }
}

fn other(error: rusqlite::Error) -> Error {
    Error::Other(error.to_string())
}
