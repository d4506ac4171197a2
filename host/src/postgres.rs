//! `spin:postgres`: pooled connections, one pool for each address.

mod address;
mod client;
mod parameters;
mod pool;
mod rows;
mod tls;

pub use client::Connection;
pub use pool::Pools;

use crate::bindings::spin::postgres::postgres::{
    Column, Error, Host, HostConnection, HostConnectionBuilder, HostConnectionBuilderWithStore,
    HostConnectionWithStore, ParameterValue, Row, RowSet,
};
use crate::state::{ComponentContext, State};
use address::Address;
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

/// What connects to a database outside the pools, as the components connect.
///
/// # Errors
/// A text that repeats nothing of the URL, which may hold a password.
pub fn postgres_client(url: &str) -> Result<(Config, MakeRustlsConnect), String> {
    let Address { config, demand, roots } = Address::parse(url)?;
    Ok((config, tls::connector(demand, &roots)?))
}

/// A connection that is being configured.
#[derive(Clone)]
pub struct ConnectionBuilder {
    address: String,
    /// The certificate that vouches for the server.
    root: Option<String>,
}

impl ConnectionBuilder {
    fn new(address: String) -> Self {
        Self { address, root: None }
    }
}

type Rows = (Vec<Column>, StreamReader<Row>, FutureReader<Result<(), Error>>);

impl ComponentContext {
    async fn connect_postgres(&self, to: &ConnectionBuilder) -> Result<Connection, Error> {
        self.postgres.connect(&to.address, to.root.as_deref(), &self.allowed_hosts).await
    }
}

impl State {
    async fn open_postgres(&mut self, to: &ConnectionBuilder) -> Result<Result<Resource<Connection>, Error>> {
        let component = self.component.clone();
        Ok(match self.held.during(component.connect_postgres(to)).await {
            Ok(connection) => Ok(self.table.push(connection)?),
            Err(error) => Err(error),
        })
    }
}

async fn open_concurrently<T: 'static>(
    accessor: &Accessor<T, HasSelf<State>>,
    to: &ConnectionBuilder,
) -> Result<Result<Resource<Connection>, Error>> {
    let component: Arc<ComponentContext> = accessor.with(|mut access| access.get().component.clone());
    let connection = match component.connect_postgres(to).await {
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
        self.open_postgres(&ConnectionBuilder::new(address)).await
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Result<RowSet, Error>> {
        let connection = self.table.get(&connection)?.clone();
        Ok(self.held.during(connection.query(&statement, &parameters)).await)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<ParameterValue>,
    ) -> Result<Result<u64, Error>> {
        let connection = self.table.get(&connection)?.clone();
        Ok(self.held.during(connection.execute(&statement, &parameters)).await)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl HostConnectionBuilder for State {
    fn new(&mut self, address: String) -> Result<Resource<ConnectionBuilder>> {
        Ok(self.table.push(ConnectionBuilder::new(address))?)
    }

    fn set_ca_root(&mut self, builder: Resource<ConnectionBuilder>, certificate: String) -> Result<Result<(), Error>> {
        if let Err(problem) = tls::certificates(certificate.as_bytes()) {
            return Ok(Err(Error::Other(problem)));
        }
        self.table.get_mut(&builder)?.root = Some(certificate);
        Ok(Ok(()))
    }

    async fn build(&mut self, builder: Resource<ConnectionBuilder>) -> Result<Result<Resource<Connection>, Error>> {
        let to = self.table.get(&builder)?.clone();
        self.open_postgres(&to).await
    }

    async fn drop(&mut self, builder: Resource<ConnectionBuilder>) -> Result<()> {
        self.table.delete(builder)?;
        Ok(())
    }
}

impl<T: 'static> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open_async(accessor: &Accessor<T, Self>, address: String) -> Result<Result<Resource<Connection>, Error>> {
        open_concurrently(accessor, &ConnectionBuilder::new(address)).await
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
        let to: ConnectionBuilder = accessor.with(|mut access| access.get().table.get(&builder).cloned())?;
        open_concurrently(accessor, &to).await
    }
}
