//! Whether the database can serve: everything that the migrations make is there, and it can be written to.

use std::cell::Cell;
use std::time::Duration;

use super::{Connection, DbError, DbErrorKind, Engine, migrate};
use crate::params;
use crate::time::Timestamp;

/// How long a successful write counts. Anybody may ask for readiness, and must not be able to write as often.
const WRITE_COUNTS: Duration = Duration::from_secs(5);

thread_local! {
    static WRITTEN: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

/// Reads from every table and column that the migrations make, no row of any, and writes.
///
/// # Errors
/// What is missing, or why nothing can be written. That somebody else is writing is none.
pub(super) fn check(connection: &mut dyn Connection) -> Result<(), DbError> {
    connection.execute(&reads_everything(connection.engine()), &[])?;
    let now = Timestamp::now();
    if WRITTEN.get().is_some_and(|written| now.since(written) < WRITE_COUNTS) {
        return Ok(());
    }
    // A row that is always there; a full disk or a server that only reads refuses it.
    let written = connection.execute(
        "UPDATE schema_migrations SET applied_at = applied_at WHERE version = $1",
        &params![migrate::first_version()],
    );
    match written {
        Ok(()) => WRITTEN.set(Some(now)),
        Err(error) if error.kind() == DbErrorKind::Busy => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

/// A statement that names every table and column that the migrations make. It answers one row and looks at none.
fn reads_everything(engine: Engine) -> String {
    let tables: Vec<String> = migrate::statements_of(engine).filter_map(table).collect();
    format!("SELECT count(*) FROM ({}) AS everything", tables.join(" UNION ALL "))
}

/// `SELECT 1 FROM <table> WHERE FALSE AND …` over the columns of a CREATE TABLE, each on a line of its own, indented once.
fn table(statement: &str) -> Option<String> {
    let (_, definition) = statement.split_once("CREATE TABLE ")?;
    let (name, lines) = definition.split_once(" (\n")?;
    let columns = lines.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(' ')).map(|(column, _)| column);
    let columns: Vec<String> = columns
        .filter(|column| column.starts_with(|first: char| first.is_ascii_lowercase()))
        .map(|column| format!("{column} IS NULL"))
        .collect();
    Some(format!("SELECT 1 AS one FROM {name} WHERE FALSE AND ({})", columns.join(" OR ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::native::Sqlite;
    use crate::db::{Tx, transaction};

    fn migrated() -> Sqlite {
        let mut database = Sqlite::in_memory();
        migrate::migrate(&mut database).unwrap();
        WRITTEN.set(None);
        database
    }

    #[test]
    fn every_table_and_column_is_named() {
        let mut database = migrated();
        let statement = reads_everything(Engine::Sqlite);
        let columns: Vec<(String, String)> = Tx::on(&mut database)
            .all(
                "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
                 WHERE t.type = 'table' AND t.name <> 'schema_migrations' AND t.name NOT LIKE 'sqlite_%'",
                &[],
            )
            .unwrap();
        assert!(columns.len() > 250);
        let parts: Vec<&str> = statement.split(" UNION ALL ").collect();
        for (table, column) in columns {
            let part = parts.iter().find(|part| part.contains(&format!(" FROM {table} "))).expect(&table);
            assert!(part.contains(&format!("{column} IS NULL")), "{table}.{column}");
        }
    }

    #[test]
    fn a_missing_table_or_column_is_noticed() {
        let mut database = migrated();
        check(&mut database).unwrap();
        database.execute("ALTER TABLE tags RENAME COLUMN color TO colour", &[]).unwrap();
        assert!(check(&mut database).unwrap_err().to_string().contains("color"));
        database.execute("ALTER TABLE tags RENAME COLUMN colour TO color", &[]).unwrap();
        database.execute("DROP TABLE gateway_installed_skills", &[]).unwrap();
        assert!(check(&mut database).unwrap_err().to_string().contains("gateway_installed_skills"));
    }

    #[test]
    fn a_database_that_cannot_be_written_to_is_noticed() {
        let mut database = migrated();
        database.execute("PRAGMA query_only = ON", &[]).unwrap();
        assert_eq!(check(&mut database).unwrap_err().kind(), DbErrorKind::Unavailable);
        database.execute("PRAGMA query_only = OFF", &[]).unwrap();
        check(&mut database).unwrap();
        database.execute("PRAGMA query_only = ON", &[]).unwrap();
        check(&mut database).unwrap();
    }

    #[test]
    fn another_writer_is_no_reason_to_be_unready() {
        let folder = std::env::temp_dir().join(format!("mission-control-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("test.db");
        let (mut writer, mut probe) = (Sqlite::open(&path).unwrap(), Sqlite::open(&path).unwrap());
        migrate::migrate(&mut writer).unwrap();
        WRITTEN.set(None);
        probe.run("PRAGMA busy_timeout = 1", &[]).unwrap();
        transaction::<_, DbError>(&mut writer, |_| {
            check(&mut probe).unwrap();
            Ok(())
        })
        .unwrap();
        std::fs::remove_dir_all(folder).unwrap();
    }
}
