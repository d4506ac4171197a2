//! Telling many agents at once, and two who change what depends on each other, on every engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[allow(dead_code, reason = "other tests need more of it")]
mod support;

use std::time::Duration;

use mission_control_core::agents::Actor;
use mission_control_core::organizations::{Membership, Role, SignedIn};
use mission_control_core::users::{self, User};
use mission_control_core::{board_changes, boards, memory, organizations, tasks};
use mission_control_platform::db::{Connection, DbError, Engine, Row, Tx, Value, transaction};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Faults, Field, Place};
use serde_json::json;
use support::{Database, migrated};
use uuid::Uuid;

/// A connection that counts what is asked.
struct Counting {
    inner: Box<dyn Connection>,
    statements: usize,
}

impl Connection for Counting {
    fn engine(&self) -> Engine {
        self.inner.engine()
    }

    fn run(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, DbError> {
        self.statements += 1;
        self.inner.run(sql, params)
    }

    fn execute(&mut self, sql: &str, params: &[Value]) -> Result<(), DbError> {
        self.statements += 1;
        self.inner.execute(sql, params)
    }
}

fn body<T: Field>(value: serde_json::Value) -> T {
    T::read(&value, &Place::root("body"), &mut Faults::default()).unwrap()
}

/// A board of an owner, in no group yet, and a group with another board that has many agents.
struct Scene {
    owner: SignedIn,
    board_id: Uuid,
    group_id: Uuid,
    crowded_id: Uuid,
}

fn scene(connection: &mut dyn Connection, agents: usize) -> Scene {
    let mut tx = Tx::on(connection);
    let (user, _): (User, bool) =
        users::store::get_or_create(&mut tx, "owner", "o@example.com", "Owner", true).unwrap();
    let (organization, membership): (_, Membership) =
        organizations::store::create_with_owner(&mut tx, "Acme", user.id).unwrap();
    assert_eq!(membership.role, Role::Owner);
    let [gateway_id, group_id, board_id, crowded_id] = std::array::from_fn(|_| Uuid::new_v4());
    let now = Timestamp::now();
    tx.execute(
        "INSERT INTO gateways (id, organization_id, name, url, workspace_root, created_at, updated_at)
         VALUES ($1, $2, 'G', 'mailbox:', '/w', $3, $3)",
        &params![gateway_id, organization.id, now],
    )
    .unwrap();
    tx.execute(
        "INSERT INTO board_groups (id, organization_id, name, slug, created_at, updated_at) VALUES ($1, $2, 'Group', 'g', $3, $3)",
        &params![group_id, organization.id, now],
    )
    .unwrap();
    for (id, name, group_id) in [(board_id, "Joiner", None), (crowded_id, "Crowded", Some(group_id))] {
        tx.execute(
            "INSERT INTO boards (id, organization_id, name, slug, description, gateway_id, board_group_id, require_approval_for_done,
             created_at, updated_at) VALUES ($1, $2, $3, 'b', 'd', $4, $5, FALSE, $6, $6)",
            &params![id, organization.id, name, gateway_id, group_id, now],
        )
        .unwrap();
    }
    for number in 0..agents {
        tx.execute(
            "INSERT INTO agents (id, board_id, gateway_id, name, openclaw_session_id, created_at, updated_at)
             VALUES ($1, $2, $3, $4, 'session', $5, $5)",
            &params![Uuid::new_v4(), crowded_id, gateway_id, format!("Ada {number}"), now],
        )
        .unwrap();
    }
    Scene { owner: SignedIn { user, membership }, board_id, group_id, crowded_id }
}

fn counts(connection: &mut dyn Connection) -> (i64, i64) {
    Tx::on(connection)
        .one("SELECT (SELECT count(*) FROM agent_inbox), (SELECT count(*) FROM activity_events)", &[])
        .unwrap()
}

#[test]
fn many_agents_are_told_with_few_statements() {
    migrated(|database| {
        let mut connection = Counting { inner: database.open(), statements: 0 };
        let scene = scene(&mut connection, 1_200);
        let asked = |connection: &mut Counting, work: &dyn Fn(&mut Tx<'_>)| {
            connection.statements = 0;
            transaction::<_, DbError>(connection, |tx| {
                work(tx);
                Ok(())
            })
            .unwrap();
            connection.statements
        };
        let join = json!({"board_group_id": scene.group_id});
        let statements = asked(&mut connection, &|tx| {
            board_changes::update(tx, scene.board_id, body(join.clone()), "Owner").unwrap();
        });
        assert!(statements < 30, "{statements} statements");
        assert_eq!(counts(&mut connection), (1_200, 1_200));

        let crowded = boards::store::find(&mut Tx::on(&mut connection), scene.crowded_id).unwrap().unwrap();
        let actor = Actor::User(scene.owner.clone());
        for content in ["/pause", "@Ada wake up"] {
            let entry = json!({"content": content, "tags": ["chat"]});
            let statements = asked(&mut connection, &|tx| {
                memory::record(tx, &crowded, &actor, body(entry.clone()), "http://localhost").unwrap();
            });
            assert!(statements < 15, "{statements} statements");
        }
        assert_eq!(counts(&mut connection).0, 3_600);

        let task = asked(&mut connection, &|tx| {
            let task = tasks::create(tx, &crowded, &actor, body(json!({"title": "t"}))).unwrap();
            tasks::comments::create(tx, &crowded, &actor, task.id, "@ada look").unwrap();
        });
        assert!(task < 30, "{task} statements");
        assert_eq!(counts(&mut connection).0, 4_800);
    });
}

#[test]
fn a_task_is_not_started_while_what_it_waits_for_is_reopened() {
    migrated(|database: &Database| {
        let mut connection = database.open();
        let scene = scene(&mut *connection, 0);
        let actor = Actor::User(scene.owner.clone());
        let board = boards::store::find(&mut Tx::on(&mut *connection), scene.board_id).unwrap().unwrap();
        let first = transaction(&mut *connection, |tx| {
            tasks::create(tx, &board, &actor, body(json!({"title": "first", "status": "done"})))
        })
        .unwrap();
        let second = json!({"title": "second", "status": "in_progress", "depends_on_task_ids": [first.id]});
        std::thread::scope(|scope| {
            let creation = transaction::<_, mission_control_web::http::ApiError>(&mut *connection, |tx| {
                tasks::update(tx, &board, &actor, first.id, &body(json!({"status": "inbox"})))?;
                let (board, actor, second) = (board.clone(), actor.clone(), second.clone());
                let creation = scope.spawn(move || {
                    let mut other = database.open();
                    transaction(&mut *other, |tx| tasks::create(tx, &board, &actor, body(second)))
                        .map_err(|error| error.status_code().as_u16())
                });
                std::thread::sleep(Duration::from_millis(300));
                Ok(creation)
            });
            assert_eq!(creation.unwrap().join().unwrap().err(), Some(409));
        });
    });
}
