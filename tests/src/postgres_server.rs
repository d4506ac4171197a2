//! Fresh databases on the Postgres server of `MC_TEST_DATABASE_URL`.

use postgres::{Client, NoTls};
use uuid::Uuid;

/// A database that is dropped with this.
pub struct FreshDatabase {
    pub url: String,
    name: String,
    server_url: String,
}

impl FreshDatabase {
    pub fn create_if_asked() -> Option<Self> {
        let server_url = std::env::var("MC_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())?;
        let name = format!("test_{}", Uuid::new_v4().simple());
        connect(&server_url).batch_execute(&format!("CREATE DATABASE {name}")).expect("a new database");
        Some(Self { url: with_database(&server_url, &name), name, server_url })
    }

    pub fn execute(&self, sql: &str) {
        connect(&self.url).batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// The first column of every row.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let rows = connect(&self.url).query(sql, &[]).unwrap_or_else(|error| panic!("{error}: {sql}"));
        rows.iter().map(|row| row.get(0)).collect()
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        if let Ok(mut server) = Client::connect(&self.server_url, NoTls) {
            // A database that stays is in nobody's way.
            let _ = server.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

fn connect(url: &str) -> Client {
    // The error may quote the URL with its password.
    Client::connect(url, NoTls).unwrap_or_else(|_| panic!("cannot connect to MC_TEST_DATABASE_URL"))
}

/// The same URL with another path.
fn with_database(url: &str, name: &str) -> String {
    let (url, query) = url.split_once('?').map_or((url, String::new()), |(url, query)| (url, format!("?{query}")));
    let (scheme, rest) = url.split_once("://").expect("a URL");
    let authority = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{authority}/{name}{query}")
}
