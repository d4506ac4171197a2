//! Pools of Postgres connections, which all components share.

use super::address::Address;
use super::client::{Connection, chain};
use super::tls::{Roots, connector};
use crate::allowed_hosts::AllowedHosts;
use crate::bindings::spin::postgres::postgres::Error;
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType, Timeouts,
};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// How long to wait for a connection that others use.
const WAIT: Duration = Duration::from_secs(5);
/// How long a new connection may take, with its handshakes.
const CREATE: Duration = Duration::from_secs(10);
/// How long an idle connection may take to prove that it still lives.
const RECYCLE: Duration = Duration::from_secs(1);

/// The application's pools by address and root certificate.
pub struct Pools {
    max_connections: usize,
    pools: Mutex<HashMap<(String, Option<String>), Pool>>,
}

impl Pools {
    /// Empty pools that will hold up to `max_connections` each.
    pub fn new(max_connections: usize) -> Self {
        Self { max_connections, pools: Mutex::default() }
    }

    /// Takes a connection to `address`, or waits a while until one is free. `root` vouches for the server, if it is given.
    pub async fn connect(
        &self,
        address: &str,
        root: Option<&str>,
        allowed: &AllowedHosts,
    ) -> Result<Connection, Error> {
        let pool = self.pool(address, root, allowed).map_err(Error::ConnectionFailed)?;
        let timeouts = Timeouts { wait: Some(WAIT), create: Some(CREATE), recycle: None };
        loop {
            let object = pool.timeout_get(&timeouts).await.map_err(|error| Error::ConnectionFailed(told(&error)))?;
            if Object::metrics(&object).recycle_count == 0 || is_clean(&pool, &object).await {
                return Ok(Connection::new(object));
            }
            drop(Object::take(object));
        }
    }

    fn pool(&self, address: &str, root: Option<&str>, allowed: &AllowedHosts) -> Result<Pool, String> {
        let checked = checked(address, allowed)?;
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address.to_owned(), root.map(str::to_owned));
        if let Some(pool) = pools.get(&key) {
            return Ok(pool.clone());
        }
        let manager = manager(checked, root)?;
        let pool = Pool::builder(manager).max_size(self.max_connections).runtime(Runtime::Tokio1).build();
        let pool = pool.map_err(|error| chain(&error))?;
        pools.insert(key, pool.clone());
        Ok(pool)
    }
}

/// Sets back what statements have set on a connection that was used before, as Spin does; nothing is rolled back.
///
/// This also tells whether it still lives. Where one gives no sign of life, those that have been idle as well would give
/// none either, one after the other: they are all let go.
async fn is_clean(pool: &Pool, object: &Object) -> bool {
    let statements = RecyclingMethod::Clean.query().unwrap_or_default();
    match timeout(RECYCLE, object.simple_query(statements)).await {
        Ok(result) => result.is_ok(),
        Err(_) => {
            pool.retain(|_, metrics| metrics.last_used() < RECYCLE);
            false
        }
    }
}

fn manager(address: Address, root: Option<&str>) -> Result<Manager, String> {
    let Address { config, demand, roots } = address;
    // The pool itself only looks whether a connection is closed.
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let roots = root.map_or(roots, |text| Roots::Text(text.to_owned()));
    Ok(Manager::from_config(config, connector(demand, &roots)?, recycling))
}

fn told(error: &PoolError) -> String {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => format!("no connection became free within {} s", WAIT.as_secs()),
        PoolError::Timeout(TimeoutType::Create) => format!("the server did not answer within {} s", CREATE.as_secs()),
        PoolError::Backend(error) => chain(error),
        error => chain(error),
    }
}

/// Reads an address and makes sure that each host in it may be reached.
fn checked(address: &str, allowed: &AllowedHosts) -> Result<Address, String> {
    let address = Address::parse(address)?;
    match is_permitted(&address.config, allowed) {
        true => Ok(address),
        false => Err("address is not in this component's allowed_outbound_hosts".to_owned()),
    }
}

fn is_permitted(config: &Config, allowed: &AllowedHosts) -> bool {
    let (hosts, ports) = (config.get_hosts(), config.get_ports());
    let is_allowed = |(index, host): (usize, &Host)| {
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        matches!(host, Host::Tcp(name) if allowed.allows("postgres", name, port))
    };
    // Numeric addresses are dialled instead of the hosts.
    !hosts.is_empty() && hosts.iter().enumerate().all(is_allowed) && config.get_hostaddrs().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitted(address: &str) -> bool {
        let allowed = AllowedHosts::parse(&["postgres://db:5432"]).expect("valid");
        checked(address, &allowed).is_ok()
    }

    #[test]
    fn every_host_of_an_address_must_be_allowed() {
        assert!(permitted("postgres://user:password@db/name"));
        assert!(permitted("postgres://user:password@db/name?sslmode=verify-full"));
        assert!(permitted("host=db user=me"));
        assert!(!permitted("postgres://user@other/name"));
        assert!(!permitted("postgres://user@db,other/name"));
        assert!(!permitted("postgres://user@db/name?sslmode=require&host=other"));
        assert!(!permitted("host=db port=5433 user=me"));
        assert!(!permitted("host=/var/run/postgresql user=me"));
        assert!(!permitted("host=db hostaddr=10.0.0.1 user=me"));
        assert!(!permitted("user=me"));
    }
}
