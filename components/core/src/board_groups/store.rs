//! SQL of board groups.

use uuid::Uuid;

use super::BoardGroup;
use crate::organizations::Membership;
use crate::organizations::store::readable_by_member;
use mission_control_platform::db::{DbError, List, Page, Paging, Tx, columns_as, placeholders};
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

/// The group, if it exists.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, group_id: Uuid) -> Result<Option<BoardGroup>, DbError> {
    let sql = format!("SELECT {} FROM board_groups WHERE id = $1", BoardGroup::COLUMNS.join(", "));
    tx.first(&sql, &params![group_id])
}

/// The groups of the member's organization by name: all, or those with a board that they may read.
///
/// # Errors
/// A database failure.
pub fn visible(tx: &mut Tx<'_>, member: &Membership, paging: &Paging) -> Result<Page<BoardGroup>, DbError> {
    let mut wanted = "g.organization_id = $1".to_owned();
    let mut params = params![member.organization_id].to_vec();
    if !member.reads_all_boards() {
        params.push(member.id.into());
        let readable = readable_by_member(params.len());
        wanted.push_str(&format!(" AND g.id IN (SELECT board_group_id FROM boards WHERE id IN ({readable}))"));
    }
    let list = List {
        columns: columns_as("g", BoardGroup::COLUMNS),
        from: "board_groups g",
        total: format!("SELECT count(*) FROM board_groups g WHERE {wanted}"),
        conditions: vec![wanted],
        order: "lower(g.name), g.id",
        params,
    };
    list.page(tx, paging)
}

/// Stores a new group.
///
/// # Errors
/// A database failure.
pub(super) fn insert(tx: &mut Tx<'_>, group: &BoardGroup) -> Result<(), DbError> {
    let columns = BoardGroup::COLUMNS;
    let sql = format!("INSERT INTO board_groups ({}) VALUES ({})", columns.join(", "), placeholders(1, columns.len()));
    tx.execute(
        &sql,
        &params![
            group.id,
            group.organization_id,
            &group.name,
            &group.slug,
            &group.description,
            group.created_at,
            group.updated_at
        ],
    )
}

/// Overwrites everything of a group that can change.
///
/// # Errors
/// A database failure.
pub(super) fn save(tx: &mut Tx<'_>, group: &BoardGroup) -> Result<(), DbError> {
    tx.execute(
        "UPDATE board_groups SET name = $1, slug = $2, description = $3, updated_at = $4 WHERE id = $5",
        &params![&group.name, &group.slug, &group.description, group.updated_at, group.id],
    )
}

/// Deletes a group with its memory; its boards stay, in no group.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, group_id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM board_groups WHERE id = $1", &params![group_id])
}
