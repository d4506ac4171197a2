//! `spin:postgres`: pooled connections, one pool for each component and address.

mod client;
mod parameters;
mod rows;

pub use client::{Connection, Pools};

use crate::bindings::spin::postgres::postgres::{
    Column, Error, Host, HostConnection, HostConnectionBuilder, HostConnectionBuilderWithStore,
    HostConnectionWithStore, ParameterValue, Row, RowSet,
};
use crate::state::{ComponentContext, State};
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

/// A connection that is being configured.
pub struct ConnectionBuilder {
    address: String,
}

type Rows = (Vec<Column>, StreamReader<Row>, FutureReader<Result<(), Error>>);

impl ComponentContext {
    async fn connect_postgres(&self, address: &str) -> Result<Connection, Error> {
        self.postgres.connect(address, &self.allowed_hosts).await
    }
}

impl State {
    async fn open_postgres(&mut self, address: &str) -> Result<Result<Resource<Connection>, Error>> {
        let component = self.component.clone();
        Ok(match component.connect_postgres(address).await {
            Ok(connection) => Ok(self.table.push(connection)?),
            Err(error) => Err(error),
        })
    }
}

async fn open_concurrently<T: 'static>(
    accessor: &Accessor<T, HasSelf<State>>,
    address: &str,
) -> Result<Result<Resource<Connection>, Error>> {
    let component: Arc<ComponentContext> = accessor.with(|mut access| access.get().component.clone());
    let connection = match component.connect_postgres(address).await {
        Ok(connection) => connection,
        Err(error) => return Ok(Err(error)),
    };
    Ok(Ok(accessor.with(|mut access| access.get().table.push(connection))?))
}

fn connection<T: 'static>(
    accessor: &Accessor<T, HasSelf<State>>,
    connection: &Resource<Connection>,
) -> Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.clone()))
}

impl Host for State {}

impl HostConnection for State {
    async fn open(&mut self, address: String) -> Result<Result<Resource<Connection>, Error>> {
        self.open_postgres(&address).await
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Result<RowSet, Error>> {
        let connection = self.table.get(&connection)?.clone();
        Ok(connection.query(&statement, &parameters).await)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Result<u64, Error>> {
        let connection = self.table.get(&connection)?.clone();
        Ok(connection.execute(&statement, &parameters).await)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl HostConnectionBuilder for State {
    fn new(&mut self, address: String) -> Result<Resource<ConnectionBuilder>> {
        Ok(self.table.push(ConnectionBuilder { address })?)
    }

    fn set_ca_root(
        &mut self,
        _builder: Resource<ConnectionBuilder>,
        _certificate: String,
    ) -> Result<Result<(), Error>> {
        let message = "this host connects to Postgres without TLS".to_owned();
        Ok(Err(Error::Other(message)))
    }

    async fn build(&mut self, builder: Resource<ConnectionBuilder>) -> Result<Result<Resource<Connection>, Error>> {
        let address = self.table.get(&builder)?.address.clone();
        self.open_postgres(&address).await
    }

    async fn drop(&mut self, builder: Resource<ConnectionBuilder>) -> Result<()> {
        self.table.delete(builder)?;
        Ok(())
    }
}

impl<T: 'static> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open_async(accessor: &Accessor<T, Self>, address: String) -> Result<Result<Resource<Connection>, Error>> {
        open_concurrently(accessor, &address).await
    }

    /// The rows are read before they are handed out: a guest that stops reading holds nothing.
    async fn query_async(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Result<Rows, Error>> {
        let connection = connection(accessor, &resource)?;
        let RowSet { columns, rows } = match connection.query(&statement, &parameters).await {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let end = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok(Ok((columns, rows, end)))
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Result<u64, Error>> {
        let connection = connection(accessor, &resource)?;
        Ok(connection.execute(&statement, &parameters).await)
    }
}

impl<T: 'static> HostConnectionBuilderWithStore<T> for HasSelf<State> {
    async fn build_async(
        accessor: &Accessor<T, Self>,
        builder: Resource<ConnectionBuilder>,
    ) -> Result<Result<Resource<Connection>, Error>> {
        let address: Result<String> = accessor.with(|mut access| Ok(access.get().table.get(&builder)?.address.clone()));
        open_concurrently(accessor, &address?).await
    }
}
