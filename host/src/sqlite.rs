//! `spin:sqlite`: databases in files, one connection for each `open`.

mod connection;
mod database;
mod line;
mod patience;
mod query;

pub use connection::Connection;
pub use database::Database;

use crate::bindings::spin::sqlite::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::state::State;
use wasmtime::component::{Accessor, FutureReader, HasSelf, Resource, StreamReader};

/// How many connections one instance may hold, as in Spin.
const MAX_CONNECTIONS: usize = 256;

type Rows = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);

impl State {
    fn open_sqlite(&mut self, label: &str) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        let Some(database) = self.component.databases.get(label) else {
            return Ok(Err(Error::AccessDenied));
        };
        if self.sqlite_connections >= MAX_CONNECTIONS {
            return Ok(Err(Error::Io("too many connections opened".to_owned())));
        }
        let connection = Connection::new(database.clone());
        self.sqlite_connections += 1;
        Ok(Ok(self.table.push(connection)?))
    }
}

impl Host for State {}

impl HostConnection for State {
    fn open(&mut self, database: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        self.open_sqlite(&database)
    }

    /// Keeps the whole instance waiting, though no thread, for as long as the connection's busy timeout says.
    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let connection = self.table.get(&connection)?;
        Ok(match connection.free_session() {
            Ok(mut session) => self.held.during(session.execute(&statement, &parameters)).await,
            Err(_) => Err(Error::Io("another statement of this connection has not ended".to_owned())),
        })
    }

    fn last_insert_rowid(&mut self, connection: Resource<Connection>) -> wasmtime::Result<i64> {
        Ok(self.table.get(&connection)?.free_session().map_or(0, |session| session.last_insert_rowid()))
    }

    fn changes(&mut self, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&connection)?.free_session().map_or(0, |session| session.changes()))
    }

    fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        self.sqlite_connections = self.sqlite_connections.saturating_sub(1);
        Ok(())
    }
}

impl<T: 'static> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        database: String,
    ) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        accessor.with(|mut access| access.get().open_sqlite(&database))
    }

    /// Lets the instance's other calls go on while it waits. The rows are read before they are handed out: a guest that stops
    /// reading holds no lock.
    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<Rows, Error>> {
        let connection = open_connection(accessor, &connection)?;
        let result = connection.session().await.execute(&statement, &parameters).await;
        let QueryResult { columns, rows } = match result {
            Ok(result) => result,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let end = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok(Ok((columns, rows, end)))
        })
    }

    async fn last_insert_rowid_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
    ) -> wasmtime::Result<i64> {
        Ok(open_connection(accessor, &connection)?.session().await.last_insert_rowid())
    }

    async fn changes_async(accessor: &Accessor<T, Self>, connection: Resource<Connection>) -> wasmtime::Result<u64> {
        Ok(open_connection(accessor, &connection)?.session().await.changes())
    }
}

fn open_connection<T: 'static>(
    accessor: &Accessor<T, HasSelf<State>>,
    connection: &Resource<Connection>,
) -> wasmtime::Result<Connection> {
    Ok(accessor.with(|mut access| access.get().table.get(connection).cloned())?)
}
