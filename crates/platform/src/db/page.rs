//! Places in lists: pages by offset, positions by time (platform specification §13).

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use crate::time::Timestamp;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    limit: i64,
    offset: i64,
}

impl Paging {
    /// At most `limit` items (1 to 200), after skipping `offset` of them.
    #[must_use]
    pub const fn new(limit: i64, offset: i64) -> Self {
        Self { limit, offset }
    }

    /// How many items at most, 1 to 200.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.limit
    }

    /// How many items to skip.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset
    }

    /// The page with these items.
    #[must_use]
    pub fn page<T>(&self, items: Vec<T>, total: i64) -> Page<T> {
        Page { items, total, limit: self.limit, offset: self.offset }
    }

    /// The page of rows that each carry the size of the whole list. `count` is asked only beyond the list's end,
    /// where no row can tell.
    ///
    /// # Errors
    /// Whatever `count` answers.
    pub fn counted<T, E>(&self, rows: Vec<(T, i64)>, count: impl FnOnce() -> Result<i64, E>) -> Result<Page<T>, E> {
        let total = match rows.first() {
            Some((_, total)) => *total,
            None if self.offset == 0 => 0,
            None => count()?,
        };
        Ok(self.page(rows.into_iter().map(|(item, _)| item).collect(), total))
    }

    /// A page without items.
    #[must_use]
    pub fn empty<T>(&self) -> Page<T> {
        self.page(Vec::new(), 0)
    }
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// How many items the whole list has.
    pub total: i64,
    /// The limit that was applied.
    pub limit: i64,
    /// The offset that was applied.
    pub offset: i64,
}

impl<T> Page<T> {
    /// The same page with every item turned into another.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, total, limit, offset } = self;
        Page { items: items.into_iter().map(turn).collect(), total, limit, offset }
    }
}

/// The place of a row in a feed: when it was written, and its id where moments are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// When the row was written.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl Position {
    /// Before every row of this moment.
    #[must_use]
    pub fn before(at: Timestamp) -> Self {
        Self { at, id: Uuid::nil() }
    }

    /// Reads what [`fmt::Display`] wrote; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('/')?;
        Some(Self { at: Timestamp::from_storage(at)?, id: Uuid::try_parse(id).ok()? })
    }
}

/// The form of event ids.
impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.at.to_storage(), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_being_text() {
        let here = Position { at: Timestamp::from_micros(3_000_000).unwrap(), id: Uuid::from_u128(9) };
        assert_eq!(Position::parse(&here.to_string()), Some(here));
        assert_eq!(Position::parse("41"), None);
        assert_eq!(Position::parse("2020-01-01/x"), None);
    }
}
