//! Bodies of the routes of custom fields.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Definition, FieldType, PATTERN_WITHOUT_TEXT, check_pattern};
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{
    Components, Fault, Faults, Field, INDEXED_TEXT, NonBlankName, NonEmptyList, Nullable, Patch, Place, Schema,
    UniqueList,
};
use mission_control_web::{request, response, words};

words! {
    /// When clients show a field.
    pub enum Visibility {
        /// Always.
        Always = "always",
        /// On tasks that have a value.
        IfSet = "if_set",
        /// Never.
        Hidden = "hidden",
    }
}

/// A text of its own rules, whose faults name its member.
trait Worded: Sized {
    /// The member that holds it.
    const MEMBER: &'static str;

    /// Reads the text, or says what is wrong with it.
    fn parse(text: &str) -> Result<Self, String>;
}

fn read_worded<T: Worded>(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<T> {
    let parsed = match input.as_str() {
        Some(text) if text.contains('\0') => {
            faults.add(place, Fault::nul_character(), input);
            return None;
        }
        Some(text) if text.chars().count() > INDEXED_TEXT => {
            faults.add(place, Fault::string_too_long(INDEXED_TEXT), input);
            return None;
        }
        Some(text) => T::parse(text),
        None => Err(format!("{} must be a string", T::MEMBER)),
    };
    parsed.map_err(|reason| faults.add(place, Fault::value_error(&reason), input)).ok()
}

macro_rules! worded {
    ($($(#[$meta:meta])* $name:ident($inner:ty) at $member:literal, $schema:tt, $parse:expr;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name($inner);

        impl Worded for $name {
            const MEMBER: &'static str = $member;

            fn parse(text: &str) -> Result<Self, String> {
                let parse: fn(&str) -> Result<$inner, String> = $parse;
                parse(text.trim()).map(Self)
            }
        }

        impl Schema for $name {
            fn schema(_: &mut Components) -> Value {
                json!($schema)
            }
        }

        impl Field for $name {
            fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
                read_worded(input, place, faults)
            }
        }
    )+};
}

worded! {
    /// How requests name a field; its case and inner spaces count.
    FieldKey(String) at "field_key", {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"\S"},
    |text| required(text, "field_key is required");

    /// What people read; not blank.
    Label(String) at "label", {"type": "string", "minLength": 1, "maxLength": 500, "pattern": r"\S"},
    |text| required(text, "label is required");

    /// What a field holds, in any of its spellings.
    FieldTypeName(FieldType) at "field_type", {"type": "string", "examples": ["text", "text_long", "integer", "decimal", "boolean", "date", "date_time", "url", "json"]},
    |text| field_type(text).ok_or_else(|| format!("field_type must be one of: {}", FieldType::WORDS.join(", ")));

    /// When clients show a field, in any of its spellings.
    VisibilityName(Visibility) at "ui_visibility", {"type": "string", "examples": ["always", "if_set", "hidden"]},
    |text| visibility(text).ok_or_else(|| format!("ui_visibility must be one of: {}", Visibility::WORDS.join(", ")));

    /// A regular expression that the whole of a text must match; blank is none.
    Pattern(Option<String>) at "validation_regex", {"type": "string", "maxLength": 500},
    |text| match text {
        "" => Ok(None),
        pattern => check_pattern(pattern).map(|()| Some(pattern.to_owned())),
    };
}

fn required(text: &str, otherwise: &str) -> Result<String, String> {
    if text.is_empty() { Err(otherwise.to_owned()) } else { Ok(text.to_owned()) }
}

fn field_type(text: &str) -> Option<FieldType> {
    Some(match text.to_lowercase().as_str() {
        "text (long)" | "long_text" => FieldType::TextLong,
        "true/false" => FieldType::Boolean,
        "date & time" | "datetime" => FieldType::DateTime,
        word => return FieldType::from_word(word),
    })
}

fn visibility(text: &str) -> Option<Visibility> {
    match text.to_lowercase().as_str() {
        "if set" => Some(Visibility::IfSet),
        word => Visibility::from_word(word),
    }
}

request! {
    /// Which field the path names.
    pub struct DefinitionPath {
        pub task_custom_field_definition_id: Uuid,
    }
}

request! {
    /// A new custom field.
    pub struct TaskCustomFieldDefinitionCreate {
        /// How requests name it, unique in the organization; cannot be changed.
        pub field_key: FieldKey,
        /// Shown to people; the key if left out.
        pub label: Option<Label> = None,
        /// `text`, `text_long`, `integer`, `decimal`, `boolean`, `date`, `date_time`, `url` or `json`.
        pub field_type: FieldTypeName = FieldTypeName(FieldType::Text),
        /// `always`, `if_set` or `hidden`.
        pub ui_visibility: VisibilityName = VisibilityName(Visibility::Always),
        /// What the whole text must match; only of fields that hold texts.
        pub validation_regex: Option<Pattern> = None,
        pub description: Option<String> = None,
        /// Whether a new task needs a value.
        pub required: bool = false,
        /// What tasks without a value of their own have.
        pub default_value: Option<Value> = None,
        /// The boards that it is in force on.
        pub board_ids: NonEmptyList<Uuid>,
    }
    check = TaskCustomFieldDefinitionCreate::check;
}

impl TaskCustomFieldDefinitionCreate {
    fn check(&mut self) -> Result<(), &'static str> {
        let has_pattern = self.validation_regex.as_ref().is_some_and(|pattern| pattern.0.is_some());
        if has_pattern && !self.field_type.0.is_text() { Err(PATTERN_WITHOUT_TEXT) } else { Ok(()) }
    }

    /// The definition that the request describes.
    #[must_use]
    pub(super) fn into_definition(self, organization_id: Uuid) -> Definition {
        let now = Timestamp::now();
        Definition {
            id: Uuid::new_v4(),
            organization_id,
            label: self.label.map_or_else(|| self.field_key.0.clone(), |label| label.0),
            field_key: self.field_key.0,
            field_type: self.field_type.0,
            ui_visibility: self.ui_visibility.0,
            validation_regex: self.validation_regex.and_then(|pattern| pattern.0),
            description: self.description,
            required: self.required,
            default_value: self.default_value,
            created_at: now,
            updated_at: now,
        }
    }
}

