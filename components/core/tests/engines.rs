//! What the database layer promises, on every engine: SQLite always, Postgres when `MC_TEST_DATABASE_URL` names a server
//! on which databases may be created.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod support;

use mission_control_platform::db::migrate::{SchemaState, migrate, state};
use mission_control_platform::db::native::{Postgres, Sqlite};
use mission_control_platform::db::{Connection, DbError, DbErrorKind, Engine, Tx, Value, transaction};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;
use serde_json::json;
use support::{Place, insert_organization, migrated, on_every_engine};
use uuid::Uuid;

fn count_organizations(connection: &mut dyn Connection) -> i64 {
    Tx::on(connection).one("SELECT count(*) FROM organizations", &[]).unwrap()
}

#[test]
fn typed_values_come_back_as_they_were() {
    migrated(|database| {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let organization = insert_organization(&mut tx, "Zoë's \"org\" 😀").unwrap();
        let id = Uuid::new_v4();
        let metrics = json!({"list": [1, 2.5, "x", null, true], "nested": {"ü": "😀"}});
        let due = Timestamp::parse_iso("2027-02-03T04:05:06.000007").unwrap();
        let now = Timestamp::now();
        tx.execute(
            "INSERT INTO boards (id, organization_id, name, slug, description, success_metrics, target_date, objective,
             goal_confirmed, max_agents, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &params![id, organization, "n", "s", "d", &metrics, due, Option::<String>::None, true, i64::from(i32::MAX) + 1, now, now],
        )
        .unwrap();
        let mut row = connection
            .run(
                "SELECT id, success_metrics, target_date, objective, goal_confirmed, max_agents, created_at FROM boards WHERE id = $1",
                &params![id],
            )
            .unwrap()
            .remove(0);
        assert_eq!(row.next::<Uuid>().unwrap(), id);
        assert_eq!(row.next::<serde_json::Value>().unwrap(), metrics);
        assert_eq!(row.next::<Timestamp>().unwrap(), due);
        assert_eq!(row.next::<Option<String>>().unwrap(), None);
        assert!(row.next::<bool>().unwrap());
        assert_eq!(row.next::<i64>().unwrap(), i64::from(i32::MAX) + 1);
        assert_eq!(row.next::<Timestamp>().unwrap(), now);
        assert!(row.next::<String>().is_err(), "no column is left");
    });
}

#[test]
fn an_error_rolls_the_whole_transaction_back() {
    migrated(|database| {
        let mut connection = database.open();
        let outcome: Result<(), DbError> = transaction(&mut *connection, |tx| {
            insert_organization(tx, "first")?;
            Err(DbError::new(DbErrorKind::Other, "changed my mind"))
        });
        assert!(outcome.is_err());
        assert_eq!(count_organizations(&mut *connection), 0);
    });
}

#[test]
fn a_refused_statement_leaves_the_connection_usable() {
    migrated(|database| {
        let mut connection = database.open();
        let outcome: Result<(), DbError> = transaction(&mut *connection, |tx| {
            insert_organization(tx, "first")?;
            tx.execute("INSERT INTO no_such_table VALUES (1)", &[])
        });
        assert!(outcome.is_err());
        transaction(&mut *connection, |tx| insert_organization(tx, "second")).unwrap();
        assert_eq!(count_organizations(&mut *connection), 1);
    });
}

#[test]
fn constraint_violations_are_told_apart() {
    migrated(|database| {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let sql = "INSERT INTO users (id, clerk_user_id, is_super_admin) VALUES ($1, $2, $3)";
        tx.execute(sql, &params![Uuid::new_v4(), "same", false]).unwrap();
        assert_eq!(tx.execute(sql, &params![Uuid::new_v4(), "same", false]).unwrap_err().kind(), DbErrorKind::Unique);
        let orphan = tx.execute(
            "INSERT INTO organization_members (id, organization_id, user_id, role, all_boards_read, all_boards_write, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            &params![Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4(), "owner", true, true, Timestamp::now(), Timestamp::now()],
        );
        assert_eq!(orphan.unwrap_err().kind(), DbErrorKind::ForeignKey);
    });
}

#[test]
fn a_parameter_may_be_used_more_than_once() {
    migrated(|database| {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let id = insert_organization(&mut tx, "twice").unwrap();
        let found: Option<String> = tx
            .first("SELECT name FROM organizations WHERE id = $1 AND name = $2 AND id = $1", &params![id, "twice"])
            .unwrap();
        assert_eq!(found.as_deref(), Some("twice"));
    });
}

