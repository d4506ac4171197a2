//! The runtime configuration: where databases and stores are.

use crate::toml_file;
use anyhow::Context;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

/// A runtime configuration file, as Spin reads it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeConfig {
    /// Databases by label.
    #[serde(default)]
    pub sqlite_database: BTreeMap<String, SqliteConfig>,
    /// Key-value stores by label.
    #[serde(default)]
    pub key_value_store: BTreeMap<String, KeyValueConfig>,
    /// Postgres settings.
    #[serde(default)]
    pub outbound_pg: OutboundPg,
}

/// Where a database is.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum SqliteConfig {
    /// In a file.
    Spin {
        /// The file, relative to the working folder.
        path: PathBuf,
    },
}

/// Where a key-value store is.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub enum KeyValueConfig {
    /// In a file, or in memory if there is no path.
    Spin {
        /// The file, relative to the configuration file's folder.
        path: Option<PathBuf>,
    },
    /// On a Redis server.
    Redis {
        /// Such as `redis://host:6379`.
        url: String,
    },
}

/// Settings for all Postgres connections.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundPg {
    /// How many connections the whole application may have to an address; Spin counts them for each component.
    #[serde(default = "default_pg_connections")]
    pub max_connections: NonZeroUsize,
}

/// A server takes 100 unless it is told otherwise, and keeps some of them for its administrators.
fn default_pg_connections() -> NonZeroUsize {
    const { NonZeroUsize::new(64).unwrap() }
}

impl Default for OutboundPg {
    fn default() -> Self {
        Self { max_connections: default_pg_connections() }
    }
}

impl RuntimeConfig {
    /// Reads a configuration file.
    pub fn load(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the runtime config {}", path.display()))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::parse(&text, folder).with_context(|| format!("{} is not valid", path.display()))
    }

    fn parse(text: &str, folder: &Path) -> anyhow::Result<Self> {
        let mut config: Self = toml_file::parse(text)?;
        for store in config.key_value_store.values_mut() {
            if let KeyValueConfig::Spin { path: Some(path) } = store {
                *path = folder.join(&*path);
            }
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_all_kinds() {
        let text = r#"
            [sqlite_database.default]
            type = "spin"
            path = "data/app.db"
            [key_value_store.rate_limits]
            type = "spin"
            [key_value_store.default]
            type = "spin"
            path = "kv.db"
            [key_value_store.shared]
            type = "redis"
            url = "redis://localhost"
            [outbound_pg]
            max_connections = 8
        "#;
        let config = RuntimeConfig::parse(text, Path::new("/etc/app")).expect("valid");
        let SqliteConfig::Spin { path } = &config.sqlite_database["default"];
        assert_eq!(path, Path::new("data/app.db"));
        assert!(matches!(
            &config.key_value_store["default"],
            KeyValueConfig::Spin { path: Some(path) } if path == Path::new("/etc/app/kv.db")
        ));
        assert!(matches!(config.key_value_store["rate_limits"], KeyValueConfig::Spin { path: None }));
        assert!(matches!(config.key_value_store["shared"], KeyValueConfig::Redis { .. }));
        assert_eq!(config.outbound_pg.max_connections.get(), 8);
    }

    #[test]
    fn unknown_keys_and_impossible_values_are_errors() {
        for text in [
            "unknown = 1",
            "[key_value_store.default]\ntype = \"spin\"\nfile = \"x\"",
            "[key_value_store.default]\ntype = \"cloud\"",
            "[sqlite_database.default]\ntype = \"spin\"\npath = \"x\"\nmode = \"y\"",
            "[outbound_pg]\nconnections = 1",
            "[outbound_pg]\nmax_connections = 0",
        ] {
            assert!(RuntimeConfig::parse(text, Path::new("")).is_err(), "{text}");
        }
    }
}
