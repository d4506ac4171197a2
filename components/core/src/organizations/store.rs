//! SQL of organizations and memberships.

use uuid::Uuid;

use super::{Membership, Organization, Role};
use mission_control_platform::db::{DbError, Tx, columns_as};
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, record};

/// The organization, if it exists.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Organization>, DbError> {
    let sql = format!("SELECT {} FROM organizations WHERE id = $1", Organization::COLUMNS.join(", "));
    tx.first(&sql, &params![id])
}

/// Locks an organization until the end of the transaction. Whatever changes who its members are, or their roles, holds
/// this lock, so that rules about all of its members hold.
///
/// # Errors
/// A database failure.
pub fn lock(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    let sql = format!("SELECT 1 FROM organizations WHERE id = $1{}", tx.for_update());
    tx.execute(&sql, &params![id])
}

/// As [`lock`], all organizations that the person is a member of.
///
/// # Errors
/// A database failure.
pub fn lock_all_of(tx: &mut Tx<'_>, user_id: Uuid) -> Result<(), DbError> {
    // In one order, so that two of these never wait for each other.
    let sql = format!(
        "SELECT 1 FROM organizations WHERE id IN (SELECT organization_id FROM organization_members WHERE user_id = $1)
         ORDER BY id{}",
        tx.for_update()
    );
    tx.execute(&sql, &params![user_id])
}

/// Deletes an organization and, by the schema's cascades, everything in it.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM organizations WHERE id = $1", &params![id])
}

/// Makes an organization with this person as its owner.
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

record! {
    /// Who a person shares one of their organizations with.
    #[derive(Clone, Copy, Debug)]
    pub struct Company {
        /// The organization.
        pub organization_id: Uuid,
        /// The person's role there.
        pub role: Role,
        /// How many members it has besides the person.
        pub other_members: i64,
        /// How many of these are owners.
        pub other_owners: i64,
    }
}

/// Every organization of the person with the number of its other members and owners.
///
/// # Errors
/// A database failure.
pub fn company_of(tx: &mut Tx<'_>, user_id: Uuid) -> Result<Vec<Company>, DbError> {
    let others = "SELECT count(*) FROM organization_members o
         WHERE o.organization_id = m.organization_id AND o.user_id <> m.user_id";
    let sql = format!(
        "SELECT m.organization_id, m.role, ({others}), ({others} AND o.role = 'owner')
         FROM organization_members m WHERE m.user_id = $1 ORDER BY m.organization_id"
    );
    tx.all(&sql, &params![user_id])
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

/// Whether a membership still gives the rights that it gave when it was read: streams ask before each look.
///
/// # Errors
/// A database failure.
pub(crate) fn is_unchanged(tx: &mut Tx<'_>, member: &Membership) -> Result<bool, DbError> {
    tx.exists(
        "SELECT 1 FROM organization_members WHERE id = $1 AND role = $2 AND all_boards_read = $3 AND all_boards_write = $4",
        &params![member.id, member.role, member.all_boards_read, member.all_boards_write],
    )
}

/// The ids of the boards that a member has a grant to read, as a subquery; parameter `number` is the membership's id.
#[must_use]
pub(crate) fn readable_by_member(number: usize) -> String {
    format!(
        "SELECT board_id FROM organization_board_access
         WHERE organization_member_id = ${number} AND (can_read OR can_write)"
    )
}

/// Some of the boards of their organization that a member has a grant to read: at most `limit`.
///
/// # Errors
/// A database failure.
pub(crate) fn readable_board_ids(tx: &mut Tx<'_>, member: &Membership, limit: usize) -> Result<Vec<Uuid>, DbError> {
    let sql = format!("{} ORDER BY board_id LIMIT $2", readable_by_member(1));
    tx.all(&sql, &params![member.id, i64::try_from(limit).unwrap_or(i64::MAX)])
}
