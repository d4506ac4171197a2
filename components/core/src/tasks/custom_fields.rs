//! Values of custom fields on tasks: which values a request may give a task, and what a task shows.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::store::custom_fields::Stored;
use crate::custom_fields::{FieldType, check_value};
use mission_control_platform::record;
use mission_control_web::http::ApiError;

record! {
    /// A field in force on a board.
    #[derive(Clone, Debug)]
    pub struct Field {
        /// Identifier of its definition.
        pub id: Uuid,
        /// How requests name it.
        pub field_key: String,
        /// What it holds.
        pub field_type: FieldType,
        /// What its whole text must match.
        pub validation_regex: Option<String>,
        /// Whether a new task needs a value.
        pub required: bool,
        /// What tasks without a value of their own have.
        pub default_value: Option<Value>,
    }
}

/// The values of a new task: what the request gives, and the defaults of the rest.
///
/// # Errors
/// 422 for unknown keys, the first invalid value, or required fields without a value.
pub(super) fn for_new_task(fields: &[Field], given: &Map<String, Value>) -> Result<Vec<(Uuid, Value)>, ApiError> {
    check_given(fields, given)?;
    let mut missing = Vec::new();
    let mut values = Vec::new();
    for field in fields {
        let own = given.get(&field.field_key);
        let effective = own.or(field.default_value.as_ref()).unwrap_or(&Value::Null);
        if field.required && effective.is_null() {
            missing.push(field.field_key.as_str());
        }
        if own.is_some() || !effective.is_null() {
            values.push((field.id, effective.clone()));
        }
    }
    require_none_missing(missing)?;
    Ok(values)
}

/// The values that a change gives a task and that are not stored yet. Only those are checked: a field that was added later
/// and is still empty is not in the way of others, and neither is a value that a later rule forbids.
///
/// # Errors
/// 422 as [`for_new_task`].
pub(super) fn for_changed_task(
    fields: &[Field],
    stored: &[Stored],
    given: &Map<String, Value>,
) -> Result<Vec<(Uuid, Value)>, ApiError> {
    let is_new = |key: &str, value: &Value| !stored.iter().any(|field| field.field_key == *key && field.is_own(value));
    let given = given.iter().filter(|(key, value)| is_new(key, value));
    let given: Map<String, Value> = given.map(|(key, value)| (key.clone(), value.clone())).collect();
    check_given(fields, &given)?;
    let named: Vec<(&Field, &Value)> =
        fields.iter().filter_map(|field| Some((field, given.get(&field.field_key)?))).collect();
    let is_missing = |(field, value): &&(&Field, &Value)| field.required && value.is_null();
    require_none_missing(named.iter().filter(is_missing).map(|(field, _)| field.field_key.as_str()).collect())?;
    Ok(named.into_iter().map(|(field, value)| (field.id, value.clone())).collect())
}

fn check_given(fields: &[Field], given: &Map<String, Value>) -> Result<(), ApiError> {
    let field = |key: &str| fields.iter().find(|field| field.field_key == key);
    let mut unknown: Vec<&String> = given.keys().filter(|key| field(key).is_none()).collect();
    if !unknown.is_empty() {
        unknown.sort();
        return Err(ApiError::unprocessable(
            json!({"message": "Unknown custom field keys for this board.", "unknown_field_keys": unknown}),
        ));
    }
    for (key, value) in given {
        let Some(field) = field(key) else { continue };
        check_value(field.field_type, field.validation_regex.as_deref(), value).map_err(|reason| {
            ApiError::unprocessable(json!({
                "message": "Invalid custom field value.",
                "field_key": key,
                "field_type": field.field_type,
                "reason": reason,
            }))
        })?;
    }
    Ok(())
}

fn require_none_missing(mut missing: Vec<&str>) -> Result<(), ApiError> {
    if missing.is_empty() {
        return Ok(());
    }
    missing.sort_unstable();
    Err(ApiError::unprocessable(
        json!({"message": "Required custom fields must have values.", "missing_field_keys": missing}),
    ))
}

/// What a new task shows: every field, with the value that it was given or that is the default.
pub(super) fn shown_of_new_task(fields: &[Field], values: &[(Uuid, Value)]) -> Map<String, Value> {
    let value = |field: &Field| values.iter().find(|(id, _)| *id == field.id).map(|(_, value)| value.clone());
    // A field without a value has no default either, or it would have that.
    fields.iter().map(|field| (field.field_key.clone(), value(field).unwrap_or(Value::Null))).collect()
}

/// What the tasks of one board show: every field, with the task's own value, be it null, else the default.
#[derive(Debug, Default)]
pub(super) struct Shown {
    defaults: Map<String, Value>,
    own: HashMap<Uuid, Vec<(String, Value)>>,
}

impl Shown {
    pub(super) fn new(stored: Vec<Stored>) -> Self {
        let mut shown = Self::default();
        for Stored { field_key, default_value, task_id, value } in stored {
            if let Some(task_id) = task_id {
                let value = value.unwrap_or(Value::Null);
                shown.own.entry(task_id).or_default().push((field_key.clone(), value));
            }
            if !shown.defaults.contains_key(&field_key) {
                shown.defaults.insert(field_key, default_value.unwrap_or(Value::Null));
            }
        }
        shown
    }

    pub(super) fn of(&mut self, task_id: Uuid) -> Map<String, Value> {
        let mut values = self.defaults.clone();
        values.extend(self.own.remove(&task_id).unwrap_or_default());
        values
    }
}

#[cfg(test)]
#[path = "custom_fields_tests.rs"]
mod tests;
