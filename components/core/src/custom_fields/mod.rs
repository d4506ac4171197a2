//! Custom fields: what an organization wants to know of tasks besides the usual, on the boards that it chooses.

pub mod store;
mod values;
pub mod wire;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use self::wire::{TaskCustomFieldDefinitionCreate, TaskCustomFieldDefinitionUpdate, Visibility};
use crate::boards;
use mission_control_platform::db::{DbError, DbErrorKind, Tx};
use mission_control_platform::record;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::{ApiError, ApiResult};

pub use values::{FieldType, check_pattern, check_value};

/// What a pattern on a field without texts is told.
const PATTERN_WITHOUT_TEXT: &str = "validation_regex is only supported for string field types.";

record! {
    /// The definition of a field.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Definition {
        /// Identifier.
        pub id: Uuid,
        /// The tenant.
        pub organization_id: Uuid,
        /// How requests name it, unique in the organization.
        pub field_key: String,
        /// Shown to people.
        pub label: String,
        /// What it holds.
        pub field_type: FieldType,
        /// When clients show it.
        pub ui_visibility: Visibility,
        /// What its whole text must match.
        pub validation_regex: Option<String>,
        /// What it means.
        pub description: Option<String>,
        /// Whether a new task needs a value.
        pub required: bool,
        /// What tasks without a value of their own have.
        pub default_value: Option<Value>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

impl Definition {
    /// Whether its parts fit together: a pattern needs texts, the default must be a value that tasks may have.
    fn check(&self) -> ApiResult<()> {
        if self.validation_regex.is_some() && !self.field_type.is_text() {
            return Err(ApiError::unprocessable(PATTERN_WITHOUT_TEXT));
        }
        let default = self.default_value.as_ref().unwrap_or(&Value::Null);
        check_value(self.field_type, self.validation_regex.as_deref(), default).map_err(ApiError::unprocessable)
    }
}

/// The definitions of an organization by label, each with the boards that it is in force on.
///
/// # Errors
/// A database failure.
pub fn list(tx: &mut Tx<'_>, organization_id: Uuid) -> Result<Vec<(Definition, Vec<Uuid>)>, DbError> {
    let definitions = store::of_organization(tx, organization_id)?;
    let mut bindings = store::bindings_of_organization(tx, organization_id)?;
    // As lists name them: by the text of the id.
    bindings.sort_unstable();
    let boards_of = |id: Uuid| bindings.iter().filter(|(field, _)| *field == id).map(|(_, board)| *board).collect();
    Ok(definitions
        .into_iter()
        .map(|definition| {
            let boards = boards_of(definition.id);
            (definition, boards)
        })
        .collect())
}

/// Defines a field and puts it in force on these boards.
///
/// # Errors
/// 422 when a board is not the organization's or the default is no value of the field, 409 when the key is taken.
pub fn create(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    request: TaskCustomFieldDefinitionCreate,
) -> ApiResult<(Definition, Vec<Uuid>)> {
    let boards = request.board_ids.0.clone();
    require_boards(tx, organization_id, &boards)?;
    let definition = request.into_definition(organization_id);
    definition.check()?;
    store::insert(tx, &definition).map_err(|error| match error.kind() {
        DbErrorKind::Unique => ApiError::conflict("Field key already exists in this organization."),
        _ => error.into(),
    })?;
    store::bind(tx, definition.id, &boards)?;
    Ok((definition, boards))
}

/// Changes what the request carries of a definition. Values that tasks have of the field stay as they are, also where it is
/// no longer in force.
///
/// # Errors
/// 404 when the organization has no such field; 422 as for [`create`].
pub fn update(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    id: Uuid,
    request: TaskCustomFieldDefinitionUpdate,
) -> ApiResult<(Definition, Vec<Uuid>)> {
    let before = store::lock(tx, organization_id, id)?.ok_or_else(ApiError::not_found)?;
    let mut bound = store::boards_of(tx, id)?;
    let wanted = request.board_ids.as_ref().cloned().flatten().map(|boards| boards.0);
    let mut definition = before.clone();
    request.apply(&mut definition);
    definition.check()?;
    if let Some(wanted) = &wanted {
        require_boards(tx, organization_id, wanted)?;
        rebind(tx, id, &bound, wanted)?;
    }
    bound.sort_unstable();
    let boards = wanted.unwrap_or(bound);
    definition.updated_at = Timestamp::now();
    store::save(tx, &definition)?;
    Ok((definition, boards))
}

/// Deletes a definition that no task has a value of.
///
/// # Errors
/// 404 when the organization has no such field, 409 while a task has a value of it.
pub fn delete(tx: &mut Tx<'_>, organization_id: Uuid, id: Uuid) -> ApiResult<()> {
    store::lock(tx, organization_id, id)?.ok_or_else(ApiError::not_found)?;
    if store::has_values(tx, id)? {
        return Err(ApiError::conflict("Cannot delete a custom field definition while task values exist."));
    }
    store::delete(tx, id)?;
    Ok(())
}

/// Puts the field in force on the wanted boards and out of force on the others.
fn rebind(tx: &mut Tx<'_>, id: Uuid, bound: &[Uuid], wanted: &[Uuid]) -> Result<(), DbError> {
    let missing_in = |all: &[Uuid], some: &[Uuid]| -> Vec<Uuid> {
        let some: BTreeSet<&Uuid> = some.iter().collect();
        all.iter().filter(|board| !some.contains(board)).copied().collect()
    };
    store::unbind(tx, id, &missing_in(bound, wanted))?;
    store::bind(tx, id, &missing_in(wanted, bound))
}

fn require_boards(tx: &mut Tx<'_>, organization_id: Uuid, ids: &[Uuid]) -> ApiResult<()> {
    let found: BTreeSet<Uuid> = boards::store::lock_in(tx, organization_id, ids)?.into_iter().collect();
    let mut invalid: Vec<Uuid> = ids.iter().filter(|id| !found.contains(id)).copied().collect();
    if invalid.is_empty() {
        return Ok(());
    }
    invalid.sort_unstable();
    Err(ApiError::unprocessable(json!({
        "message": "Some selected boards are invalid for this organization.",
        "invalid_board_ids": invalid,
    })))
}
