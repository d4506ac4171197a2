//! The types of members: each carries its own rule, so a struct of them cannot hold anything invalid.

use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;
use std::ops::Deref;

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Components, Fault, Faults, Field, Place, Schema, scalar};
use mission_control_platform::time::Timestamp;

/// Records the fault of a scalar, if it has one.
fn noted<T>(outcome: Result<T, Fault>, input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<T> {
    outcome.map_err(|fault| faults.add(place, fault, input)).ok()
}

macro_rules! scalars {
    ($($ty:ty => $read:path, $schema:tt, $default:expr);+ $(;)?) => {$(
        impl Schema for $ty {
            fn schema(_: &mut Components) -> Value {
                json!($schema)
            }

            fn example_default(&self) -> Option<Value> {
                let default: fn(&$ty) -> Option<Value> = $default;
                default(self)
            }
        }

        impl Field for $ty {
            fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
                noted($read(input), input, place, faults)
            }
        }
    )+};
}

scalars! {
    String => scalar::string, {"type": "string"}, |text| Some(text.as_str().into());
    i64 => scalar::integer, {"type": "integer"}, |number| Some((*number).into());
    f64 => scalar::float, {"type": "number"}, |number| Some((*number).into());
    bool => scalar::boolean, {"type": "boolean"}, |flag| Some((*flag).into());
    Uuid => scalar::uuid, {"type": "string", "format": "uuid"}, |_| None;
    Timestamp => scalar::timestamp, {"type": "string", "format": "date-time"}, |_| None;
}

/// Any JSON value.
impl Schema for Value {
    fn schema(_: &mut Components) -> Value {
        json!({})
    }
}

impl Field for Value {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        if holds_nul(input) {
            faults.add(place, Fault::nul_character(), input);
            return None;
        }
        Some(input.clone())
    }
}

/// Whether a text or name anywhere inside has a NUL, which Postgres cannot store.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Null is a value of its own; whether the member may be absent is the definition's matter (`= None`).
impl<T: Schema> Schema for Option<T> {
    fn schema(components: &mut Components) -> Value {
        json!({"anyOf": [T::schema(components), {"type": "null"}]})
    }

    fn example_default(&self) -> Option<Value> {
        self.as_ref().and_then(Schema::example_default)
    }
}

impl<T: Field> Field for Option<T> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        if input.is_null() { Some(None) } else { T::read(input, place, faults).map(Some) }
    }
}

impl<T: Schema> Schema for Vec<T> {
    fn schema(components: &mut Components) -> Value {
        json!({"type": "array", "items": T::schema(components)})
    }
}

impl<T: Field> Field for Vec<T> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let items = noted(scalar::list(input), input, place, faults)?;
        let before = faults.len();
        let mut read = Vec::new();
        for (index, item) in items.iter().enumerate() {
            read.extend(T::read(item, &place.index(index), faults));
            if faults.is_full() {
                break;
            }
        }
        (faults.len() == before && read.len() == items.len()).then_some(read)
    }
}

/// Numbers by name.
impl Schema for BTreeMap<String, i64> {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "object", "additionalProperties": {"type": "integer"}})
    }
}

/// An object of any members.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Object(pub Map<String, Value>);

impl Schema for Object {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "object", "additionalProperties": true})
    }
}

impl Field for Object {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let object = noted(scalar::object(input), input, place, faults)?;
        Value::read(input, place, faults).map(|_| Self(object.clone()))
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

/// Longest text of a member that an index covers, in characters: an index entry of Postgres holds some 2 700 bytes.
pub const INDEXED_TEXT: usize = 500;

/// Text of at most `MAX` characters, taken as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(pub String);

/// Text that an index covers.
pub type Name = Text<INDEXED_TEXT>;

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Schema for Text<MAX> {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string", "maxLength": MAX})
    }

    fn example_default(&self) -> Option<Value> {
        Some(self.0.as_str().into())
    }
}

impl<const MAX: usize> Field for Text<MAX> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let text = noted(scalar::string(input), input, place, faults)?;
        if text.chars().count() > MAX {
            faults.add(place, Fault::string_too_long(MAX), input);
            return None;
        }
        Some(Self(text))
    }
}

/// What has a character that is no white space.
const NOT_BLANK: &str = r"\S";

/// Text that is trimmed of white space and then not empty and of at most `MAX` characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct NonBlank<const MAX: usize = 1_000_000>(pub String);

/// A trimmed, non-empty text that an index covers.
pub type NonBlankName = NonBlank<INDEXED_TEXT>;

impl<const MAX: usize> Deref for NonBlank<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> Schema for NonBlank<MAX> {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string", "minLength": 1, "maxLength": MAX, "pattern": NOT_BLANK})
    }
}

