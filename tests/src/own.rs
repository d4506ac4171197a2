//! Applications of a test's own, in this process or as a program, each with its own database.

use std::any::Any;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use mission_control_host::{HostConfig, Output, RunningHost, start};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::postgres_server::FreshDatabase;
use crate::program::Program;
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
    /// What its settings keep secret, each with its name.
    pub secrets: Vec<(String, String)>,
    url: String,
    /// What serves it; ends when dropped.
    running: Option<Box<dyn Any + Send + Sync>>,
    database: Option<FreshDatabase>,
    folder: TempDir,
}

impl OwnServer {
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = FreshDatabase::create_if_asked();
        let (token, internal_token, key) = (secret(), secret(), secret());
        let mut variables = variables([
            ("local_auth_token", token.as_str()),
            ("internal_token", &internal_token),
            ("secret_key", &key),
        ]);
        variables.extend(database.iter().map(|database| ("database_url".to_owned(), database.url.clone())));
        variables.extend(self::variables(settings.iter().copied()));
        let secrets = variables.iter().filter_map(|(name, value)| Some((name.clone(), secret_part(name, value)?)));
        let secrets = secrets.collect();
        let (url, running): (String, Box<dyn Any + Send + Sync>) = match Program::command() {
            Some(command) => {
                let program = Program::start(&command, folder.path(), &variables);
                (program.url().to_owned(), Box::new(program))
            }
            None => {
                let host = start_here(folder.path(), variables);
                (format!("http://{}", host.addr()), Box::new(host))
            }
        };
        Self { token, internal_token, secrets, url, running: Some(running), database, folder }
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the application; its output and its database stay.
    pub fn stop(&mut self) {
        drop(self.running.take());
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

    /// The hashes of secrets that the database holds, whatever their columns are called, and its key.
    pub fn hashes(&self) -> Vec<String> {
        let mut hashes = Vec::new();
        for column in self.texts(self.hash_columns()) {
            let (table, column) = column.split_once('.').expect("a table and a column");
            hashes.extend(self.texts(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL")));
        }
        hashes
    }

    fn hash_columns(&self) -> &'static str {
        match self.database {
            Some(_) => {
                "SELECT table_name || '.' || column_name FROM information_schema.columns
                 WHERE table_schema = 'public' AND (column_name LIKE '%hash' OR column_name LIKE '%lookup' OR table_name = 'server_keys' AND column_name = 'secret')"
            }
            None => {
                "SELECT t.name || '.' || c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND (c.name LIKE '%hash' OR c.name LIKE '%lookup' OR t.name = 'server_keys' AND c.name = 'secret')"
            }
        }
    }

    /// The single column of each row.
    fn texts(&self, sql: &str) -> Vec<String> {
        let Some(database) = &self.database else {
            let connection = self.sqlite();
            let mut statement = connection.prepare(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
            let rows = statement.query_map([], |row| row.get(0)).expect("rows");
            return rows.collect::<Result<_, _>>().expect("texts");
        };
        database.texts(sql)
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
        self.stop();
    }
}

/// Starts an application in this process, with compiled components that all such share: compiling takes seconds.
fn start_here(folder: &Path, variables: BTreeMap<String, String>) -> RunningHost {
    let mut config = HostConfig::new(root().join("spin.toml"), folder);
    config.cache_dir = Some(root().join("target/tmp/compiled"));
    config.variables = variables;
    config.fallback_variables = self::variables([("auth_mode", "local"), ("base_url", "http://{listen}")]);
    config.output = Output::File(folder.join("output"));
    let _starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    RUNTIME.block_on(start(config)).unwrap_or_else(|error| panic!("the application does not start: {error:#}"))
}

fn variables<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What must stay secret of a setting: all of it, or the password of a URL.
fn secret_part(name: &str, value: &str) -> Option<String> {
    match name {
        "local_auth_token" | "internal_token" | "secret_key" | "clerk_secret_key" => Some(value.trim().to_owned()),
        "database_url" | "rate_limit_redis_url" | "rq_redis_url" => {
            let (user, _) = value.split_once("://")?.1.rsplit_once('@')?;
            Some(user.split_once(':')?.1.to_owned())
        }
        _ => None,
    }
}

fn secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
