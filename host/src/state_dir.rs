//! The folder with everything that the program keeps: databases, compiled components, the lock.

use crate::private::{create_private, make_private, private_file};
use anyhow::{Context, bail, ensure};
use rusqlite::{Connection, OpenFlags};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Databases up to this size are read through at the start, to find damage.
const MAX_CHECKED_BYTES: u64 = 64 * 1024 * 1024;

/// A state folder that only this process uses.
#[derive(Debug)]
pub struct StateDir {
    path: PathBuf,
    /// Holds the lock for as long as it is open.
    _lock: File,
}

impl StateDir {
    /// Creates the folder where it is missing, locks it, and takes others' rights to the databases in it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        create_private(path)?;
        let lock = private_file().create(true).truncate(false).write(true).open(path.join("lock"));
        let lock = lock.with_context(|| not_writable(path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another process uses the state folder {}: stop it, or choose another --state-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| not_writable(path)),
        }
        let state = Self { path: path.to_owned(), _lock: lock };
        for database in [state.database(), state.key_value_file()] {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let mut file = database.clone().into_os_string();
                file.push(suffix);
                make_private(Path::new(&file))?;
            }
        }
        Ok(state)
    }

    /// The application's own database.
    pub fn database(&self) -> PathBuf {
        self.path.join("mission-control.db")
    }

    /// The file of the default key-value store.
    pub fn key_value_file(&self) -> PathBuf {
        self.path.join("key_value.db")
    }

    /// The folder of compiled components.
    pub fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }
}

fn not_writable(path: &Path) -> String {
    format!("cannot write to the state folder {}: check who owns it, or choose another --state-dir", path.display())
}

/// Makes sure that a database file, if it exists, can be read and written.
pub fn check_database(path: &Path) -> anyhow::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        ensure!(folder.is_dir(), "the folder of the database {} does not exist: create it", path.display());
    }
    let Ok(metadata) = path.metadata() else {
        return Ok(());
    };
    ensure!(!metadata.permissions().readonly(), "the database {} cannot be written: check who owns it", path.display());
    inspect(path, metadata.len() <= MAX_CHECKED_BYTES).with_context(|| {
        format!(
            "the database {} is damaged or not a database: restore it from a backup, or move it away to start afresh",
            path.display()
        )
    })
}

fn inspect(path: &Path, thoroughly: bool) -> anyhow::Result<()> {
    let database = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    database.busy_timeout(Duration::from_secs(5))?;
    database.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    if thoroughly {
        let verdict: String = database.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        ensure!(verdict == "ok", "{}", verdict.replace('\n', " "));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_user_of_the_folder_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let first = StateDir::open(&path).expect("the first user");
        let error = StateDir::open(&path).expect_err("a second user").to_string();
        assert!(error.contains("another process"), "{error}");
        drop(first);
        StateDir::open(&path).expect("the folder is free again");
    }

    #[test]
    fn databases_of_earlier_versions_become_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["mission-control.db", "mission-control.db-wal", "key_value.db"] {
            std::fs::write(folder.path().join(name), "").expect("written");
        }
        let _state = StateDir::open(folder.path()).expect("a state folder");
        for entry in folder.path().read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            assert_eq!(path.metadata().expect("metadata").permissions().mode() & 0o777, 0o600, "{}", path.display());
        }
    }

    #[test]
    fn damaged_databases_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("app.db");
        check_database(&path).expect("none yet");
        std::fs::write(&path, [7; 5000]).expect("written");
        let error = check_database(&path).expect_err("not a database");
        assert!(format!("{error:#}").contains("app.db"));
        std::fs::remove_file(&path).expect("removed");
        let database = Connection::open(&path).expect("a database");
        database.execute("CREATE TABLE t (a)", []).expect("a table");
        check_database(&path).expect("a good database");
    }
}
