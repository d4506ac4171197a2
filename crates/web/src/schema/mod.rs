//! One definition per body: the struct that handlers use, the validation that answers every fault at once, and the
//! schema that the OpenAPI document shows.

mod errors;
pub mod fault;
pub mod json;
mod macros;
mod openapi;
pub mod scalar;
mod types;

pub use errors::{Faults, FieldError, Place};
pub use fault::Fault;
pub(crate) use openapi::property;
pub use openapi::{Components, Schema, title_of};
pub use types::{
    Count, INDEXED_TEXT, Name, NonBlank, NonBlankName, NonEmptyList, Nullable, Object, Patch, Ranged, RangedFloat,
    Text, UniqueList,
};

use serde_json::{Map, Value};

/// A type that a JSON value (or a query or path text) can be read as.
pub trait Field: Schema + Sized {
    /// Reads the value, or records every fault at `place` and gives `None`.
    fn read(input: &Value, place: &Place<'_>, faults: &mut Faults) -> Option<Self>;
}

/// One documented member of a [`Model`].
#[derive(Debug)]
pub struct Member {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it means, from the definition's doc comment; may be empty.
    pub description: &'static str,
    /// Whether a request must carry it.
    pub required: bool,
    /// Its JSON schema, without title.
    pub schema: Value,
    /// Its default, when it has one other than null.
    pub default: Option<Value>,
}

/// An object with named members: a request body, a query or the parameters of a path.
pub trait Model: Sized {
    /// The name of its schema in the OpenAPI document.
    const NAME: &'static str;

    /// Its members, in order.
    fn members(components: &mut Components) -> Vec<Member>;

    /// Reads the object, or records every fault below `place`.
    fn read_object(object: &Map<String, Value>, place: &Place<'_>, faults: &mut Faults) -> Option<Self>;
}

/// Reads one member of an object; used by the code that [`request!`](crate::request) makes.
pub fn member<T: Field>(
    object: &Map<String, Value>,
    name: &'static str,
    default: Option<fn() -> T>,
    place: &Place<'_>,
    faults: &mut Faults,
) -> Option<T> {
    let place = place.member(name);
    match (object.get(name), default) {
        (Some(value), _) => T::read(value, &place, faults),
        (None, Some(default)) => Some(default()),
        (None, None) => {
            faults.add_of_object(&place, Fault::missing(), object);
            None
        }
    }
}
