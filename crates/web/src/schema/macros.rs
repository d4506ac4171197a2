//! The macros that define request bodies, answers and closed sets of words.

/// Defines what a client may send: a struct, its validation and its schema.
///
/// A member without `= default` is required. With `check = function` a rule over the whole object runs once every
/// member is valid; its text becomes a `value_error` of the object.
///
/// ```ignore
/// request! {
///     /// Body of `POST /boards`.
///     pub struct BoardCreate {
///         /// Shown to people.
///         pub name: String,
///         pub max_agents: Ranged<0, { i64::MAX }> = Ranged(1),
///     }
///     check = BoardCreate::check;
/// }
/// ```
#[macro_export]
macro_rules! request {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $fvis:vis $field:ident : $ty:ty $(= $default:expr)?),* $(,)?
        }
        $(check = $check:path;)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[allow(missing_docs, reason = "a member is documented where its name does not say it all")]
        $vis struct $name { $($(#[doc = $doc])* $fvis $field: $ty),* }

        impl $crate::schema::Model for $name {
            const NAME: &'static str = stringify!($name);

            fn members(components: &mut $crate::schema::Components) -> Vec<$crate::schema::Member> {
                let _ = &components;
                vec![$($crate::schema::Member {
                    name: stringify!($field),
                    description: concat!($($doc,)* "").trim_ascii(),
                    required: $crate::request!(@default $ty $(, $default)?).is_none(),
                    schema: <$ty as $crate::schema::Schema>::schema(components),
                    default: $crate::request!(@default $ty $(, $default)?)
                        .and_then(|make| $crate::schema::Schema::example_default(&make())),
                }),*]
            }

            fn read_object(
                object: &::serde_json::Map<String, ::serde_json::Value>,
                place: &$crate::schema::Place<'_>,
                faults: &mut $crate::schema::Faults,
            ) -> Option<Self> {
                let _ = (&object, &place, &faults);
                $(let $field = $crate::schema::member::<$ty>(
                    object, stringify!($field), $crate::request!(@default $ty $(, $default)?), place, faults,
                );)*
                #[allow(unused_mut, reason = "only a check changes it")]
                let mut this = Self { $($field: $field?),* };
                $(if let Err(text) = $check(&mut this) {
                    faults.add_of_object(place, $crate::schema::Fault::value_error(&text), object);
                    return None;
                })?
                Some(this)
            }
        }

        impl $crate::schema::Schema for $name {
            fn schema(components: &mut $crate::schema::Components) -> ::serde_json::Value {
                components.model::<Self>()
            }
        }

        impl $crate::schema::Field for $name {
            fn read(
                input: &::serde_json::Value,
                place: &$crate::schema::Place<'_>,
                faults: &mut $crate::schema::Faults,
            ) -> Option<Self> {
                match input.as_object() {
                    Some(object) => <Self as $crate::schema::Model>::read_object(object, place, faults),
                    None => {
                        faults.add(place, $crate::schema::Fault::model_attributes_type(), input);
                        None
                    }
                }
            }
        }
    };
    (@default $ty:ty) => { None::<fn() -> $ty> };
    (@default $ty:ty, $default:expr) => { Some((|| $default) as fn() -> $ty) };
}

/// Defines what a client is answered: a struct that serializes in the order of its members, and its schema.
#[macro_export]
macro_rules! response {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[doc = $doc:literal])* $(#[serde($($serde:tt)*)])* $fvis:vis $field:ident : $ty:ty),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, ::serde::Serialize)]
        #[allow(missing_docs, reason = "a member is documented where its name does not say it all")]
        $vis struct $name { $($(#[doc = $doc])* $(#[serde($($serde)*)])* $fvis $field: $ty),* }

        impl $crate::schema::Schema for $name {
            fn schema(components: &mut $crate::schema::Components) -> ::serde_json::Value {
                components.answer(stringify!($name), |components| {
                    vec![$($crate::schema::Member {
                        name: stringify!($field).trim_start_matches("r#"),
                        description: concat!($($doc,)* "").trim_ascii(),
                        // An answer always carries every member, except those that say they may be left out.
                        required: !stringify!($($($serde)*)*).contains("skip_serializing_if"),
                        schema: <$ty as $crate::schema::Schema>::schema(components),
                        default: None,
                    }),*]
                })
            }
        }
    };
}

/// Defines a closed set of words: an enum that reads, writes, stores and documents itself as text.
#[macro_export]
macro_rules! words {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every word, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as it stands on the wire and in the database.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The word's meaning, if it is one of the set.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl From<$name> for $crate::db::Value {
            fn from(word: $name) -> Self {
                word.as_str().into()
            }
        }

        impl $crate::db::FromValue for $name {
            fn from_value(value: $crate::db::Value) -> Result<Self, $crate::db::DbError> {
                let text = <String as $crate::db::FromValue>::from_value(value)?;
                Self::from_word(&text).ok_or_else(|| {
                    $crate::db::DbError::decode(concat!("a stored ", stringify!($name), " is not one of its words"))
                })
            }
        }

        impl $crate::db::FromRow for $name {
            fn from_row(row: &mut $crate::db::Row) -> Result<Self, $crate::db::DbError> {
                row.next()
            }
        }

        impl $crate::schema::Schema for $name {
            fn schema(_: &mut $crate::schema::Components) -> ::serde_json::Value {
                ::serde_json::json!({"type": "string", "enum": Self::WORDS})
            }

            fn example_default(&self) -> Option<::serde_json::Value> {
                Some(self.as_str().into())
            }
        }

        impl $crate::schema::Field for $name {
            fn read(
                input: &::serde_json::Value,
                place: &$crate::schema::Place<'_>,
                faults: &mut $crate::schema::Faults,
            ) -> Option<Self> {
                let word = input.as_str().and_then(Self::from_word);
                if word.is_none() {
                    faults.add(place, $crate::schema::Fault::literal_error(Self::WORDS), input);
                }
                word
            }
        }
    };
}