#[test]
fn uncommitted_rows_are_invisible_to_others() {
    migrated(|database| {
        let mut writer = database.open();
        let mut reader = database.open();
        transaction::<_, DbError>(&mut *writer, |tx| {
            insert_organization(tx, "pending")?;
            assert_eq!(count_organizations(&mut *reader), 0);
            Ok(())
        })
        .unwrap();
        assert_eq!(count_organizations(&mut *reader), 1);
    });
}

#[test]
fn many_processes_may_migrate_at_once() {
    on_every_engine(|database| {
        let applied: usize = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| match &database.place {
                        Place::File(path) => migrate(&mut Sqlite::open(path).unwrap()).unwrap().len(),
                        Place::Server { url, .. } => migrate(&mut Postgres::connect(url).unwrap()).unwrap().len(),
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        let mut connection = database.open();
        let known: i64 = Tx::on(&mut *connection).one("SELECT count(*) FROM schema_migrations", &[]).unwrap();
        assert_eq!(i64::try_from(applied).unwrap(), known, "each migration was applied by exactly one");
        assert_eq!(state(&mut *connection).unwrap(), SchemaState::Current);
    });
}

#[test]
fn sqlite_files_are_in_wal_mode_after_migration() {
    migrated(|database| {
        let mut connection = database.open();
        if connection.engine() == Engine::Sqlite {
            let mode = connection.run("PRAGMA journal_mode", &[]).unwrap().remove(0).next::<String>().unwrap();
            assert_eq!(mode, "wal");
        }
    });
}

#[test]
fn null_binds_to_every_type() {
    migrated(|database| {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let organization = insert_organization(&mut tx, "nulls").unwrap();
        let now = Timestamp::now();
        tx.execute(
            "INSERT INTO boards (id, organization_id, name, slug, description, gateway_id, success_metrics, target_date, objective,
             max_agents, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            &params![Uuid::new_v4(), organization, "n", "s", "d", Value::Null, Value::Null, Value::Null, Value::Null, 1_i64, now, now],
        )
        .unwrap();
    });
}

#[test]
fn the_first_error_is_the_one_that_is_told() {
    migrated(|database| {
        let mut connection = database.open();
        let outcome: Result<(), DbError> = transaction(&mut *connection, |tx| {
            // Whoever ends the transaction makes the rollback fail, as a full disk does.
            tx.execute("ROLLBACK", &[])?;
            Err(DbError::new(DbErrorKind::Decode, "the first"))
        });
        assert_eq!(outcome.unwrap_err().kind(), DbErrorKind::Decode);
    });
}

#[test]
fn a_statement_may_have_very_many_parameters() {
    migrated(|database| {
        let mut connection = database.open();
        let count = 32_000;
        let list = mission_control_platform::db::placeholders(1, count);
        let parameters: Vec<Value> = (0..count).map(|_| Value::from(Uuid::new_v4())).collect();
        let started = std::time::Instant::now();
        let sql = format!("SELECT count(*) FROM organizations WHERE id IN ({list})");
        let found: i64 = Tx::on(&mut *connection).one(&sql, &parameters).unwrap();
        assert_eq!(found, 0);
        // By name, each of them is looked up among all before it: that takes several seconds.
        assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
    });
}

#[test]
fn a_statement_without_rows_answers_none() {
    migrated(|database| {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let nobody = params![Uuid::new_v4()];
        assert_eq!(tx.first::<String>("SELECT name FROM organizations WHERE id = $1", &nobody).unwrap(), None);
        assert!(!tx.exists("UPDATE organizations SET name = 'x' WHERE id = $1 RETURNING id", &nobody).unwrap());
        assert!(!tx.exists("DELETE FROM organizations WHERE id = $1 RETURNING id", &nobody).unwrap());
        for name in ["b", "a", "c"] {
            insert_organization(&mut tx, name).unwrap();
        }
        let names: Vec<String> = tx.all("SELECT name FROM organizations ORDER BY name DESC", &[]).unwrap();
        assert_eq!(names, ["c", "b", "a"]);
        let lock = tx.for_update();
        let sql = format!(
            "WITH chosen AS (SELECT id FROM organizations WHERE name = 'b'{lock}) UPDATE organizations SET name = 'd' WHERE id IN (SELECT id FROM chosen) RETURNING name, id, name"
        );
        let mut row = connection.run(&sql, &[]).unwrap().remove(0);
        assert_eq!(row.next::<String>().unwrap(), "d");
    });
}
