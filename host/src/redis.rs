//! `spin:redis`: commands on a Redis server.

use crate::allowed_hosts::{AllowedHosts, default_port};
use crate::bindings::spin::redis::redis::{
    Error, Host, HostConnection, HostConnectionWithStore, RedisParameter, RedisResult,
};
use crate::state::State;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, Client, ConnectionAddr, ErrorKind, FromRedisValue, Value, cmd};
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

fn connection<T: 'static>(
    accessor: &Accessor<T, HasSelf<State>>,
    resource: &Resource<Connection>,
) -> Result<MultiplexedConnection> {
    accessor.with(|mut access| Ok(access.get().table.get(resource)?.0.clone()))
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
        resource: Resource<Connection>,
        channel: String,
        payload: Vec<u8>,
    ) -> Answer<()> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.publish(channel, payload).await.map_err(failed))
    }

    async fn get(accessor: &Accessor<T, Self>, resource: Resource<Connection>, key: String) -> Answer<Option<Vec<u8>>> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.get(key).await.map_err(failed))
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        key: String,
        value: Vec<u8>,
    ) -> Answer<()> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.set(key, value).await.map_err(failed))
    }

    async fn incr(accessor: &Accessor<T, Self>, resource: Resource<Connection>, key: String) -> Answer<i64> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.incr(key, 1).await.map_err(failed))
    }

    async fn del(accessor: &Accessor<T, Self>, resource: Resource<Connection>, keys: Vec<String>) -> Answer<u32> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.del(keys).await.map_err(failed))
    }

    async fn sadd(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Answer<u32> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.sadd(key, values).await.map_err(failed))
    }

    async fn smembers(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        key: String,
    ) -> Answer<Vec<String>> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.smembers(key).await.map_err(failed))
    }

    async fn srem(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> Answer<u32> {
        let mut connection = connection(accessor, &resource)?;
        Ok(connection.srem(key, values).await.map_err(failed))
    }

    async fn execute(
        accessor: &Accessor<T, Self>,
        resource: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> Answer<Vec<RedisResult>> {
        let mut connection = connection(accessor, &resource)?;
        let mut command = cmd(&command);
        for argument in arguments {
            match argument {
                RedisParameter::Int64(number) => command.arg(number),
                RedisParameter::Binary(bytes) => command.arg(bytes),
            };
        }
        let answer = command.query_async::<Results>(&mut connection).await;
        Ok(answer.map(|results| results.0).map_err(failed))
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
