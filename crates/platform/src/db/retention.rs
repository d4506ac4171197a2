//! Forgetting rows that nobody needs any more: found by reading, so that a tick that finds none waits for nobody, and
//! deleted in small transactions, so that nobody waits for it.

use std::time::Duration;

use uuid::Uuid;

use super::{Connection, DbError, Tx, Value, placeholders, transaction};
use crate::time::Timestamp;

/// Rows that one transaction deletes at the most.
pub const BATCH: i64 = 500;

/// What is kept of something; 0 sets no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How long, in days.
    pub days: u32,
    /// How many rows.
    pub rows: u32,
}

impl Keep {
    /// What is older than this is not kept.
    #[must_use]
    pub fn since(self, now: Timestamp) -> Option<Timestamp> {
        (self.days > 0).then(|| now.minus(Duration::from_secs(u64::from(self.days) * 24 * 60 * 60)))
    }

    /// What is beyond so many rows is not kept.
    #[must_use]
    pub fn newest(self) -> Option<i64> {
        (self.rows > 0).then(|| self.rows.into())
    }
}

/// Deletes the rows of a table that `find` gives the ids of, if there are any.
///
/// # Errors
/// A database failure.
pub fn delete_found(
    connection: &mut dyn Connection,
    table: &str,
    find: impl FnOnce(&mut Tx<'_>) -> Result<Vec<Uuid>, DbError>,
) -> Result<(), DbError> {
    let ids = find(&mut Tx::on(connection))?;
    if ids.is_empty() {
        return Ok(());
    }
    transaction(connection, |tx| delete_rows(tx, table, &ids))
}

/// Deletes these rows of a table in the caller's transaction. No more than [`BATCH`].
///
/// # Errors
/// A database failure.
pub fn delete_rows(tx: &mut Tx<'_>, table: &str, ids: &[Uuid]) -> Result<(), DbError> {
    if ids.is_empty() {
        return Ok(());
    }
    let parameters: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    tx.execute(&format!("DELETE FROM {table} WHERE id IN ({})", placeholders(1, ids.len())), &parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_sets_no_bound() {
        let now = Timestamp::now();
        assert_eq!((Keep { days: 0, rows: 0 }.since(now), Keep { days: 0, rows: 0 }.newest()), (None, None));
        let keep = Keep { days: 2, rows: 7 };
        assert_eq!(keep.since(now).map(|since| now.since(since)), Some(Duration::from_secs(2 * 86_400)));
        assert_eq!(keep.newest(), Some(7));
    }
}
