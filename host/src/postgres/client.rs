//! Pools of Postgres connections, and the statements that run on one.

use super::parameters::Parameter;
use super::rows;
use crate::allowed_hosts::AllowedHosts;
use crate::bindings::spin::postgres::postgres::{DbError, Error, ParameterValue, QueryError, RowSet};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, NoTls, Row, Statement};

/// How many prepared statements a connection keeps.
const MAX_PREPARED: usize = 256;

/// One component's pools by address.
pub struct Pools {
    max_connections: usize,
    pools: Mutex<HashMap<String, Pool>>,
}

/// A connection out of a pool, which goes back as it is once the last clone is dropped.
///
/// Nothing is rolled back then: the next user finds an open transaction still open, as in Spin.
#[derive(Clone)]
pub struct Connection(Arc<Object>);

type Attempt<V> = Result<V, tokio_postgres::Error>;

impl Pools {
    /// Empty pools that will hold up to `max_connections` each.
    pub fn new(max_connections: usize) -> Self {
        Self { max_connections, pools: Mutex::default() }
    }

    /// Takes a connection to `address`, or waits until one is free.
    pub async fn connect(&self, address: &str, allowed: &AllowedHosts) -> Result<Connection, Error> {
        let pool = self.pool(address, allowed)?;
        match pool.get().await {
            Ok(object) => Ok(Connection(Arc::new(object))),
            Err(error) => Err(Error::ConnectionFailed(chain(&error))),
        }
    }

    fn pool(&self, address: &str, allowed: &AllowedHosts) -> Result<Pool, Error> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(address) {
            return Ok(pool.clone());
        }
        let config = checked_config(address, allowed)?;
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(self.max_connections)
            .build()
            .map_err(|error| Error::ConnectionFailed(chain(&error)))?;
        pools.insert(address.to_owned(), pool.clone());
        Ok(pool)
    }
}

/// Reads an address and makes sure that each host in it may be reached.
fn checked_config(address: &str, allowed: &AllowedHosts) -> Result<Config, Error> {
    let config: Config = address.parse().map_err(|error| Error::ConnectionFailed(chain(&error)))?;
    let hosts = config.get_hosts();
    let ports = config.get_ports();
    let permitted = !hosts.is_empty()
        && hosts.iter().enumerate().all(|(index, host)| {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
            matches!(host, Host::Tcp(name) if allowed.allows("postgres", name, port))
        })
        // These are dialled instead of the hosts.
        && config.get_hostaddrs().is_empty();
    if permitted {
        Ok(config)
    } else {
        let message = "address is not in this component's allowed_outbound_hosts";
        Err(Error::ConnectionFailed(message.to_owned()))
    }
}

impl Connection {
    /// Runs a statement and reads all its rows.
    pub async fn query(&self, sql: &str, parameters: &[ParameterValue]) -> Result<RowSet, Error> {
        let parameters = convert(parameters)?;
        let mut result = self.try_query(sql, &parameters).await;
        if self.forget_outdated(sql, &result) {
            // In a transaction this fails too, and the first error is the one that helps.
            result = self.try_query(sql, &parameters).await.or(result);
        }
        let (statement, found) = result.map_err(query_failed)?;
        rows::row_set(statement.columns(), &found)
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(&self, sql: &str, parameters: &[ParameterValue]) -> Result<u64, Error> {
        let parameters = convert(parameters)?;
        let mut result = self.try_execute(sql, &parameters).await;
        if self.forget_outdated(sql, &result) {
            result = self.try_execute(sql, &parameters).await.or(result);
        }
        result.map_err(query_failed)
    }

    async fn try_query(&self, sql: &str, parameters: &[Parameter]) -> Attempt<(Statement, Vec<Row>)> {
        let statement = self.prepare(sql).await?;
        let rows = self.0.query(&statement, &references(parameters)).await?;
        Ok((statement, rows))
    }

    async fn try_execute(&self, sql: &str, parameters: &[Parameter]) -> Attempt<u64> {
        let statement = self.prepare(sql).await?;
        self.0.execute(&statement, &references(parameters)).await
    }

    /// Whether a statement failed because its columns have changed since it was prepared; then it
    /// is prepared anew the next time.
    fn forget_outdated<V>(&self, sql: &str, result: &Attempt<V>) -> bool {
        let outdated = result.as_ref().is_err_and(is_outdated);
        if outdated {
            self.0.statement_cache.remove(sql, &[]);
        }
        outdated
    }

    /// Prepares a statement, unless this connection has done so before.
    async fn prepare(&self, sql: &str) -> Attempt<Statement> {
        if self.0.statement_cache.size() >= MAX_PREPARED {
            self.0.statement_cache.clear();
        }
        self.0.prepare_cached(sql).await
    }
}

fn is_outdated(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED)
        && error.as_db_error().is_some_and(|error| error.message().contains("cached plan"))
}

fn convert(parameters: &[ParameterValue]) -> Result<Vec<Parameter>, Error> {
    parameters.iter().map(|value| Parameter::try_from(value).map_err(Error::BadParameter)).collect()
}

fn references(parameters: &[Parameter]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(Parameter::as_sql).collect()
}

fn query_failed(error: tokio_postgres::Error) -> Error {
    let as_text = chain(&error);
    let Some(database) = error.as_db_error() else {
        return Error::QueryFailed(QueryError::Text(as_text));
    };
    let extras = [
        ("hint", database.hint()),
        ("where", database.where_()),
        ("schema", database.schema()),
        ("table", database.table()),
        ("column", database.column()),
        ("datatype", database.datatype()),
        ("constraint", database.constraint()),
    ];
    Error::QueryFailed(QueryError::DbError(DbError {
        as_text,
        severity: database.severity().to_owned(),
        code: database.code().code().to_owned(),
        message: database.message().to_owned(),
        detail: database.detail().map(str::to_owned),
        extras: extras.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect(),
    }))
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(address: &str) -> bool {
        let allowed = AllowedHosts::parse(&["postgres://db:5432"]).expect("valid");
        checked_config(address, &allowed).is_ok()
    }

    #[test]
    fn every_host_of_an_address_must_be_allowed() {
        assert!(permitted("postgres://user:password@db/name"));
        assert!(permitted("host=db user=me"));
        assert!(!permitted("postgres://user@other/name"));
        assert!(!permitted("postgres://user@db,other/name"));
        assert!(!permitted("host=db port=5433 user=me"));
        assert!(!permitted("host=/var/run/postgresql user=me"));
        assert!(!permitted("host=db hostaddr=10.0.0.1 user=me"));
        assert!(!permitted("user=me"));
    }
}
