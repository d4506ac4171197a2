//! The settings and the database: checked before anything is served, and by commands of their own.

use super::up::parse_variable;
use anyhow::{Context, bail};
use clap::Args;
use mission_control_host::{HostConfig, Prepared, prepare};
use mission_control_platform::db::migrate::{SchemaState, migrate, state};
use mission_control_platform::db::native::{Postgres, Sqlite};
use mission_control_platform::db::{Connection, DbError};
use mission_control_platform::settings::{DatabaseUrl, Settings};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

/// Where the application and its state are.
#[derive(Args)]
pub struct DatabaseArguments {
    /// The application manifest.
    #[arg(long, short = 'f', alias = "from", value_name = "FILE", default_value = "spin.toml")]
    app: PathBuf,
    /// The folder for databases, compiled components and the local token.
    #[arg(long, value_name = "FOLDER", default_value = ".mission-control")]
    state_dir: PathBuf,
    /// A file that says where databases and key-value stores are.
    #[arg(long, alias = "runtime-config-file", value_name = "FILE")]
    runtime_config: Option<PathBuf>,
    /// A variable's value, or @ and a file that holds it.
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = parse_variable)]
    variables: Vec<(String, String)>,
}

impl DatabaseArguments {
    fn config(self) -> HostConfig {
        let mut config = HostConfig::new(self.app, self.state_dir);
        config.runtime_config = self.runtime_config;
        config.variables = self.variables.into_iter().collect();
        // What `up` would choose: a database can be migrated before the first start.
        config.fallback_variables = BTreeMap::from([
            ("auth_mode".to_owned(), "local".to_owned()),
            ("base_url".to_owned(), "http://localhost".to_owned()),
            ("local_auth_token".to_owned(), "chosen at the first start; fifty characters or more".to_owned()),
        ]);
        config
    }
}

/// `mission-control migrate`: applies what the schema lacks.
pub fn run_migrate(arguments: DatabaseArguments) -> anyhow::Result<ExitCode> {
    prepare(&arguments.config(), |prepared| {
        let settings = settings(prepared)?;
        let applied = on_database(prepared, &settings, migrate)?;
        match applied.as_slice() {
            [] => println!("The database is up to date."),
            versions => println!("Applied {}.", versions.join(", ")),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// `mission-control doctor`: checks the settings, the database and its schema, and changes nothing.
pub fn run_doctor(arguments: DatabaseArguments) -> anyhow::Result<ExitCode> {
    prepare(&arguments.config(), |prepared| {
        let settings = settings(prepared)?;
        println!("The settings are valid.");
        match on_database(prepared, &settings, state)? {
            SchemaState::Current => println!("The database is up to date."),
            SchemaState::Behind => bail!("the database lacks migrations: run `mission-control migrate`"),
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// Refuses settings and databases that nothing could be served with; migrates if the settings say so.
pub fn check(prepared: &Prepared<'_>) -> anyhow::Result<()> {
    let settings = settings(prepared)?;
    let schema = on_database(prepared, &settings, |connection| match settings.db_auto_migrate {
        true => migrate(connection).map(|_| SchemaState::Current),
        false => state(connection),
    })?;
    match schema {
        SchemaState::Current => Ok(()),
        SchemaState::Behind => bail!("the database lacks migrations: run `mission-control migrate`"),
    }
}

fn settings(prepared: &Prepared<'_>) -> anyhow::Result<Settings> {
    let lookup = |name: &str| prepared.variables.get(name).map(str::to_owned);
    Settings::from_lookup(&lookup).context("the settings are wrong")
}

/// Runs on the database that the settings name. On a thread of its own: the Postgres client blocks.
fn on_database<T: Send>(
    prepared: &Prepared<'_>,
    settings: &Settings,
    work: impl FnOnce(&mut dyn Connection) -> Result<T, DbError> + Send,
) -> anyhow::Result<T> {
    let url = match &settings.database_url {
        DatabaseUrl::Sqlite => None,
        DatabaseUrl::Postgres(url) => Some(url.expose().to_owned()),
    };
    let database = prepared.database;
    let outcome = std::thread::scope(|scope| {
        scope
            .spawn(move || match url {
                None => work(&mut Sqlite::open(database)?),
                Some(url) => work(&mut Postgres::connect(&url)?),
            })
            .join()
    });
    match outcome {
        Ok(outcome) => outcome.context("the database cannot be used"),
        Err(_) => bail!("the database client failed"),
    }
}
