//! `spin:redis`: commands on a Redis server.

use crate::allowed_hosts::{AllowedHosts, default_port};
use crate::bindings::spin::redis::redis::{
    Error, Host, HostConnection, HostConnectionWithStore, RedisParameter, RedisResult,
};
use crate::state::State;
use redis::aio::MultiplexedConnection;
use redis::{Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, Value, cmd};
use wasmtime::Result;
use wasmtime::component::{Accessor, HasSelf, Resource};

/// A guest's connection.
#[derive(Clone)]
pub struct Connection(MultiplexedConnection);

type Answer<V> = Result<Result<V, Error>>;

async fn open(address: &str, allowed: &AllowedHosts) -> Result<Connection, Error> {
    let client = Client::open(address).map_err(|_| Error::InvalidAddress)?;
    let scheme = address.split_once("://").map_or("redis", |(scheme, _)| scheme);
    let permitted = match client.get_connection_info().addr() {
        ConnectionAddr::Tcp(host, port) => allowed.allows(scheme, host, *port),
        ConnectionAddr::TcpTls { host, port, .. } => allowed.allows(scheme, host, *port),
        _ => false,
    };
    if !permitted || default_port(scheme).is_none() {
        return Err(Error::InvalidAddress);
    }
    match client.get_multiplexed_async_connection().await {
        Ok(connection) => Ok(Connection(connection)),
        Err(error) => Err(Error::Other(error.to_string())),
    }
}

/// Runs a command on a guest's connection.
async fn run<T: 'static, V: FromRedisValue>(
    accessor: &Accessor<T, HasSelf<State>>,
    resource: &Resource<Connection>,
    command: &Cmd,
) -> Answer<V> {
    let mut connection = accessor.with(|mut access| access.get().table.get(resource).map(|open| open.0.clone()))?;
    Ok(command.query_async(&mut connection).await.map_err(failed))
}

impl Host for State {}

impl HostConnection for State {
    async fn drop(&mut self, connection: Resource<Connection>) -> Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl<T: 'static> HostConnectionWithStore<T> for HasSelf<State> {
    async fn open(accessor: &Accessor<T, Self>, address: String) -> Answer<Resource<Connection>> {
        let component = accessor.with(|mut access| access.get().component.clone());
        match open(&address, &component.allowed_hosts).await {
            Ok(connection) => Ok(Ok(accessor.with(|mut access| access.get().table.push(connection))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn publish(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> Answer<()> {
        run(accessor, &connection, &Cmd::publish(channel, payload)).await
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Answer<Option<Vec<u8>>> {
        run(accessor, &connection, &Cmd::get(key)).await
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> Answer<()> {
        run(accessor, &connection, &Cmd::set(key, value)).await
    }

    async fn incr(accessor: &Accessor<T, Self>, connection: Resource<Connection>, key: String) -> Answer<i64> {
        run(accessor, &connection, &Cmd::incr(key, 1)).await
    }

    async fn del(accessor: &Accessor<T, Self>, connection: Resource<Connection>, keys: Vec<String>) -> Answer<u32> {
        run(accessor, &connection, &Cmd::del(keys)).await
    }

    async fn sadd(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Answer<u32> {
        run(accessor, &connection, &Cmd::sadd(key, values)).await
    }

    async fn smembers(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
    ) -> Answer<Vec<String>> {
        run(accessor, &connection, &Cmd::smembers(key)).await
    }

    async fn srem(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Answer<u32> {
        run(accessor, &connection, &Cmd::srem(key, values)).await
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> Answer<Vec<RedisResult>> {
        let mut command = cmd(&command);
        for argument in arguments {
            match argument {
                RedisParameter::Int64(number) => command.arg(number),
                RedisParameter::Binary(bytes) => command.arg(bytes),
            };
        }
        Ok(run::<_, Results>(accessor, &connection, &command).await?.map(|results| results.0))
    }
}

/// The answer of any command as a flat list.
struct Results(Vec<RedisResult>);

impl FromRedisValue for Results {
    fn from_redis_value(value: Value) -> Result<Self, redis::ParsingError> {
        let mut results = Vec::new();
        flatten(value, &mut results)?;
        Ok(Self(results))
    }
}

fn flatten(value: Value, results: &mut Vec<RedisResult>) -> Result<(), redis::ParsingError> {
    match value {
        Value::Nil => results.push(RedisResult::Nil),
        Value::Int(number) => results.push(RedisResult::Int64(number)),
        Value::BulkString(bytes) => results.push(RedisResult::Binary(bytes)),
        Value::SimpleString(text) => results.push(RedisResult::Status(text)),
        Value::Okay => results.push(RedisResult::Status("OK".to_owned())),
        Value::Array(values) => {
            for value in values {
                flatten(value, results)?;
            }
        }
        _ => return Err("the answer has a type that spin:redis cannot carry".into()),
    }
    Ok(())
}

fn failed(error: redis::RedisError) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedReturnType | ErrorKind::Parse => Error::TypeError,
        _ => Error::Other(error.to_string()),
    }
}
