//! Rights on single boards: those that members have, and those that invitations will give.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use crate::boards;
use mission_control_platform::db::{DbError, Tx, Value, placeholders, values_rows};
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record};
use mission_control_web::http::{ApiError, ApiResult};

/// Rows or ids that one statement takes at the most: engines bound the number of parameters.
const BATCH: usize = 500;

record! {
    /// A member's right on one board.
    #[derive(Clone, Debug)]
    pub struct BoardGrant {
        /// Identifier.
        pub id: Uuid,
        /// The board.
        pub board_id: Uuid,
        /// May read.
        pub can_read: bool,
        /// May change.
        pub can_write: bool,
        /// When it was given.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

record! {
    /// A right on one board, to be given.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct NewGrant {
        /// The board.
        pub board_id: Uuid,
        /// May read.
        pub can_read: bool,
        /// May change.
        pub can_write: bool,
    }
}

/// Rights on boards of one organization: one a board, and who may change a board may read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants(Vec<NewGrant>);

impl Grants {
    /// Of a board that is named twice the last one counts.
    #[must_use]
    pub fn new(wanted: impl IntoIterator<Item = NewGrant>) -> Self {
        let by_board: BTreeMap<Uuid, NewGrant> = wanted
            .into_iter()
            .map(|grant| (grant.board_id, NewGrant { can_read: grant.can_read || grant.can_write, ..grant }))
            .collect();
        Self(by_board.into_values().collect())
    }

    /// Refuses boards that are not the organization's. The boards stay until the end of the transaction.
    ///
    /// # Errors
    /// 422, or a database failure.
    pub fn check(&self, tx: &mut Tx<'_>, organization_id: Uuid) -> ApiResult<()> {
        for grants in self.0.chunks(BATCH) {
            let ids: Vec<Uuid> = grants.iter().map(|grant| grant.board_id).collect();
            if boards::store::lock_in(tx, organization_id, &ids)?.len() != ids.len() {
                return Err(ApiError::status(http::StatusCode::UNPROCESSABLE_ENTITY));
            }
        }
        Ok(())
    }
}

/// Who a grant belongs to.
#[derive(Clone, Copy, Debug)]
pub enum Holder {
    /// A membership.
    Member(Uuid),
    /// An invitation.
    Invite(Uuid),
}

impl Holder {
    fn parts(self) -> (&'static str, &'static str, Uuid) {
        match self {
            Self::Member(id) => ("organization_board_access", "organization_member_id", id),
            Self::Invite(id) => ("organization_invite_board_access", "organization_invite_id", id),
        }
    }
}

/// Adds rights; where the holder has some on the same board already, nothing is taken away.
///
/// # Errors
/// A database failure.
pub fn add(tx: &mut Tx<'_>, holder: Holder, grants: &Grants, now: Timestamp) -> Result<(), DbError> {
    let (table, column, holder_id) = holder.parts();
    for grants in grants.0.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO {table} (id, {column}, board_id, can_read, can_write, created_at, updated_at) VALUES {}
             ON CONFLICT ({column}, board_id) DO UPDATE SET can_read = {table}.can_read OR excluded.can_read,
             can_write = {table}.can_write OR excluded.can_write, updated_at = excluded.updated_at",
            values_rows(grants.len(), 7)
        );
        let mut parameters: Vec<Value> = Vec::with_capacity(grants.len() * 7);
        for grant in grants {
            let NewGrant { board_id, can_read, can_write } = *grant;
            parameters.extend(params![Uuid::new_v4(), holder_id, board_id, can_read, can_write, now, now]);
        }
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
}

/// Makes these all the rights of a member.
///
/// # Errors
/// A database failure.
pub fn replace(tx: &mut Tx<'_>, member_id: Uuid, grants: &Grants, now: Timestamp) -> Result<(), DbError> {
    tx.execute("DELETE FROM organization_board_access WHERE organization_member_id = $1", &params![member_id])?;
    add(tx, Holder::Member(member_id), grants, now)
}

/// The rights that an invitation will give.
///
/// # Errors
/// A database failure.
pub fn of_invite(tx: &mut Tx<'_>, invite_id: Uuid) -> Result<Grants, DbError> {
    let sql = format!(
        "SELECT {} FROM organization_invite_board_access WHERE organization_invite_id = $1",
        NewGrant::COLUMNS.join(", ")
    );
    tx.all(&sql, &params![invite_id]).map(Grants::new)
}

/// The rights that a member has.
///
/// # Errors
/// A database failure.
pub fn of_member(tx: &mut Tx<'_>, member_id: Uuid) -> Result<Grants, DbError> {
    let sql = format!(
        "SELECT {} FROM organization_board_access WHERE organization_member_id = $1",
        NewGrant::COLUMNS.join(", ")
    );
    tx.all(&sql, &params![member_id]).map(Grants::new)
}

/// The rights of these members, by member; who has none is left out.
///
/// # Errors
/// A database failure.
pub fn of_members(tx: &mut Tx<'_>, member_ids: &[Uuid]) -> Result<HashMap<Uuid, Vec<BoardGrant>>, DbError> {
    let mut found: HashMap<Uuid, Vec<BoardGrant>> = HashMap::new();
    for ids in member_ids.chunks(BATCH) {
        let sql = format!(
            "SELECT organization_member_id, {} FROM organization_board_access WHERE organization_member_id IN ({})
             ORDER BY created_at, board_id",
            BoardGrant::COLUMNS.join(", "),
            placeholders(1, ids.len())
        );
        let parameters: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
        for (member_id, grant) in tx.all::<(Uuid, BoardGrant)>(&sql, &parameters)? {
            found.entry(member_id).or_default().push(grant);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_right_on_a_board_counts_and_writing_needs_reading() {
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let grant = |board_id, can_read, can_write| NewGrant { board_id, can_read, can_write };
        let grants = Grants::new([grant(first, true, true), grant(second, false, true), grant(first, false, false)]);
        assert_eq!(grants.0, [grant(first, false, false), grant(second, true, true)]);
    }
}
