//! What can go wrong in the database, without the statement or its values: those may hold secrets.

/// The kinds that callers tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DbErrorKind {
    /// A unique index or constraint already holds this key.
    Unique,
    /// A referenced row does not exist.
    ForeignKey,
    /// Another writer kept the lock for too long, or a serialization failure: the same request may succeed later.
    Busy,
    /// The database cannot be reached or opened.
    Unavailable,
    /// A stored value is not of the expected type.
    Decode,
    /// Anything else.
    Other,
}

/// A failed statement.
#[derive(Clone, Debug, thiserror::Error)]
#[error("database {kind:?}: {message}")]
pub struct DbError {
    kind: DbErrorKind,
    message: String,
}

impl DbError {
    /// An error of this kind; `message` goes to the log and must not hold values.
    pub fn new(kind: DbErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A stored value of another type than expected.
    pub fn decode(message: impl Into<String>) -> Self {
        Self::new(DbErrorKind::Decode, message)
    }

    /// From the text of an SQLite error.
    #[must_use]
    pub fn from_sqlite_text(text: &str) -> Self {
        let kind = if text.contains("UNIQUE constraint failed") {
            DbErrorKind::Unique
        } else if text.contains("FOREIGN KEY constraint failed") {
            DbErrorKind::ForeignKey
        } else if text.contains("database is locked") || text.contains("database table is locked") {
            DbErrorKind::Busy
        } else {
            DbErrorKind::Other
        };
        Self::new(kind, text)
    }

    /// From a Postgres SQLSTATE code and the server's primary message (which never holds values; the detail may).
    #[must_use]
    pub fn from_sqlstate(code: &str, message: &str) -> Self {
        let kind = match code {
            "23505" => DbErrorKind::Unique,
            "23503" => DbErrorKind::ForeignKey,
            "40001" | "40P01" | "55P03" => DbErrorKind::Busy,
            code if code.starts_with("08") || code.starts_with("57P") || code == "53300" => DbErrorKind::Unavailable,
            _ => DbErrorKind::Other,
        };
        Self::new(kind, format!("{code} {message}"))
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> DbErrorKind {
        self.kind
    }

    /// Whether a unique index refused the row.
    #[must_use]
    pub fn is_unique(&self) -> bool {
        self.kind == DbErrorKind::Unique
    }
}
