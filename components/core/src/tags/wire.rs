//! Bodies of the routes of tags.

use serde_json::{Value, json};
use uuid::Uuid;

use super::Tag;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{
    Components, Fault, Faults, Field, Name, NonBlankName, Nullable, Patch, Place, Schema,
};
use mission_control_web::{request, response};

/// The color of a tag that was made without one.
const GREY: &str = "9e9e9e";

/// A color: six hexadecimal digits, in small letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Color(String);

impl Default for Color {
    fn default() -> Self {
        Self(GREY.to_owned())
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.0
    }
}

impl Color {
    fn parse(text: &str) -> Result<Self, &'static str> {
        let trimmed = text.trim();
        let digits = trimmed.trim_start_matches('#');
        if trimmed.is_empty() {
            Err("color is required")
        } else if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(digits.to_ascii_lowercase()))
        } else {
            Err("color must be a 6-digit hex value")
        }
    }
}

impl Schema for Color {
    fn schema(_: &mut Components) -> Value {
        json!({"type": "string", "pattern": r"^\s*#*[0-9A-Fa-f]{6}\s*$"})
    }

    fn example_default(&self) -> Option<Value> {
        Some(self.0.as_str().into())
    }
}

impl Field for Color {
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self> {
        let text = String::read(input, place, faults)?;
        Self::parse(&text).map_err(|reason| faults.add(place, Fault::value_error(reason), input)).ok()
    }
}

request! {
    /// Which tag the path names.
    pub struct TagPath {
        pub tag_id: Uuid,
    }
}

request! {
    /// A new tag.
    pub struct TagCreate {
        pub name: NonBlankName,
        /// A short name, unique in the organization; made of the name if left out.
        pub slug: Option<Name> = None,
        /// Six hexadecimal digits.
        pub color: Color = Color::default(),
        pub description: Option<String> = None,
    }
}

request! {
    /// What to change of a tag; absent members stay as they are.
    pub struct TagUpdate {
        pub name: Patch<NonBlankName> = Patch::Keep,
        /// Made anew of the name if blank or null.
        pub slug: Nullable<Name> = Patch::Keep,
        pub color: Patch<Color> = Patch::Keep,
        pub description: Nullable<String> = Patch::Keep,
    }
    check = TagUpdate::check;
}

impl TagUpdate {
    fn check(&mut self) -> Result<(), &'static str> {
        let is_something = self.name.is_set() || self.slug.is_set() || self.color.is_set() || self.description.is_set();
        if is_something { Ok(()) } else { Err("At least one field is required") }
    }
}

response! {
    /// A tag.
    pub struct TagRead {
        pub name: String,
        pub slug: String,
        /// Six hexadecimal digits.
        pub color: String,
        pub description: Option<String>,
        pub id: Uuid,
        pub organization_id: Uuid,
        /// How many tasks have it.
        pub task_count: i64,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<(Tag, i64)> for TagRead {
    fn from((tag, task_count): (Tag, i64)) -> Self {
        let Tag { id, organization_id, name, slug, color, description, created_at, updated_at } = tag;
        Self { name, slug, color, description, id, organization_id, task_count, created_at, updated_at }
    }
}

response! {
    /// A tag, as tasks show it.
    pub struct TagRef {
        pub id: Uuid,
        pub name: String,
        pub slug: String,
        /// Six hexadecimal digits.
        pub color: String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_color_is_six_digits_whatever_stands_before_them() {
        assert_eq!(Color::parse(" ##FF00aa "), Ok(Color("ff00aa".to_owned())));
        assert_eq!(Color::parse("  "), Err("color is required"));
        for wrong in ["12345", "1234567", "ggg000", "#", "red", "１２３４５６"] {
            assert_eq!(Color::parse(wrong), Err("color must be a 6-digit hex value"), "{wrong}");
        }
    }
}
