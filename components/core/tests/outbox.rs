//! What the outbox and the delivery of webhooks promise, on every engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

mod support;

use std::time::Duration;

use http::HeaderMap;
use mission_control_core::jobs::JOBS;
use mission_control_core::messaging::inbox;
use mission_control_core::webhooks::{Payload, Webhook, ingest, store};
use mission_control_platform::db::{Connection, DbError, Engine, Paging, Tx, Value, transaction};
use mission_control_platform::params;
use mission_control_platform::queue::{BATCH, drain_on, tick_on};
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;

use support::{Database, insert_organization, migrated};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A board with a lead, a worker and a webhook.
struct Scene {
    connection: Box<dyn Connection>,
    settings: Settings,
    organization_id: Uuid,
    lead: Uuid,
    worker: Uuid,
    webhook: Webhook,
}

/// A row of the outbox, as far as tests look at it.
type Job = (String, i64, Option<String>);

impl Scene {
    fn new(database: &Database) -> Self {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let organization_id = insert_organization(&mut tx, "Acme").unwrap();
        let (gateway_id, board_id, now) = (Uuid::new_v4(), Uuid::new_v4(), Timestamp::now());
        tx.execute(
            "INSERT INTO gateways (id, organization_id, name, url, workspace_root, created_at, updated_at)
             VALUES ($1, $2, 'G', 'mailbox:', '/w', $3, $4)",
            &params![gateway_id, organization_id, now, now],
        )
        .unwrap();
        tx.execute(
            "INSERT INTO boards (id, organization_id, name, slug, description, created_at, updated_at)
             VALUES ($1, $2, 'Ops', 'ops', 'd', $3, $4)",
            &params![board_id, organization_id, now, now],
        )
        .unwrap();
        let lead = insert_agent(&mut tx, gateway_id, board_id, true);
        let worker = insert_agent(&mut tx, gateway_id, board_id, false);
        let webhook = Webhook {
            id: Uuid::new_v4(),
            board_id,
            agent_id: None,
            description: "Triage it".into(),
            enabled: true,
            secret: None,
            signature_header: None,
            created_at: now,
            updated_at: now,
        };
        store::insert(&mut tx, &webhook).unwrap();
        Self { connection, settings: Settings::default(), organization_id, lead, worker, webhook }
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::on(&mut *self.connection)
    }

    fn receive(&mut self, body: &str) -> Payload {
        let payload = Payload::received(&self.webhook, &HeaderMap::new(), body.as_bytes(), "192.0.2.1");
        transaction(&mut *self.connection, |tx| {
            ingest::take_in(tx, &self.settings, self.organization_id, &self.webhook, &payload)
        })
        .unwrap();
        payload
    }

    fn drain(&mut self) -> usize {
        drain_on(&mut *self.connection, &self.settings, &JOBS).unwrap()
    }

    fn tick(&mut self) -> usize {
        tick_on(&mut *self.connection, &self.settings, &JOBS).unwrap()
    }

    /// Status, attempts and outcome of all jobs, oldest first.
    fn jobs(&mut self) -> Vec<Job> {
        self.tx().all("SELECT status, attempts, outcome FROM outbox ORDER BY id", &[]).unwrap()
    }

    fn only_job(&mut self) -> Job {
        self.jobs().pop().unwrap()
    }

    fn inbox_of(&mut self, agent: Uuid) -> Vec<String> {
        let sql = "SELECT message FROM agent_inbox WHERE agent_id = $1 ORDER BY created_at, id";
        self.tx().all(sql, &params![agent]).unwrap()
    }

    fn execute(&mut self, sql: &str, params: &[Value]) {
        self.tx().execute(sql, params).unwrap();
    }

    /// Makes the only kind of job fail that there is.
    fn break_jobs(&mut self) {
        self.execute("UPDATE outbox SET kind = 'from the future'", &[]);
    }

    fn count(&mut self, table: &str) -> i64 {
        self.tx().one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap()
    }
}