request! {
    /// What to change of a custom field; absent members stay as they are.
    pub struct TaskCustomFieldDefinitionUpdate {
        /// Cannot be changed: a request that carries it is refused.
        pub field_key: Patch<Value> = Patch::Keep,
        pub label: Nullable<NonBlankName> = Patch::Keep,
        pub field_type: Nullable<FieldTypeName> = Patch::Keep,
        pub ui_visibility: Nullable<VisibilityName> = Patch::Keep,
        pub validation_regex: Nullable<Pattern> = Patch::Keep,
        pub description: Nullable<String> = Patch::Keep,
        pub required: Nullable<bool> = Patch::Keep,
        pub default_value: Nullable<Value> = Patch::Keep,
        /// All boards that it is in force on; null leaves them.
        pub board_ids: Nullable<UniqueList<Uuid>> = Patch::Keep,
    }
    check = TaskCustomFieldDefinitionUpdate::check;
}

impl TaskCustomFieldDefinitionUpdate {
    fn check(&mut self) -> Result<(), String> {
        if self.field_key.is_set() {
            return Err("field_key cannot be changed after creation.".to_owned());
        }
        let nulls = [
            ("label", matches!(self.label, Patch::Set(None))),
            ("field_type", matches!(self.field_type, Patch::Set(None))),
            ("ui_visibility", matches!(self.ui_visibility, Patch::Set(None))),
            ("required", matches!(self.required, Patch::Set(None))),
        ];
        let nulls: Vec<&str> = nulls.into_iter().filter_map(|(name, is_null)| is_null.then_some(name)).collect();
        if !nulls.is_empty() {
            return Err(format!("{} cannot be null; omit the field to leave it unchanged", nulls.join(", ")));
        }
        if matches!(&self.board_ids, Patch::Set(Some(boards)) if boards.0.is_empty()) {
            return Err("board_ids must include at least one board".to_owned());
        }
        if self.carries_something() { Ok(()) } else { Err("At least one field is required".to_owned()) }
    }

    fn carries_something(&self) -> bool {
        self.label.is_set()
            || self.field_type.is_set()
            || self.ui_visibility.is_set()
            || self.validation_regex.is_set()
            || self.description.is_set()
            || self.required.is_set()
            || self.default_value.is_set()
            || self.board_ids.is_set()
    }

    /// Applies the members that the request carries.
    pub(super) fn apply(self, definition: &mut Definition) {
        if let Patch::Set(Some(label)) = self.label {
            definition.label = label.0;
        }
        if let Patch::Set(Some(field_type)) = self.field_type {
            definition.field_type = field_type.0;
        }
        if let Patch::Set(Some(visibility)) = self.ui_visibility {
            definition.ui_visibility = visibility.0;
        }
        if let Patch::Set(pattern) = self.validation_regex {
            definition.validation_regex = pattern.and_then(|pattern| pattern.0);
        }
        if let Patch::Set(Some(required)) = self.required {
            definition.required = required;
        }
        self.description.apply_to(&mut definition.description);
        self.default_value.apply_to(&mut definition.default_value);
    }
}

response! {
    /// A custom field.
    pub struct TaskCustomFieldDefinitionRead {
        pub field_key: String,
        pub label: String,
        pub field_type: FieldType,
        pub ui_visibility: Visibility,
        pub validation_regex: Option<String>,
        pub description: Option<String>,
        pub required: bool,
        pub default_value: Option<Value>,
        pub id: Uuid,
        pub organization_id: Uuid,
        /// The boards that it is in force on.
        pub board_ids: Vec<Uuid>,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<(Definition, Vec<Uuid>)> for TaskCustomFieldDefinitionRead {
    fn from((definition, board_ids): (Definition, Vec<Uuid>)) -> Self {
        Self {
            field_key: definition.field_key,
            label: definition.label,
            field_type: definition.field_type,
            ui_visibility: definition.ui_visibility,
            validation_regex: definition.validation_regex,
            description: definition.description,
            required: definition.required,
            default_value: definition.default_value,
            id: definition.id,
            organization_id: definition.organization_id,
            board_ids,
            created_at: definition.created_at,
            updated_at: definition.updated_at,
        }
    }
}
