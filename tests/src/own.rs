//! Applications that run in this process, each with its own database.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};

use mission_control_host::{HostConfig, Output, RunningHost, start};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::postgres_server::FreshDatabase;
use crate::root;

/// Runs all applications of the process.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().expect("a runtime")
});

/// Held while an application starts, so that each component is compiled once.
static STARTING: Mutex<()> = Mutex::new(());

/// A running application and its data, both gone when this is dropped.
pub struct OwnServer {
    pub token: String,
    pub internal_token: String,
    host: Option<RunningHost>,
    database: Option<FreshDatabase>,
    folder: TempDir,
}

impl OwnServer {
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = FreshDatabase::create_if_asked();
        let (token, internal_token) = (secret(), secret());
        let mut variables = variables([("local_auth_token", token.as_str()), ("internal_token", &internal_token)]);
        variables.extend(database.iter().map(|database| ("database_url".to_owned(), database.url.clone())));
        variables.extend(self::variables(settings.iter().copied()));
        let mut config = HostConfig::new(root().join("spin.toml"), folder.path());
        config.cache_dir = Some(compiled_components());
        config.variables = variables;
        config.fallback_variables = self::variables([("auth_mode", "local"), ("base_url", "http://{listen}")]);
        config.output = Output::File(folder.path().join("output"));
        let host = {
            let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
            RUNTIME.block_on(start(config)).unwrap_or_else(|error| panic!("the application does not start: {error:#}"))
        };
        Self { token, internal_token, host: Some(host), database, folder }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.host.as_ref().expect("the application runs").addr())
    }

    pub fn output(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }

    pub fn execute(&self, sql: &str) {
        match &self.database {
            Some(database) => database.execute(sql),
            None => self.sqlite().execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}")),
        }
    }

    /// How many rows each table has; what the migrations note is left out.
    pub fn rows(&self) -> BTreeMap<String, i64> {
        let tables = match &self.database {
            Some(_) => "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'",
            None => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        };
        let tables = self.texts(tables).into_iter().filter(|table| table != "schema_migrations");
        let count = |table: &String| self.texts(&format!("SELECT CAST(count(*) AS text) FROM {table}")).concat();
        tables
            .map(|table| {
                let rows = count(&table).parse().expect("a number");
                (table, rows)
            })
            .collect()
    }

    /// The single column of each row.
    fn texts(&self, sql: &str) -> Vec<String> {
        match &self.database {
            Some(database) => database.texts(sql),
            None => {
                let connection = self.sqlite();
                let mut statement = connection.prepare(sql).expect("a statement");
                let rows = statement.query_map([], |row| row.get(0)).expect("rows");
                rows.map(|row| row.expect("a text")).collect()
            }
        }
    }

    fn sqlite(&self) -> rusqlite::Connection {
        let path = self.folder.path().join("mission-control.db");
        let connection = rusqlite::Connection::open(path).expect("the database opens");
        connection.busy_timeout(std::time::Duration::from_secs(10)).expect("a timeout");
        connection
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        // Before its database and its folder.
        drop(self.host.take());
    }
}

fn variables<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

/// Where all applications find the compiled components: compiling takes seconds.
fn compiled_components() -> PathBuf {
    root().join("target/tmp/compiled")
}
