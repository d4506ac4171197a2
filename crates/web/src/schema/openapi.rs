//! JSON Schema (2020-12) as the OpenAPI 3.1 document shows it, in the shape that generated clients already know.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Member, Model};

/// A type that the OpenAPI document can describe.
pub trait Schema {
    /// Its schema; a named one is put into `components` and answered as a `$ref`.
    fn schema(components: &mut Components) -> Value;

    /// How this value is shown as the default of a member; `None` leaves it out, as for null.
    fn example_default(&self) -> Option<Value> {
        None
    }
}

/// The named schemas of the document.
#[derive(Debug, Default)]
pub struct Components {
    schemas: BTreeMap<String, Value>,
}

impl Components {
    /// The reference to a request's schema, which is added if it is not there yet.
    pub fn model<M: Model>(&mut self) -> Value {
        self.answer(M::NAME, M::members)
    }

    /// The reference to the schema `name`, made of these members if it is not there yet.
    pub fn answer(&mut self, name: &str, members: impl FnOnce(&mut Self) -> Vec<Member>) -> Value {
        if !self.schemas.contains_key(name) {
            // Entered first, so that a type may refer to itself.
            self.schemas.insert(name.to_owned(), Value::Null);
            let members = members(self);
            let mut properties = Map::new();
            for member in &members {
                properties.insert(member.name.to_owned(), property(member));
            }
            let required: Vec<&str> =
                members.iter().filter(|member| member.required).map(|member| member.name).collect();
            let mut schema = json!({"properties": properties, "type": "object"});
            if let Some(object) = schema.as_object_mut() {
                if !required.is_empty() {
                    object.insert("required".into(), json!(required));
                }
                object.insert("title".into(), name.into());
            }
            self.schemas.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The reference to a schema of this name, made by `make` if it is not there yet.
    pub fn named(&mut self, name: &str, make: impl FnOnce() -> Value) -> Value {
        self.schemas.entry(name.to_owned()).or_insert_with(make);
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// All schemas by name.
    #[must_use]
    pub fn into_schemas(self) -> BTreeMap<String, Value> {
        self.schemas
    }
}

/// A member's schema with its title, default and description.
pub(crate) fn property(member: &Member) -> Value {
    let mut schema = member.schema.clone();
    if let Some(object) = schema.as_object_mut() {
        if !object.contains_key("$ref") {
            object.insert("title".into(), title_of(member.name).into());
        }
        if let Some(default) = &member.default {
            object.insert("default".into(), default.clone());
        }
        if !member.description.is_empty() {
            object.insert("description".into(), member.description.into());
        }
    }
    schema
}

/// `board_group_id` as a title: `Board Group Id`.
#[must_use]
pub fn title_of(name: &str) -> String {
    name.split('_')
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        })
        .collect::<Vec<_>>()
        .join(" ")
}
