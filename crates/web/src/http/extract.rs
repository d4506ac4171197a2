//! Handler arguments: each says what it takes from the request, what it refuses, and how it is documented.

use std::ops::Deref;

use serde_json::{Map, Value};

use super::context::Cx;
use super::error::ApiResult;
use super::incoming::Payload;
use super::operation::Operation;
use crate::schema::{Fault, Faults, Field, Model, Place};

/// A handler argument. Arguments are extracted in the order of the signature: one that refuses (401, 403, 404, 429)
/// ends the request; invalid values are collected and answered together once every argument had its turn.
pub trait Extract: Sized {
    /// Whether this is the JSON body. It is read and parsed when its turn comes, which is the last: whoever may not call
    /// is told so before a byte of it was read.
    const READS_BODY: bool = false;

    /// Takes the argument, records faults and gives `None`, or refuses.
    fn extract(cx: &Cx, faults: &mut Faults) -> impl Future<Output = ApiResult<Option<Self>>>;

    /// Adds the argument to the documented operation.
    fn describe(operation: &mut Operation<'_>);
}

impl Extract for Cx {
    async fn extract(cx: &Cx, _: &mut Faults) -> ApiResult<Option<Self>> {
        Ok(Some(cx.clone()))
    }

    fn describe(_: &mut Operation<'_>) {}
}

macro_rules! wrapper {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub struct $name<T>(pub T);

        impl<T> Deref for $name<T> {
            type Target = T;

            fn deref(&self) -> &T {
                &self.0
            }
        }
    };
}

wrapper! {
    /// The JSON body.
    Body
}
wrapper! {
    /// The query string: unknown parameters are ignored, the last of a repeated one counts.
    Query
}
wrapper! {
    /// The typed parameters of the path.
    Path
}

impl<T: Field> Extract for Body<T> {
    const READS_BODY: bool = true;

    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        let place = Place::root("body");
        Ok(match cx.payload().await? {
            Payload::Missing => {
                faults.add(&place, Fault::missing(), &Value::Null);
                None
            }
            Payload::Json(value) => T::read(&value, &place, faults).map(Self),
            Payload::Text(text) => {
                faults.add(&place, Fault::model_attributes_type(), &Value::from(text));
                None
            }
        })
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.request_body::<T>();
    }
}

impl<T: Model> Extract for Query<T> {
    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        Ok(T::read_object(&parse_query(&cx.query), &Place::root("query"), faults).map(Self))
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.parameters::<T>("query");
    }
}

impl<T: Model> Extract for Path<T> {
    async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
        let object: Map<String, Value> =
            cx.params.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        Ok(T::read_object(&object, &Place::root("path"), faults).map(Self))
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.parameters::<T>("path");
        operation.refuses(404);
    }
}

/// Reads one path parameter; the fault, if any, stands at `["path", name]`.
pub fn path_field<T: Field>(cx: &Cx, name: &'static str, faults: &mut Faults) -> Option<T> {
    T::read(&Value::from(cx.path_param(name)), &Place::root("path").member(name), faults)
}

/// `application/x-www-form-urlencoded` pairs; the last of a repeated name wins.
fn parse_query(query: &str) -> Map<String, Value> {
    form_urlencoded::parse(query.as_bytes()).map(|(name, value)| (name.into_owned(), value.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_of_a_repeated_query_parameter_wins() {
        assert_eq!(Value::from(parse_query("a=1&b=x+y%20z&a=2&c")), json!({"a": "2", "b": "x y z", "c": ""}));
        assert_eq!(Value::from(parse_query("&&%61=%C3%A9&b=%FF%2&=x")), json!({"a": "é", "b": "\u{fffd}%2", "": "x"}));
    }
}
