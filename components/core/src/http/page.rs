//! Pagination (platform specification §13).

use serde::Serialize;

use crate::request;
use crate::schema::Ranged;

/// Larger numbers are read as the largest one, which is therefore none that anybody asked for.
const MAX_OFFSET: i64 = i64::MAX - 1;

request! {
    /// `limit` and `offset` of a paged list.
    pub struct Paging {
        /// How many items at most.
        pub limit: Ranged<1, 200> = Ranged(200),
        /// How many items to skip.
        pub offset: Ranged<0, MAX_OFFSET> = Ranged(0),
    }
}

impl Paging {
    /// How many items at most, 1 to 200.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.limit.0
    }

    /// How many items to skip.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.0
    }

    /// The page with these items.
    #[must_use]
    pub fn page<T>(&self, items: Vec<T>, total: i64) -> Page<T> {
        Page { items, total, limit: self.limit(), offset: self.offset() }
    }

    /// The page of rows that each carry the size of the whole list. `count` is asked only beyond the list's end,
    /// where no row can tell.
    ///
    /// # Errors
    /// Whatever `count` answers.
    pub fn counted<T, E>(&self, rows: Vec<(T, i64)>, count: impl FnOnce() -> Result<i64, E>) -> Result<Page<T>, E> {
        let total = match rows.first() {
            Some((_, total)) => *total,
            None if self.offset() == 0 => 0,
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
