//! SQL of tags.

use uuid::Uuid;

use super::Tag;
use super::wire::TagRef;
use mission_control_platform::db::{DbError, FromRow, List, Page, Paging, Row, Tx, Value, columns_as, placeholders};
use mission_control_platform::params;

/// Ids that one statement takes at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// How many tasks have the tag `g`.
const TASKS: &str = "(SELECT count(*) FROM tag_assignments a WHERE a.tag_id = g.id)";

/// The order of every list of tags.
const BY_NAME: &str = "lower(g.name), g.created_at, g.id";

impl FromRow for TagRef {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { id: row.next()?, name: row.next()?, slug: row.next()?, color: row.next()? })
    }
}

/// The tags of an organization by name, each with the number of tasks that have it.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, organization_id: Uuid, paging: &Paging) -> Result<Page<(Tag, i64)>, DbError> {
    let list = List {
        columns: format!("{}, {TASKS}", columns_as("g", Tag::COLUMNS)),
        from: "tags g",
        conditions: vec!["g.organization_id = $1".to_owned()],
        order: BY_NAME,
        total: "SELECT count(*) FROM tags t WHERE t.organization_id = $1".to_owned(),
        params: params![organization_id].to_vec(),
    };
    list.page(tx, paging)
}

/// The tags of an organization by name, as tasks show them.
///
/// # Errors
/// A database failure.
pub fn all(tx: &mut Tx<'_>, organization_id: Uuid) -> Result<Vec<TagRef>, DbError> {
    let sql = format!("SELECT id, name, slug, color FROM tags g WHERE organization_id = $1 ORDER BY {BY_NAME}");
    tx.all(&sql, &params![organization_id])
}

/// Those of the ids that are tags of this organization, in any order.
///
/// # Errors
/// A database failure.
pub fn of_organization(tx: &mut Tx<'_>, organization_id: Uuid, ids: &[Uuid]) -> Result<Vec<TagRef>, DbError> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(BATCH) {
        let sql = format!(
            "SELECT id, name, slug, color FROM tags WHERE organization_id = $1 AND id IN ({})",
            placeholders(2, ids.len())
        );
        let mut parameters = vec![Value::from(organization_id)];
        parameters.extend(ids.iter().map(|id| Value::from(*id)));
        found.extend(tx.all::<TagRef>(&sql, &parameters)?);
    }
    Ok(found)
}

/// The organization's tag of this id, if there is one, with the number of tasks that have it.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<Option<(Tag, i64)>, DbError> {
    let columns = columns_as("g", Tag::COLUMNS);
    let sql = format!("SELECT {columns}, {TASKS} FROM tags g WHERE g.organization_id = $1 AND g.id = $2");
    tx.first(&sql, &params![organization_id, id])
}

/// Whether a tag of the organization has this slug.
///
/// # Errors
/// A database failure.
pub fn has_slug(tx: &mut Tx<'_>, organization_id: Uuid, slug: &str) -> Result<bool, DbError> {
    tx.exists("SELECT 1 FROM tags WHERE organization_id = $1 AND slug = $2", &params![organization_id, slug])
}

/// Stores a new tag.
///
/// # Errors
/// A database failure; `Unique` when its slug is taken.
pub fn insert(tx: &mut Tx<'_>, tag: &Tag) -> Result<(), DbError> {
    let sql =
        format!("INSERT INTO tags ({}) VALUES ({})", Tag::COLUMNS.join(", "), placeholders(1, Tag::COLUMNS.len()));
    tx.execute(
        &sql,
        &params![
            tag.id,
            tag.organization_id,
            &tag.name,
            &tag.slug,
            &tag.color,
            &tag.description,
            tag.created_at,
            tag.updated_at
        ],
    )
}

/// Overwrites everything of a tag that can change.
///
/// # Errors
/// A database failure; `Unique` when its slug is taken.
pub fn save(tx: &mut Tx<'_>, tag: &Tag) -> Result<(), DbError> {
    tx.execute(
        "UPDATE tags SET name = $1, slug = $2, color = $3, description = $4, updated_at = $5 WHERE id = $6",
        &params![&tag.name, &tag.slug, &tag.color, &tag.description, tag.updated_at, tag.id],
    )
}

/// Deletes the organization's tag and takes it off every task; `false` if there is none.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<bool, DbError> {
    let sql = "DELETE FROM tags WHERE organization_id = $1 AND id = $2 RETURNING id";
    Ok(tx.first::<Uuid>(sql, &params![organization_id, id])?.is_some())
}
