//! SQL of members.

use uuid::Uuid;

use super::Person;
use crate::organizations::Membership;
use mission_control_platform::db::{DbError, Page, Paging, Tx, columns_as};
use mission_control_platform::params;

fn columns() -> String {
    format!("{}, {}", columns_as("m", Membership::COLUMNS), columns_as("u", Person::COLUMNS))
}

/// The membership and its person, if the organization has it.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<Option<(Membership, Person)>, DbError> {
    let sql = format!(
        "SELECT {} FROM organization_members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND m.id = $2",
        columns()
    );
    tx.first(&sql, &params![organization_id, id])
}

/// One page of the memberships of an organization, by e-mail address (none last), then name.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, organization_id: Uuid, paging: &Paging) -> Result<Page<(Membership, Person)>, DbError> {
    let total = "SELECT count(*) FROM organization_members WHERE organization_id = $1";
    let sql = format!(
        "SELECT {}, ({total}) FROM organization_members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1
         ORDER BY lower(u.email) NULLS LAST, u.name NULLS LAST, m.id LIMIT $2 OFFSET $3",
        columns()
    );
    let rows = tx.all(&sql, &params![organization_id, paging.limit(), paging.offset()])?;
    paging.counted(rows, || tx.one(total, &params![organization_id]))
}

/// Overwrites what can be changed of a membership.
///
/// # Errors
/// A database failure.
pub fn save(tx: &mut Tx<'_>, membership: &Membership) -> Result<(), DbError> {
    tx.execute(
        "UPDATE organization_members SET role = $1, all_boards_read = $2, all_boards_write = $3, updated_at = $4
         WHERE id = $5",
        &params![
            membership.role,
            membership.all_boards_read,
            membership.all_boards_write,
            membership.updated_at,
            membership.id
        ],
    )
}

/// Deletes a membership and, by the schema's cascades, its rights on boards.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM organization_members WHERE id = $1", &params![id])
}

/// Whether the organization has an owner besides this member.
///
/// # Errors
/// A database failure.
pub fn has_another_owner(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<bool, DbError> {
    tx.exists(
        "SELECT 1 FROM organization_members WHERE organization_id = $1 AND id <> $2 AND role = 'owner' LIMIT 1",
        &params![organization_id, id],
    )
}

/// Whether anybody with this e-mail address (in small letters) is a member of the organization.
///
/// # Errors
/// A database failure.
pub fn has_address(tx: &mut Tx<'_>, organization_id: Uuid, email: &str) -> Result<bool, DbError> {
    tx.exists(
        "SELECT 1 FROM organization_members m JOIN users u ON u.id = m.user_id
         WHERE m.organization_id = $1 AND lower(u.email) = $2 LIMIT 1",
        &params![organization_id, email],
    )
}
