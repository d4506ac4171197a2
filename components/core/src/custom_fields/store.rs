//! SQL of the definitions of custom fields and the boards that they are in force on.

use uuid::Uuid;

use super::Definition;
use mission_control_platform::db::{DbError, Tx, Value, placeholders, values_rows};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// Rows or ids that one statement takes at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// The definitions of an organization, by label.
///
/// # Errors
/// A database failure.
pub(super) fn of_organization(tx: &mut Tx<'_>, organization_id: Uuid) -> Result<Vec<Definition>, DbError> {
    let sql = format!(
        "SELECT {} FROM task_custom_field_definitions WHERE organization_id = $1 ORDER BY lower(label), id",
        Definition::COLUMNS.join(", ")
    );
    tx.all(&sql, &params![organization_id])
}

/// Which of an organization's fields are in force where: field and board.
pub(super) fn bindings_of_organization(tx: &mut Tx<'_>, organization_id: Uuid) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    tx.all(
        "SELECT d.id, b.board_id FROM task_custom_field_definitions d
         JOIN board_task_custom_fields b ON b.task_custom_field_definition_id = d.id WHERE d.organization_id = $1",
        &params![organization_id],
    )
}

/// The boards that a field is in force on.
pub(super) fn boards_of(tx: &mut Tx<'_>, id: Uuid) -> Result<Vec<Uuid>, DbError> {
    tx.all("SELECT board_id FROM board_task_custom_fields WHERE task_custom_field_definition_id = $1", &params![id])
}

/// The organization's definition of this id, locked until the end of the transaction: no task gets a first value meanwhile.
pub(super) fn lock(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> Result<Option<Definition>, DbError> {
    let sql = format!(
        "SELECT {} FROM task_custom_field_definitions WHERE id = $1 AND organization_id = $2{}",
        Definition::COLUMNS.join(", "),
        tx.for_update()
    );
    tx.first(&sql, &params![id, organization_id])
}

/// Whether any task has a value of the field.
pub(super) fn has_values(tx: &mut Tx<'_>, id: Uuid) -> Result<bool, DbError> {
    tx.exists("SELECT 1 FROM task_custom_field_values WHERE task_custom_field_definition_id = $1 LIMIT 1", &params![id])
}

/// Stores a new definition; `Unique` when its key is taken.
pub(super) fn insert(tx: &mut Tx<'_>, definition: &Definition) -> Result<(), DbError> {
    let sql = format!(
        "INSERT INTO task_custom_field_definitions ({}) VALUES ({})",
        Definition::COLUMNS.join(", "),
        placeholders(1, Definition::COLUMNS.len())
    );
    tx.execute(
        &sql,
        &params![
            definition.id,
            definition.organization_id,
            &definition.field_key,
            &definition.label,
            definition.field_type,
            definition.ui_visibility,
            &definition.validation_regex,
            &definition.description,
            definition.required,
            &definition.default_value,
            definition.created_at,
            definition.updated_at
        ],
    )
}

/// Overwrites everything of a definition that can change.
pub(super) fn save(tx: &mut Tx<'_>, definition: &Definition) -> Result<(), DbError> {
    tx.execute(
        "UPDATE task_custom_field_definitions SET label = $1, field_type = $2, ui_visibility = $3, validation_regex = $4,
         description = $5, required = $6, default_value = $7, updated_at = $8 WHERE id = $9",
        &params![
            &definition.label,
            definition.field_type,
            definition.ui_visibility,
            &definition.validation_regex,
            &definition.description,
            definition.required,
            &definition.default_value,
            definition.updated_at,
            definition.id
        ],
    )
}

/// Deletes a definition; it is in force nowhere then.
pub(super) fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM task_custom_field_definitions WHERE id = $1", &params![id])
}

/// Puts a field in force on these boards.
pub(super) fn bind(tx: &mut Tx<'_>, id: Uuid, boards: &[Uuid]) -> Result<(), DbError> {
    let now = Timestamp::now();
    for boards in boards.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO board_task_custom_fields (id, board_id, task_custom_field_definition_id, created_at) VALUES {}",
            values_rows(boards.len(), 4)
        );
        let rows = boards.iter().flat_map(|board| params![Uuid::new_v4(), *board, id, now]);
        tx.execute(&sql, &rows.collect::<Vec<Value>>())?;
    }
    Ok(())
}

/// Puts a field out of force on these boards.
pub(super) fn unbind(tx: &mut Tx<'_>, id: Uuid, boards: &[Uuid]) -> Result<(), DbError> {
    for boards in boards.chunks(BATCH) {
        let sql = format!(
            "DELETE FROM board_task_custom_fields WHERE task_custom_field_definition_id = $1 AND board_id IN ({})",
            placeholders(2, boards.len())
        );
        let parameters = std::iter::once(Value::from(id)).chain(boards.iter().map(|board| Value::from(*board)));
        tx.execute(&sql, &parameters.collect::<Vec<_>>())?;
    }
    Ok(())
}
