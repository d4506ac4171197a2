//! The statements that run on a pooled connection.

use super::parameters::Parameter;
use super::rows;
use crate::bindings::spin::postgres::postgres::{DbError, Error, ParameterValue, QueryError, RowSet};
use deadpool_postgres::Object;
use futures::TryStreamExt;
use std::error::Error as _;
use std::pin::pin;
use std::sync::Arc;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// How many prepared statements a connection keeps.
const MAX_PREPARED: usize = 256;
/// How much one query may answer, as in Spin.
const MAX_RESULT_BYTES: usize = 128 * 1024 * 1024;

/// A connection out of a pool, which goes back as it is once the last clone is dropped.
///
/// Nothing is rolled back then: the next user finds an open transaction still open, as in Spin.
#[derive(Clone)]
pub struct Connection(Arc<Object>);

type Attempt<V> = Result<V, tokio_postgres::Error>;

impl Connection {
    /// A connection that a pool gave.
    pub fn new(object: Object) -> Self {
        Self(Arc::new(object))
    }

    /// Runs a statement and reads all its rows.
    pub async fn query(&self, sql: &str, parameters: &[ParameterValue]) -> Result<RowSet, Error> {
        let parameters = convert(parameters)?;
        let mut result = self.try_query(sql, &parameters).await;
        if self.forget_outdated(sql, &result) {
            // In a transaction this fails too, and the first error is the one that helps.
            result = self.try_query(sql, &parameters).await.or(result);
        }
        let (statement, found) = result.map_err(query_failed)?;
        let too_large = || Error::QueryFailed(QueryError::Text("query result is too large".to_owned()));
        rows::row_set(statement.columns(), &found.ok_or_else(too_large)?)
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

    /// No rows if they are too many to keep.
    async fn try_query(&self, sql: &str, parameters: &[Parameter]) -> Attempt<(Statement, Option<Vec<Row>>)> {
        let statement = self.prepare(sql).await?;
        let mut stream = pin!(self.0.query_raw(&statement, references(parameters)).await?);
        let (mut rows, mut bytes) = (Vec::new(), 0);
        while let Some(row) = stream.try_next().await? {
            bytes += row.raw_size_bytes();
            if bytes > MAX_RESULT_BYTES {
                return Ok((statement, None));
            }
            rows.push(row);
        }
        Ok((statement, Some(rows)))
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
        return match is_cut(&error) {
            true => Error::ConnectionFailed(as_text),
            false => Error::QueryFailed(QueryError::Text(as_text)),
        };
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

/// Whether the line to the server is gone, so that the statement as such may have been right.
fn is_cut(error: &tokio_postgres::Error) -> bool {
    error.is_closed() || error.source().is_some_and(|cause| cause.is::<std::io::Error>())
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
