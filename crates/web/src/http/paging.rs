//! `limit` and `offset` of a query (platform specification §13).

use mission_control_platform::db::Paging;

use super::context::Cx;
use super::error::ApiResult;
use super::extract::{Extract, Query};
use super::operation::Operation;
use crate::request;
use crate::schema::{Faults, Ranged};

/// Larger numbers are read as the largest one, which is therefore none that anybody asked for.
const MAX_OFFSET: i64 = i64::MAX - 1;

request! {
    /// `limit` and `offset` of a paged list.
    struct PagingQuery {
        /// How many items at most.
        limit: Ranged<1, 200> = Ranged(200),
        /// How many items to skip.
        offset: Ranged<0, MAX_OFFSET> = Ranged(0),
    }
}

impl Extract for Paging {
    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        let query = Query::<PagingQuery>::extract(cx, faults).await?;
        Ok(query.map(|query| Self::new(query.limit.0, query.offset.0)))
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.parameters::<PagingQuery>("query");
    }
}