fn insert_agent(tx: &mut Tx<'_>, gateway_id: Uuid, board_id: Uuid, is_lead: bool) -> Uuid {
    let (id, now) = (Uuid::new_v4(), Timestamp::now());
    tx.execute(
        "INSERT INTO agents (id, board_id, gateway_id, name, openclaw_session_id, is_board_lead, created_at, updated_at)
         VALUES ($1, $2, $3, 'A', 'session', $4, $5, $6)",
        &params![id, board_id, gateway_id, is_lead, now, now],
    )
    .unwrap();
    id
}

fn done(outcome: &str) -> Job {
    ("done".into(), 1, Some(outcome.into()))
}

#[test]
fn an_event_reaches_the_lead_in_order_of_arrival() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (first, second) = (scene.receive("one"), scene.receive("two"));
        assert_eq!(scene.drain(), 2);
        assert_eq!(scene.jobs(), [done("delivered"), done("delivered")]);
        let messages = scene.inbox_of(scene.lead);
        assert_eq!(messages.len(), 2);
        assert!(
            messages[0].contains(&first.id.to_string()) && messages[0].contains("Board: Ops\nInstruction: Triage it")
        );
        assert!(messages[1].contains(&second.id.to_string()) && messages[1].contains("Payload preview:\ntwo\n---"));
        assert_eq!(scene.drain(), 0);
    });
}

#[test]
fn the_agent_of_the_webhook_is_told_instead_of_the_lead() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.execute("UPDATE board_webhooks SET agent_id = $1", &params![scene.worker]);
        scene.receive("x");
        scene.drain();
        assert_eq!((scene.inbox_of(scene.worker).len(), scene.inbox_of(scene.lead).len()), (1, 0));
    });
}

#[test]
fn an_agent_that_left_the_board_is_not_told() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.execute("UPDATE board_webhooks SET agent_id = $1", &params![scene.worker]);
        scene.receive("x");
        scene.execute("UPDATE agents SET board_id = NULL WHERE id = $1", &params![scene.worker]);
        scene.drain();
        assert_eq!((scene.inbox_of(scene.worker).len(), scene.inbox_of(scene.lead).len()), (0, 1));
    });
}

#[test]
fn what_is_not_to_be_told_any_more_ends_as_done() {
    migrated(|database| {
        for (change, outcome) in [
            ("UPDATE board_webhooks SET enabled = FALSE", "webhook disabled"),
            ("DELETE FROM board_webhook_payloads", "gone"),
            ("DELETE FROM board_webhooks", "gone"),
            ("DELETE FROM boards", "gone"),
            ("DELETE FROM agents", "no recipient"),
            ("UPDATE agents SET openclaw_session_id = NULL", "recipient unreachable"),
            ("UPDATE gateways SET url = ' '", "recipient unreachable"),
        ] {
            let mut scene = Scene::new(database);
            scene.receive("x");
            scene.execute(change, &[]);
            scene.drain();
            assert_eq!(scene.only_job(), done(outcome), "{change}");
            assert_eq!(scene.count("agent_inbox"), 0, "{change}");
            scene.execute("DELETE FROM organizations", &[]);
            assert_eq!(scene.count("outbox"), 0, "jobs go with their organization");
        }
    });
}

#[test]
fn a_job_that_runs_twice_sends_once() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("x");
        scene.drain();
        scene.execute("UPDATE outbox SET status = 'pending'", &[]);
        assert_eq!(scene.drain(), 1);
        assert_eq!(scene.only_job(), ("done".into(), 2, Some("delivered".into())));
        assert_eq!(scene.inbox_of(scene.lead).len(), 1);
    });
}

#[test]
fn workers_at_the_same_time_never_run_the_same_job() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for number in 0..3 * BATCH {
            scene.receive(&number.to_string());
        }
        let ran: usize = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        (0..4)
                            .map(|_| drain_on(&mut *database.open(), &Settings::default(), &JOBS).unwrap())
                            .sum::<usize>()
                    })
                })
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        assert_eq!(ran, 3 * BATCH);
        assert!(scene.jobs().iter().all(|job| *job == done("delivered")));
        assert_eq!(scene.inbox_of(scene.lead).len(), 3 * BATCH);
    });
}

