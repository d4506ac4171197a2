//! Lists in pages: one statement gives a page's rows and how long the whole list is.

use super::{DbError, Engine, FromRow, Page, Paging, Tx, Value};
use crate::params;

/// What a list shows, of which rows, in which order.
#[derive(Debug)]
pub struct List<'a> {
    /// The SELECT list.
    pub columns: String,
    /// The tables.
    pub from: &'a str,
    /// Which rows. Of several conditions a row meets one at most, and the order names columns of the SELECT list: then
    /// rows that an index has in order for each condition are merged, where one condition with IN would sort all of them.
    pub conditions: Vec<String>,
    /// The order, a unique column last, so that no row is on two pages.
    pub order: &'a str,
    /// The statement that counts the whole list.
    pub total: String,
    /// The parameters of the conditions, all of which the total uses too.
    pub params: Vec<Value>,
}

impl List<'_> {
    /// One page of the list.
    ///
    /// # Errors
    /// A database failure.
    pub fn page<T: FromRow>(&self, tx: &mut Tx<'_>, paging: &Paging) -> Result<Page<T>, DbError> {
        let params = [self.params.as_slice(), &params![paging.limit(), paging.offset()]].concat();
        if let [condition] = self.conditions.as_slice() {
            let select = self.select(condition, &format!(", ({})", self.total));
            let rows = tx.all(&self.in_order(&select), &params)?;
            return paging.counted(rows, || tx.one(&self.total, &self.params));
        }
        // The total would keep either engine from merging.
        let items = match tx.engine() {
            Engine::Sqlite => {
                let parts: Vec<String> = self.conditions.iter().map(|condition| self.select(condition, "")).collect();
                tx.all(&self.in_order(&parts.join(" UNION ALL ")), &params)?
            }
            // Merges only what is in order by itself.
            Engine::Postgres => {
                let (order, reach) = (self.order, params.len() + 1);
                let part = |condition| format!("({} ORDER BY {order} LIMIT ${reach})", self.select(condition, ""));
                let parts: Vec<String> = self.conditions.iter().map(|condition| part(condition)).collect();
                let reach = paging.limit().saturating_add(paging.offset());
                tx.all(&self.in_order(&parts.join(" UNION ALL ")), &[params.as_slice(), &params![reach]].concat())?
            }
        };
        Ok(paging.page(items, tx.one(&self.total, &self.params)?))
    }

    fn select(&self, condition: &str, more: &str) -> String {
        format!("SELECT {}{more} FROM {} WHERE {condition}", self.columns, self.from)
    }

    fn in_order(&self, select: &str) -> String {
        let limit = self.params.len() + 1;
        format!("{select} ORDER BY {} LIMIT ${limit} OFFSET ${}", self.order, limit + 1)
    }
}
