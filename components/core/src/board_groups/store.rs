//! SQL of board groups.

use uuid::Uuid;

use super::BoardGroup;
use mission_control_platform::db::{DbError, Tx};
use mission_control_platform::params;

/// The group, if it exists in this organization.
///
/// # Errors
/// A database failure.
pub fn find_in(tx: &mut Tx<'_>, organization_id: Uuid, group_id: Uuid) -> Result<Option<BoardGroup>, DbError> {
    let sql =
        format!("SELECT {} FROM board_groups WHERE id = $1 AND organization_id = $2", BoardGroup::COLUMNS.join(", "));
    tx.first(&sql, &params![group_id, organization_id])
}
