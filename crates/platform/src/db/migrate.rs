//! Forward-only schema migrations: numbered, checksummed, applied under a lock, all or nothing.

use sha2::{Digest, Sha256};

use super::{Connection, DbError, DbErrorKind, Engine, Tx, transaction};
use crate::params;
use crate::time::Timestamp;

/// One numbered file of `migrations/<engine>/`.
struct Migration {
    version: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

macro_rules! migrations {
    ($($version:literal),+ $(,)?) => {
        &[$(Migration {
            version: $version,
            sqlite: include_str!(concat!("../../../../migrations/sqlite/", $version, ".sql")),
            postgres: include_str!(concat!("../../../../migrations/postgres/", $version, ".sql")),
        }),+]
    };
}

/// Every migration, oldest first. A landed one is never edited: the checksum of its text is in every database.
const MIGRATIONS: &[Migration] = migrations![
    "0001_identity",
    "0002_gateways_boards_agents",
    "0003_tasks",
    "0004_memory_webhooks_activity",
    "0005_skills",
    "0006_outbox_mailbox",
];

/// Any number will do, as long as nothing else in the database takes the same advisory lock.
const ADVISORY_LOCK: i64 = 0x4d43_5f4d_4947;

/// Whether the database has the schema that this build expects.
#[derive(Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// All migrations are applied.
    Current,
    /// Some are missing.
    Behind,
}

/// Compares the applied migrations with this build's, in one statement.
///
/// # Errors
/// When the database is newer than this build, holds a migration with another checksum, or cannot be reached.
pub fn state(connection: &mut dyn Connection) -> Result<SchemaState, DbError> {
    let engine = connection.engine();
    let applied = match applied(&mut Tx::on(connection)) {
        Ok(applied) => applied,
        // The table does not exist yet. A database that cannot be reached is another matter.
        Err(error) if error.kind() == DbErrorKind::Other => Vec::new(),
        Err(error) => return Err(error),
    };
    verify(engine, &applied)?;
    Ok(if applied.len() == MIGRATIONS.len() { SchemaState::Current } else { SchemaState::Behind })
}

/// Applies what is missing and gives the versions applied now. Safe to call from many processes at once.
///
/// # Errors
/// As [`state`]; also whatever a migration's statement is refused for, in which case nothing is changed.
pub fn migrate(connection: &mut dyn Connection) -> Result<Vec<&'static str>, DbError> {
    let engine = connection.engine();
    if engine == Engine::Sqlite {
        // Stays in the file. Cannot be changed inside a transaction.
        connection.run("PRAGMA journal_mode = WAL", &[])?;
    }
    transaction(connection, |tx| {
        if engine == Engine::Postgres {
            tx.execute("SELECT 1 FROM (SELECT pg_advisory_xact_lock($1)) AS held", &params![ADVISORY_LOCK])?;
        }
        tx.execute(bookkeeping(engine), &[])?;
        let applied = applied(tx)?;
        verify(engine, &applied)?;
        let mut done = Vec::new();
        for migration in MIGRATIONS.iter().skip(applied.len()) {
            for statement in statements(migration.text(engine)) {
                tx.execute(statement, &[])
                    .map_err(|error| DbError::new(error.kind(), format!("migration {}: {error}", migration.version)))?;
            }
            tx.execute(
                "INSERT INTO schema_migrations (version, checksum, applied_at) VALUES ($1, $2, $3)",
                &params![migration.version, migration.checksum(engine), Timestamp::now()],
            )?;
            done.push(migration.version);
        }
        Ok(done)
    })
}

fn bookkeeping(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => {
            "CREATE TABLE IF NOT EXISTS schema_migrations (version TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT"
        }
        Engine::Postgres => {
            "CREATE TABLE IF NOT EXISTS schema_migrations (version text PRIMARY KEY, checksum text NOT NULL, applied_at timestamp NOT NULL)"
        }
    }
}

fn applied(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, DbError> {
    tx.all("SELECT version, checksum FROM schema_migrations ORDER BY version", &[])
}

fn verify(engine: Engine, applied: &[(String, String)]) -> Result<(), DbError> {
    for (position, (version, checksum)) in applied.iter().enumerate() {
        let Some(expected) = MIGRATIONS.get(position).filter(|expected| expected.version == version) else {
            return Err(DbError::new(
                DbErrorKind::Unavailable,
                format!("the database has migration {version}, which this build does not know: run a newer build"),
            ));
        };
        if *checksum != expected.checksum(engine) {
            return Err(DbError::new(
                DbErrorKind::Unavailable,
                format!("migration {version} was changed after it was applied to this database"),
            ));
        }
    }
    Ok(())
}

impl Migration {
    fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    fn checksum(&self, engine: Engine) -> String {
        hex::encode(Sha256::digest(self.text(engine)))
    }
}

/// The statements of all migrations, oldest first.
pub(super) fn statements_of(engine: Engine) -> impl Iterator<Item = &'static str> {
    MIGRATIONS.iter().flat_map(move |migration| statements(migration.text(engine)))
}

/// The version that every migrated database has.
pub(super) fn first_version() -> &'static str {
    MIGRATIONS.first().map_or("", |first| first.version)
}

/// The statements of a file: each ends with `;` at the end of a line that is not indented, as those inside of a trigger are;
/// lines that start with `--` are comments.
fn statements(text: &'static str) -> Vec<&'static str> {
    let (mut statements, mut start, mut end) = (Vec::new(), 0, 0);
    for line in text.split_inclusive('\n') {
        end += line.len();
        if line.trim_end().ends_with(';') && !line.starts_with(' ') && !line.starts_with("--") {
            statements.push(text.get(start..end).unwrap_or_default().trim().trim_end_matches(';'));
            start = end;
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::native::Sqlite;

    #[test]
    fn a_statement_ends_where_a_line_does_that_is_not_indented() {
        let text = "-- a; comment;\nCREATE TABLE t (\n    a TEXT\n);\n\nCREATE TRIGGER x BEGIN\n    SELECT 1;\n    SELECT 2;\nEND;\n";
        assert_eq!(
            statements(text),
            [
                "-- a; comment;\nCREATE TABLE t (\n    a TEXT\n)",
                "CREATE TRIGGER x BEGIN\n    SELECT 1;\n    SELECT 2;\nEND"
            ]
        );
    }

    #[test]
    fn migrating_twice_changes_nothing_the_second_time() {
        let mut database = Sqlite::in_memory();
        assert_eq!(state(&mut database).unwrap(), SchemaState::Behind);
        assert_eq!(migrate(&mut database).unwrap().len(), MIGRATIONS.len());
        assert_eq!(migrate(&mut database).unwrap(), Vec::<&str>::new());
        assert_eq!(state(&mut database).unwrap(), SchemaState::Current);
    }

    #[test]
    fn a_changed_migration_is_refused() {
        let mut database = Sqlite::in_memory();
        migrate(&mut database).unwrap();
        Tx::on(&mut database)
            .execute("UPDATE schema_migrations SET checksum = 'x' WHERE version = $1", &params!["0001_identity"])
            .unwrap();
        assert!(migrate(&mut database).unwrap_err().to_string().contains("was changed"));
    }

    #[test]
    fn a_newer_database_is_refused() {
        let mut database = Sqlite::in_memory();
        migrate(&mut database).unwrap();
        Tx::on(&mut database)
            .execute("INSERT INTO schema_migrations (version, checksum, applied_at) VALUES ('9999_future', 'x', '2026-01-01T00:00:00.000000')", &[])
            .unwrap();
        assert!(state(&mut database).unwrap_err().to_string().contains("newer build"));
    }
}
