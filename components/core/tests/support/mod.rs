//! Databases for tests, on every engine.

use std::path::PathBuf;

use mission_control_platform::db::migrate::migrate;
use mission_control_platform::db::native::{Postgres, Sqlite};
use mission_control_platform::db::{Connection, DbError, Tx};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;
use uuid::Uuid;

/// A migrated database of its own on one engine; opens any number of connections.
pub struct Database {
    pub place: Place,
}

/// Where it is.
pub enum Place {
    File(PathBuf),
    Server { url: String, admin_url: String, name: String },
}

impl Database {
    /// A new connection.
    pub fn open(&self) -> Box<dyn Connection> {
        match &self.place {
            Place::File(path) => Box::new(Sqlite::open(path).unwrap()),
            Place::Server { url, .. } => Box::new(Postgres::connect(url).unwrap()),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match &self.place {
            Place::File(path) => {
                let _ = std::fs::remove_dir_all(path.parent().unwrap());
            }
            Place::Server { admin_url, name, .. } => {
                let mut admin = Postgres::connect(admin_url).unwrap();
                admin.run(&format!("DROP DATABASE {name} WITH (FORCE)"), &[]).unwrap();
            }
        }
    }
}

/// Runs a test once per engine, each time with an empty database.
pub fn on_every_engine(test: impl Fn(&Database)) {
    let folder = std::env::temp_dir().join(format!("mission-control-{}", Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    test(&Database { place: Place::File(folder.join("test.db")) });

    let Ok(admin_url) = std::env::var("MC_TEST_DATABASE_URL") else {
        println!("Postgres is not tested: MC_TEST_DATABASE_URL is not set");
        return;
    };
    let name = format!("mc_{}", Uuid::new_v4().simple());
    Postgres::connect(&admin_url).unwrap().run(&format!("CREATE DATABASE {name}"), &[]).unwrap();
    let (base, _) = admin_url.rsplit_once('/').unwrap();
    test(&Database { place: Place::Server { url: format!("{base}/{name}"), admin_url: admin_url.clone(), name } });
}

/// The same with the schema in place.
pub fn migrated(test: impl Fn(&Database)) {
    on_every_engine(|database| {
        migrate(&mut *database.open()).unwrap();
        test(database);
    });
}

/// A tenant.
pub fn insert_organization(tx: &mut Tx<'_>, name: &str) -> Result<Uuid, DbError> {
    let (id, now) = (Uuid::new_v4(), Timestamp::now());
    tx.execute(
        "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, $2, $3, $4)",
        &params![id, name, now, now],
    )?;
    Ok(id)
}
