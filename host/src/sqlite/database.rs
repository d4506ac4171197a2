//! A database file and the line in which its writers wait.

use crate::blocking;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A database that components of this process share.
///
/// SQLite lets one connection write at a time; the others poll for the lock, and the unlucky ones starve. Writers of this
/// process wait in line instead: the first to come is the first to write, and as soon as it can.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    writers: Arc<Semaphore>,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Database {
    /// The database in this file.
    pub fn new(path: PathBuf) -> Self {
        Self { path, writers: Arc::new(Semaphore::new(1)) }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits for the turn to write; `None` if it does not come in time.
    pub fn wait_for_turn(&self, longest: Duration) -> Option<Turn> {
        let permit = match self.writers.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => blocking::wait(self.writers.clone().acquire_owned(), longest)?.ok()?,
        };
        Some(Turn { _permit: permit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn one_writes_at_a_time_in_the_order_of_coming() {
        let database = Arc::new(Database::new(PathBuf::from("unused")));
        let first = database.wait_for_turn(Duration::ZERO).expect("nobody else writes");
        assert!(database.wait_for_turn(Duration::from_millis(5)).is_none());
        let next = tokio::spawn({
            let database = database.clone();
            async move { database.wait_for_turn(Duration::from_secs(10)).is_some() }
        });
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(first);
        assert!(next.await.expect("the writer comes to its turn"));
        assert!(database.wait_for_turn(Duration::ZERO).is_some());
    }
}
