//! Decides where each database and key-value store is.

use crate::key_value::Store;
use crate::manifest::ComponentDeclaration;
use crate::private::create_private_file;
use crate::runtime_config::{KeyValueConfig, RuntimeConfig, SqliteConfig};
use crate::sqlite::Database;
use crate::state_dir::{StateDir, check_database};
use anyhow::{Context, bail};
use std::collections::HashMap;
use std::sync::Arc;

/// The databases and stores of a whole application, each opened once.
pub struct Stores<'a> {
    config: Option<&'a RuntimeConfig>,
    state_dir: &'a StateDir,
    databases: HashMap<String, Arc<Database>>,
    key_value: HashMap<String, Store>,
}

impl<'a> Stores<'a> {
    /// The label that always has a database and a store.
    pub const DEFAULT: &'static str = "default";

    /// Follows the runtime configuration; without one, everything is in the state folder.
    pub fn new(config: Option<&'a RuntimeConfig>, state_dir: &'a StateDir) -> Self {
        Self { config, state_dir, databases: HashMap::new(), key_value: HashMap::new() }
    }

    /// A component's databases, by label.
    pub fn databases(&mut self, component: &ComponentDeclaration) -> anyhow::Result<HashMap<String, Arc<Database>>> {
        let labels = component.sqlite_databases.iter();
        labels.map(|label| Ok((label.clone(), self.database(label)?))).collect()
    }

    /// A component's key-value stores, by label.
    pub fn key_value(&mut self, component: &ComponentDeclaration) -> anyhow::Result<HashMap<String, Store>> {
        let labels = component.key_value_stores.iter();
        labels.map(|label| Ok((label.clone(), self.key_value_store(label)?))).collect()
    }

    /// The database `label`.
    pub fn database(&mut self, label: &str) -> anyhow::Result<Arc<Database>> {
        if let Some(database) = self.databases.get(label) {
            return Ok(database.clone());
        }
        let configured = self.config.and_then(|config| config.sqlite_database.get(label));
        let path = match configured {
            Some(SqliteConfig::Spin { path }) => path.clone(),
            None if label == Self::DEFAULT => self.state_dir.database(),
            None => bail!("no database for the label '{label}': add [sqlite_database.{label}] to the runtime config"),
        };
        check_database(&path)?;
        // SQLite gives its log files the mode of the database.
        create_private_file(&path)?;
        let database = Arc::new(Database::new(path));
        self.databases.insert(label.to_owned(), database.clone());
        Ok(database)
    }

    fn key_value_store(&mut self, label: &str) -> anyhow::Result<Store> {
        if let Some(store) = self.key_value.get(label) {
            return Ok(store.clone());
        }
        let configured = self.config.and_then(|config| config.key_value_store.get(label));
        let store = match configured {
            Some(KeyValueConfig::Spin { path: None }) => Store::in_memory(),
            Some(KeyValueConfig::Spin { path: Some(path) }) => Store::in_file(path, label)?,
            Some(KeyValueConfig::Redis { url }) => {
                Store::on_redis(url).with_context(|| format!("[key_value_store.{label}] of the runtime config"))?
            }
            None if label == Self::DEFAULT => Store::in_file(&self.state_dir.key_value_file(), label)?,
            None if self.config.is_none() => Store::in_memory(),
            None => {
                bail!("no key-value store for the label '{label}': add [key_value_store.{label}] to the runtime config")
            }
        };
        self.key_value.insert(label.to_owned(), store.clone());
        Ok(store)
    }
}
