//! SQL of the values that tasks have of custom fields.

use serde_json::Value as Json;
use uuid::Uuid;

use super::{BATCH, with_ids};
use crate::tasks::custom_fields::Field;
use mission_control_platform::db::{DbError, FromRow, Row, Tx, Value, columns_as, placeholders, values_rows};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// A field in force on a board, as one task has it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The field's key.
    pub field_key: String,
    /// What tasks without a value of their own have.
    pub default_value: Option<Json>,
    /// The task that has a value of its own; none in the row of a field that no task of the list has.
    pub task_id: Option<Uuid>,
    /// That value.
    pub value: Option<Json>,
}

impl Stored {
    /// Whether this is the task's own value. What it shows by default is not.
    pub fn is_own(&self, value: &Json) -> bool {
        self.task_id.is_some() && self.value.as_ref().unwrap_or(&Json::Null) == value
    }
}

impl FromRow for Stored {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { field_key: row.next()?, default_value: row.next()?, task_id: row.next()?, value: row.next()? })
    }
}

/// The fields in force on a board, oldest first.
pub fn of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<Field>, DbError> {
    let sql = format!(
        "SELECT {} FROM board_task_custom_fields b
         JOIN task_custom_field_definitions d ON d.id = b.task_custom_field_definition_id
         WHERE b.board_id = $1 ORDER BY d.created_at, d.id",
        columns_as("d", Field::COLUMNS)
    );
    tx.all(&sql, &params![board_id])
}

/// The fields in force on a board, oldest first, each with the values that these tasks have of it.
pub fn of_tasks(tx: &mut Tx<'_>, board_id: Uuid, task_ids: &[Uuid]) -> Result<Vec<Stored>, DbError> {
    let sql = format!(
        "SELECT d.field_key, d.default_value, v.task_id, v.value FROM board_task_custom_fields b
         JOIN task_custom_field_definitions d ON d.id = b.task_custom_field_definition_id
         LEFT JOIN task_custom_field_values v ON v.task_custom_field_definition_id = d.id AND v.task_id IN ({})
         WHERE b.board_id = ${} ORDER BY d.created_at, d.id",
        placeholders(1, task_ids.len()),
        task_ids.len() + 1
    );
    let mut parameters = with_ids([], task_ids);
    parameters.push(board_id.into());
    tx.all(&sql, &parameters)
}

/// The fields in force on a board, oldest first, each with the values that the board's tasks have of it.
pub fn of_all_tasks(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<Stored>, DbError> {
    tx.all(
        "SELECT d.field_key, d.default_value, v.task_id, v.value FROM board_task_custom_fields b
         JOIN task_custom_field_definitions d ON d.id = b.task_custom_field_definition_id
         LEFT JOIN task_custom_field_values v ON v.task_custom_field_definition_id = d.id
         AND v.task_id IN (SELECT id FROM tasks WHERE board_id = $1)
         WHERE b.board_id = $1 ORDER BY d.created_at, d.id",
        &params![board_id],
    )
}

/// Stores a task's values; null is a value too, which hides the default.
pub fn put(tx: &mut Tx<'_>, task_id: Uuid, values: &[(Uuid, Json)]) -> Result<(), DbError> {
    let now = Timestamp::now();
    for values in values.chunks(BATCH) {
        let sql = format!(
            "INSERT INTO task_custom_field_values (id, task_id, task_custom_field_definition_id, value, created_at, updated_at)
             VALUES {} ON CONFLICT (task_id, task_custom_field_definition_id)
             DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
            values_rows(values.len(), 6)
        );
        let mut parameters: Vec<Value> = Vec::with_capacity(values.len() * 6);
        for (definition_id, value) in values {
            let value = if value.is_null() { Value::Null } else { Value::from(value) };
            parameters.extend(params![Uuid::new_v4(), task_id, *definition_id, value, now, now]);
        }
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
}