#[test]
fn a_job_belongs_to_its_worker_until_the_lease_ends() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("x");
        let later = Timestamp::now().plus(Duration::from_secs(60));
        scene.execute("UPDATE outbox SET attempts = 1, leased_until = $1, lease_owner = 'other'", &params![later]);
        assert_eq!(scene.drain(), 0);
        scene.execute("UPDATE outbox SET leased_until = $1", &params![Timestamp::now()]);
        assert_eq!(scene.drain(), 1);
        assert_eq!(scene.only_job(), ("done".into(), 2, Some("delivered".into())));
    });
}

#[test]
fn a_job_that_fails_comes_back_after_a_pause() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("x");
        scene.break_jobs();
        let before = Timestamp::now();
        assert_eq!(scene.drain(), 1);
        assert_eq!(scene.only_job(), ("pending".into(), 1, None));
        let (due, error): (Timestamp, Option<String>) =
            scene.tx().one("SELECT due_at, last_error FROM outbox", &[]).unwrap();
        assert!((Duration::from_secs(10)..Duration::from_secs(13)).contains(&due.since(before)));
        assert!(error.is_some_and(|error| error.contains("does not know")));
        assert_eq!(scene.drain(), 0, "not before it is due");
    });
}

#[test]
fn a_job_that_keeps_failing_is_dead_after_its_last_attempt() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("x");
        scene.break_jobs();
        for _ in 0..4 {
            scene.execute("UPDATE outbox SET due_at = $1", &params![Timestamp::now()]);
            assert_eq!(scene.drain(), 1);
        }
        assert_eq!(scene.only_job(), ("dead".into(), 4, None));
        scene.execute("UPDATE outbox SET due_at = $1", &params![Timestamp::now()]);
        assert_eq!(scene.drain(), 0);
    });
}

#[test]
fn a_job_that_fails_does_not_take_the_others_with_it() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("first");
        scene.break_jobs();
        scene.receive("second");
        assert_eq!(scene.drain(), 2);
        assert_eq!(scene.jobs(), [("pending".into(), 1, None), done("delivered")]);
        assert_eq!(scene.inbox_of(scene.lead).len(), 1);
    });
}

#[test]
fn an_effect_without_its_end_never_happened() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("x");
        // Another worker takes the job over while this one sends: the message must not stay.
        let statements: &[&str] = match scene.connection.engine() {
            Engine::Sqlite => &["CREATE TRIGGER take_over AFTER INSERT ON agent_inbox
                 BEGIN UPDATE outbox SET lease_owner = 'other'; END"],
            Engine::Postgres => &[
                "CREATE FUNCTION take_over() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN UPDATE outbox SET lease_owner = 'other'; RETURN NEW; END $$",
                "CREATE TRIGGER take_over AFTER INSERT ON agent_inbox EXECUTE FUNCTION take_over()",
            ],
        };
        statements.iter().for_each(|sql| scene.execute(sql, &[]));
        assert_eq!(scene.drain(), 1);
        assert_eq!(scene.inbox_of(scene.lead).len(), 0);
        let (status, attempts, outcome) = scene.only_job();
        assert_eq!((status.as_str(), attempts, outcome), ("pending", 1, None));
    });
}

#[test]
fn a_job_whose_workers_keep_dying_is_given_up() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        scene.receive("x");
        let now = Timestamp::now();
        scene.execute(
            "UPDATE outbox SET attempts = max_attempts, leased_until = $1, lease_owner = 'dead'",
            &params![now],
        );
        assert_eq!(scene.tick(), 0);
        assert_eq!(scene.only_job(), ("dead".into(), 4, None));
    });
}

#[test]
fn a_tick_runs_more_than_one_batch() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for number in 0..=2 * BATCH {
            scene.receive(&number.to_string());
        }
        assert_eq!(scene.tick(), 2 * BATCH + 1);
        assert_eq!(scene.tick(), 0);
    });
}

