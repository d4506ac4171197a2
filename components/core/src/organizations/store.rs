//! SQL of organizations and memberships.

use uuid::Uuid;

use super::{Membership, Organization, Role};
use crate::db::{DbError, Tx, columns_as};
use crate::params;
use crate::time::Timestamp;

/// The organization, if it exists.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Organization>, DbError> {
    let sql = format!("SELECT {} FROM organizations WHERE id = $1", Organization::COLUMNS.join(", "));
    tx.first(&sql, &params![id])
}

/// Makes an organization with this person as its owner, and makes it their active one.
///
/// # Errors
/// A database failure.
pub fn create_with_owner(tx: &mut Tx<'_>, name: &str, user_id: Uuid) -> Result<(Organization, Membership), DbError> {
    let now = Timestamp::now();
    let organization = Organization { id: Uuid::new_v4(), name: name.to_owned(), created_at: now, updated_at: now };
    tx.execute(
        "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, $2, $3, $4)",
        &params![organization.id, name, now, now],
    )?;
    let membership = Membership {
        id: Uuid::new_v4(),
        organization_id: organization.id,
        user_id,
        role: Role::Owner,
        all_boards_read: true,
        all_boards_write: true,
        created_at: now,
        updated_at: now,
    };
    insert_membership(tx, &membership)?;
    crate::users::store::set_active_organization(tx, user_id, Some(organization.id))?;
    Ok((organization, membership))
}

/// Stores a new membership.
///
/// # Errors
/// A database failure; `Unique` when the person is a member already.
pub fn insert_membership(tx: &mut Tx<'_>, membership: &Membership) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO organization_members
         (id, organization_id, user_id, role, all_boards_read, all_boards_write, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &params![
            membership.id,
            membership.organization_id,
            membership.user_id,
            membership.role,
            membership.all_boards_read,
            membership.all_boards_write,
            membership.created_at,
            membership.updated_at
        ],
    )
}

/// The person's membership of this organization.
///
/// # Errors
/// A database failure.
pub fn membership(tx: &mut Tx<'_>, organization_id: Uuid, user_id: Uuid) -> Result<Option<Membership>, DbError> {
    let sql = format!(
        "SELECT {} FROM organization_members WHERE organization_id = $1 AND user_id = $2",
        Membership::COLUMNS.join(", ")
    );
    tx.first(&sql, &params![organization_id, user_id])
}

/// The person's oldest membership.
///
/// # Errors
/// A database failure.
pub fn oldest_membership(tx: &mut Tx<'_>, user_id: Uuid) -> Result<Option<Membership>, DbError> {
    let sql = format!(
        "SELECT {} FROM organization_members WHERE user_id = $1 ORDER BY created_at, id LIMIT 1",
        Membership::COLUMNS.join(", ")
    );
    tx.first(&sql, &params![user_id])
}

/// The organizations that the person is a member of, by name, with their role there.
///
/// # Errors
/// A database failure.
pub fn of_user(tx: &mut Tx<'_>, user_id: Uuid) -> Result<Vec<(Organization, Role)>, DbError> {
    let sql = format!(
        "SELECT {}, m.role FROM organization_members m JOIN organizations o ON o.id = m.organization_id
         WHERE m.user_id = $1 ORDER BY lower(o.name), o.id",
        columns_as("o", Organization::COLUMNS)
    );
    tx.all(&sql, &params![user_id])
}

/// Whether one of the person's organizations has this name, whatever the case of its letters.
///
/// # Errors
/// A database failure.
pub fn user_has_one_named(tx: &mut Tx<'_>, user_id: Uuid, name: &str) -> Result<bool, DbError> {
    tx.exists(
        "SELECT 1 FROM organization_members m JOIN organizations o ON o.id = m.organization_id
         WHERE m.user_id = $1 AND lower(o.name) = lower($2)",
        &params![user_id, name],
    )
}
