//! The folder with everything that the program keeps: databases, compiled components, the lock.

use anyhow::{Context, bail, ensure};
use rusqlite::{Connection, OpenFlags};
use std::fs::{DirBuilder, File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
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
    /// Creates the folder where it is missing, and locks it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        create_private(path)?;
        let lock_path = path.join("lock");
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.with_context(|| not_writable(path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!(
                "another process uses the state folder {}: stop it, or choose another --state-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| not_writable(path)),
        }
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

/// Creates a folder that only its owner can enter; one that exists stays as it is.
pub fn create_private(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("cannot create the folder {}: choose another --state-dir", path.display()))
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
    fn the_folder_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let _state = StateDir::open(&path).expect("a state folder");
        let mode = path.metadata().expect("metadata").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
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
