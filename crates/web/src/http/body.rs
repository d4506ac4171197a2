//! Response bodies: whole, or streamed frame by frame.

use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;

/// What a response carries.
pub enum Body {
    /// All of it at once; `None` when it was taken or there is none.
    Whole(Option<Bytes>),
    /// Chunks as they come, for a client that comes back when they end: the connection is cut then, as it is when
    /// anything goes wrong, since some clients take a proper end for the end of all.
    Stream(Pin<Box<dyn Stream<Item = Bytes>>>),
}

/// An answer on its way out.
pub type Response = http::Response<Body>;

impl Body {
    /// No content.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(None)
    }

    /// The length, when it is known.
    #[must_use]
    pub fn known_length(&self) -> Option<usize> {
        match self {
            Self::Whole(bytes) => Some(bytes.as_ref().map_or(0, Bytes::len)),
            Self::Stream(_) => None,
        }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Body({:?} bytes)", self.known_length())
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(Some(bytes.into()))
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::Whole(Some(Bytes::from_static(text.as_bytes())))
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Whole(Some(text.into()))
    }
}
