//! The settings and the database: checked before anything is served, and by commands of their own.

use super::application::ApplicationArguments;
use anyhow::{Context, anyhow, bail};
use clap::Args;
use mission_control_host::{HostConfig, Prepared, postgres_client, prepare};
use mission_control_platform::db::migrate::{SchemaState, migrate, state};
use mission_control_platform::db::native::{Postgres, Sqlite};
use mission_control_platform::db::{Connection, DbError};
use mission_control_platform::settings::{DatabaseUrl, Settings};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// What the commands about the database can be told.
#[derive(Args)]
pub struct DatabaseArguments {
    #[command(flatten)]
    application: ApplicationArguments,
}

impl DatabaseArguments {
    fn config(self) -> anyhow::Result<HostConfig> {
        let mut config = self.application.config()?;
        // What `up` would choose: a database can be migrated before the first start.
        config.fallback_variables = BTreeMap::from([
            ("auth_mode".to_owned(), "local".to_owned()),
            ("base_url".to_owned(), "http://localhost".to_owned()),
            ("local_auth_token".to_owned(), "chosen at the first start; fifty characters or more".to_owned()),
            ("internal_token".to_owned(), "chosen at each start; fifty characters or more as well".to_owned()),
        ]);
        Ok(config)
    }
}

/// `mission-control migrate`: applies what the schema lacks.
pub fn run_migrate(arguments: DatabaseArguments) -> anyhow::Result<ExitCode> {
    prepare(&arguments.config()?, |prepared| {
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
    prepare(&arguments.config()?, |prepared| {
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
            .spawn(move || {
                Ok::<_, anyhow::Error>(match url {
                    None => work(&mut Sqlite::open(database)?)?,
                    Some(url) => work(&mut connect(&url)?)?,
                })
            })
            .join()
    });
    match outcome {
        Ok(outcome) => outcome.context("the database cannot be used"),
        Err(_) => bail!("the database client failed"),
    }
}

/// As the components connect, with TLS where the URL asks for it.
fn connect(url: &str) -> anyhow::Result<Postgres> {
    let (config, tls) = postgres_client(url).map_err(|problem| anyhow!(problem))?;
    Ok(postgres::Config::from(config).connect(tls)?.into())
}
