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
    /// The database cannot be reached, opened or written to.
    Unavailable,
    /// A stored value is not of the expected type.
    Decode,
    /// Anything else.
    Other,
}

/// What SQLite says when it cannot work here and now, whatever the statement.
const SQLITE_OUT_OF_ORDER: &[&str] = &[
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "database disk image is malformed",
    "file is not a database",
    "out of memory",
];

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
        let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        let kind = if says(&["UNIQUE constraint failed"]) {
            DbErrorKind::Unique
        } else if says(&["FOREIGN KEY constraint failed"]) {
            DbErrorKind::ForeignKey
        } else if says(&["database is locked", "database table is locked"]) {
            DbErrorKind::Busy
        } else if says(SQLITE_OUT_OF_ORDER) {
            DbErrorKind::Unavailable
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
            // A serialization failure, a deadlock, and the ends of patience with locks, statements and idle transactions.
            "40001" | "40P01" | "55P03" | "57014" | "25P03" => DbErrorKind::Busy,
            // A standby, which only reads.
            "25006" => DbErrorKind::Unavailable,
            // No connection, no resources (a full disk, memory, connections), going down, and failures of its system.
            code if ["08", "53", "57P", "58"].iter().any(|class| code.starts_with(class)) => DbErrorKind::Unavailable,
            _ => DbErrorKind::Other,
        };
        Self::new(kind, format!("{code} {message}"))
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> DbErrorKind {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_texts_tell_the_kind() {
        let kind = |text: &str| DbError::from_sqlite_text(text).kind();
        assert_eq!(kind("UNIQUE constraint failed: agents.id"), DbErrorKind::Unique);
        assert_eq!(kind("FOREIGN KEY constraint failed"), DbErrorKind::ForeignKey);
        assert_eq!(kind("database is locked"), DbErrorKind::Busy);
        assert_eq!(kind("database or disk is full"), DbErrorKind::Unavailable);
        assert_eq!(kind("disk I/O error: Error code 4874"), DbErrorKind::Unavailable);
        assert_eq!(kind("no such table: boards"), DbErrorKind::Other);
    }

    #[test]
    fn sqlstates_tell_the_kind() {
        let kind = |code: &str| DbError::from_sqlstate(code, "text").kind();
        assert_eq!((kind("23505"), kind("23503")), (DbErrorKind::Unique, DbErrorKind::ForeignKey));
        for busy in ["40001", "40P01", "55P03", "57014", "25P03"] {
            assert_eq!(kind(busy), DbErrorKind::Busy, "{busy}");
        }
        for gone in ["08006", "53100", "53200", "53300", "57P01", "58030", "25006"] {
            assert_eq!(kind(gone), DbErrorKind::Unavailable, "{gone}");
        }
        assert_eq!(kind("42P01"), DbErrorKind::Other);
    }
}