impl<const MAX: usize> Field for NonBlank<MAX> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let text = noted(scalar::string(input), input, place, faults)?;
        let trimmed = text.trim();
        let fault = if trimmed.is_empty() {
            Fault::string_too_short(1)
        } else if trimmed.chars().count() > MAX {
            Fault::string_too_long(MAX)
        } else {
            return Some(Self(trimmed.to_owned()));
        };
        faults.add(place, fault, input);
        None
    }
}

/// An integer within bounds, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranged<const MIN: i64, const MAX: i64>(pub i64);

/// An integer that is zero or more and fits an SQL integer.
pub type Count = Ranged<0, 2_147_483_647>;

impl<const MIN: i64, const MAX: i64> Schema for Ranged<MIN, MAX> {
    fn schema(_: &mut Components) -> Value {
        let mut schema = json!({"type": "integer"});
        if let Some(object) = schema.as_object_mut() {
            if MAX < i64::MAX {
                object.insert("maximum".into(), MAX.into());
            }
            object.insert("minimum".into(), MIN.into());
        }
        schema
    }

    fn example_default(&self) -> Option<Value> {
        Some(self.0.into())
    }
}

impl<const MIN: i64, const MAX: i64> Field for Ranged<MIN, MAX> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let number = noted(scalar::integer(input), input, place, faults)?;
        if number < MIN {
            faults.add(place, Fault::greater_than_equal(MIN), input);
            return None;
        }
        if number > MAX {
            faults.add(place, Fault::less_than_equal(MAX), input);
            return None;
        }
        Some(Self(number))
    }
}

/// A finite number within whole-number bounds, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RangedFloat<const MIN: i64, const MAX: i64>(pub f64);

#[expect(clippy::cast_precision_loss, reason = "bounds are small whole numbers")]
impl<const MIN: i64, const MAX: i64> Schema for RangedFloat<MIN, MAX> {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "number", "maximum": MAX as f64, "minimum": MIN as f64})
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds are small whole numbers")]
impl<const MIN: i64, const MAX: i64> Field for RangedFloat<MIN, MAX> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let number = noted(scalar::float(input), input, place, faults)?;
        if number < MIN as f64 {
            faults.add(place, Fault::greater_than_equal_float(MIN as f64), input);
            return None;
        }
        if number > MAX as f64 {
            faults.add(place, Fault::less_than_equal_float(MAX as f64), input);
            return None;
        }
        Some(Self(number))
    }
}

/// A list without repetitions: later ones are dropped, the order of first appearance stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueList<T>(pub Vec<T>);

impl<T> Default for UniqueList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Schema> Schema for UniqueList<T> {
    fn schema(components: &mut Components) -> Value {
        Vec::<T>::schema(components)
    }
}

impl<T: Field + Eq + Hash + Clone> Field for UniqueList<T> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let mut items = Vec::<T>::read(input, place, faults)?;
        let mut seen = HashSet::with_capacity(items.len());
        items.retain(|item| seen.insert(item.clone()));
        Some(Self(items))
    }
}

/// A [`UniqueList`] of at least one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonEmptyList<T>(pub Vec<T>);

impl<T: Schema> Schema for NonEmptyList<T> {
    fn schema(components: &mut Components) -> Value {
        json!({"type": "array", "items": T::schema(components), "minItems": 1})
    }
}

impl<T: Field + Eq + Hash + Clone> Field for NonEmptyList<T> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let UniqueList(items) = UniqueList::read(input, place, faults)?;
        if items.is_empty() {
            faults.add(place, Fault::list_too_short(1, 0), input);
            return None;
        }
        Some(Self(items))
    }
}

/// A member of a PATCH body: absent, or set to a value (`Patch<Option<T>>` may be set to null).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not in the request: stays as it is.
    #[default]
    Keep,
    /// In the request.
    Set(T),
}

/// A member of a PATCH body that null clears.
pub type Nullable<T> = Patch<Option<T>>;

impl<T> Patch<T> {
    /// The new value, if there is one.
    #[must_use]
    pub fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if there is one.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Keep => None,
            Self::Set(value) => Some(value),
        }
    }

    /// Whether the request carries the member.
    #[must_use]
    pub fn is_set(&self) -> bool {
        matches!(self, Self::Set(_))
    }

    /// Overwrites `target` if the request carries the member.
    pub fn apply_to(self, target: &mut T) {
        if let Self::Set(value) = self {
            *target = value;
        }
    }
}

impl<T: Schema> Schema for Patch<T> {
    fn schema(components: &mut Components) -> Value {
        let schema = T::schema(components);
        // The original documents every member of a PATCH as nullable.
        if schema.get("anyOf").is_some() { schema } else { json!({"anyOf": [schema, {"type": "null"}]}) }
    }
}

impl<T: Field> Field for Patch<T> {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        T::read(input, place, faults).map(Self::Set)
    }
}