#[test]
fn a_tick_forgets_what_was_done_long_ago_and_nothing_else() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for body in ["old", "new", "dead"] {
            scene.receive(body);
        }
        scene.tick();
        let ids: Vec<Uuid> = scene.tx().all("SELECT id FROM outbox ORDER BY id", &[]).unwrap();
        let old = Timestamp::now().minus(DAY).minus(Duration::from_secs(1));
        scene.execute("UPDATE outbox SET due_at = $1, updated_at = $1 WHERE id <> $2", &params![old, ids[1]]);
        scene.execute("UPDATE outbox SET status = 'dead' WHERE id = $1", &params![ids[2]]);
        scene.tick();
        let left: Vec<Uuid> = scene.tx().all("SELECT id FROM outbox ORDER BY id", &[]).unwrap();
        assert_eq!(left, ids[1..]);
    });
}

#[test]
fn a_tick_forgets_messages_that_were_acknowledged_long_ago_and_nothing_else() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for body in ["old", "new", "unread"] {
            scene.receive(body);
        }
        scene.tick();
        let lead = scene.lead;
        let sql = "SELECT id FROM agent_inbox ORDER BY created_at, id";
        let ids: Vec<Uuid> = scene.tx().all(sql, &[]).unwrap();
        for id in &ids[..2] {
            assert!(inbox::acknowledge(&mut scene.tx(), lead, *id).unwrap());
        }
        let old = Timestamp::now().minus(30 * DAY).minus(Duration::from_secs(1));
        scene.execute("UPDATE agent_inbox SET acknowledged_at = $1 WHERE id = $2", &params![old, ids[0]]);
        scene.tick();
        let left: Vec<Uuid> = scene.tx().all(sql, &[]).unwrap();
        assert_eq!(left, ids[1..]);
    });
}

#[test]
fn an_event_is_taken_in_wholly_or_not_at_all() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let payload = Payload::received(&scene.webhook, &HeaderMap::new(), b"x", "192.0.2.1");
        // The organization is unknown, so the job, which is written last, is refused.
        let outcome: Result<(), DbError> = transaction(&mut *scene.connection, |tx| {
            ingest::take_in(tx, &scene.settings, Uuid::new_v4(), &scene.webhook, &payload)
        });
        assert!(outcome.is_err());
        for table in ["board_webhook_payloads", "board_memory", "outbox"] {
            assert_eq!(scene.count(table), 0, "{table}");
        }
    });
}

#[test]
fn json_is_stored_and_read_as_it_was() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let body = "{\"b\": 123456789012345678901234567890, \"a\": [1.5, -7, true, null, \"ü\\u0000\"]}";
        let payload = scene.receive(body);
        let webhook = scene.webhook.clone();
        let stored = store::find_payload(&mut scene.tx(), webhook.board_id, webhook.id, payload.id).unwrap().unwrap();
        assert_eq!(stored.payload, payload.payload);
        assert_eq!(stored.payload.as_ref().map(ToString::to_string), payload.payload.map(|value| value.to_string()));
        assert_eq!(stored.payload.unwrap()["b"].to_string(), "123456789012345678901234567890");
    });
}

#[test]
fn a_page_carries_only_so_much_of_its_payloads() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let big = format!("[{}1]", "1,".repeat(524_000));
        for _ in 0..6 {
            scene.receive(&big);
        }
        scene.receive("true");
        let (webhook_id, paging) = (scene.webhook.id, Paging::new(7, 0));
        let page = store::page_of_payloads(&mut scene.tx(), webhook_id, &paging).unwrap();
        let payloads: Vec<_> = page.items.into_iter().map(|item| item.payload.unwrap()).collect();
        assert_eq!((page.total, payloads.len()), (7, 7));
        assert!(
            payloads[0] == true && payloads[1..5].iter().all(|payload| payload.as_array().unwrap().len() == 524_001)
        );
        for cut in &payloads[5..] {
            let text = cut.as_str().unwrap();
            assert!(text.starts_with("[1,1,") && text.ends_with("..."), "{text:.20}");
            assert!(text.len() < 10_000);
        }
    });
}
