//! What a tick forgets, on every engine.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says so by panicking")]

#[allow(dead_code, reason = "other tests need more of it")]
mod support;

use std::time::Duration;

use mission_control_core::activity::comments::COMMENT;
use mission_control_core::activity::store;
use mission_control_core::jobs::JOBS;
use mission_control_core::organizations::{Membership, Role};
use mission_control_platform::db::{Connection, Paging, Tx};
use mission_control_platform::params;
use mission_control_platform::queue::tick_on;
use mission_control_platform::settings::Settings;
use mission_control_platform::time::Timestamp;
use support::{Database, insert_organization, migrated};
use uuid::Uuid;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Keeps everything; tests set what they are about.
fn settings() -> Settings {
    Settings {
        activity_keep_days: 0,
        activity_keep_rows: 0,
        payload_keep_days: 0,
        payload_keep_rows: 0,
        inbox_keep_days: 0,
        inbox_keep_rows: 0,
        job_keep_days: 0,
        job_keep_rows: 0,
        ..Settings::default()
    }
}

/// An organization with a board and an agent on it, and a main agent.
struct Scene {
    connection: Box<dyn Connection>,
    organization_id: Uuid,
    board_id: Uuid,
    agent_id: Uuid,
    main_id: Uuid,
    webhook_id: Uuid,
}

impl Scene {
    fn new(database: &Database) -> Self {
        let mut connection = database.open();
        let mut tx = Tx::on(&mut *connection);
        let organization_id = insert_organization(&mut tx, "Acme").unwrap();
        let [gateway_id, board_id, agent_id, main_id, webhook_id] = std::array::from_fn(|_| Uuid::new_v4());
        let now = Timestamp::now();
        tx.execute(
            "INSERT INTO gateways (id, organization_id, name, url, workspace_root, created_at, updated_at)
             VALUES ($1, $2, 'G', 'mailbox:', '/w', $3, $3)",
            &params![gateway_id, organization_id, now],
        )
        .unwrap();
        tx.execute(
            "INSERT INTO boards (id, organization_id, name, slug, description, created_at, updated_at)
             VALUES ($1, $2, 'B', 'b', 'd', $3, $3)",
            &params![board_id, organization_id, now],
        )
        .unwrap();
        for (id, board_id) in [(agent_id, Some(board_id)), (main_id, None)] {
            tx.execute(
                "INSERT INTO agents (id, board_id, gateway_id, name, created_at, updated_at) VALUES ($1, $2, $3, 'A', $4, $4)",
                &params![id, board_id, gateway_id, now],
            )
            .unwrap();
        }
        tx.execute(
            "INSERT INTO board_webhooks (id, board_id, description, created_at, updated_at) VALUES ($1, $2, 'd', $3, $3)",
            &params![webhook_id, board_id, now],
        )
        .unwrap();
        Self { connection, organization_id, board_id, agent_id, main_id, webhook_id }
    }

    fn tx(&mut self) -> Tx<'_> {
        Tx::on(&mut *self.connection)
    }

    /// An event of the agent so many days ago.
    fn event(&mut self, event_type: &str, days: u32) {
        let (agent_id, board_id) = (self.agent_id, Some(self.board_id));
        self.event_of(event_type, days, agent_id, board_id);
    }

    fn event_of(&mut self, event_type: &str, days: u32, agent_id: Uuid, board_id: Option<Uuid>) {
        self.tx()
            .execute(
                "INSERT INTO activity_events (id, event_type, message, agent_id, board_id, created_at) VALUES ($1, $2, $2, $3, $4, $5)",
                &params![Uuid::new_v4(), event_type, agent_id, board_id, Timestamp::now().minus(days * DAY)],
            )
            .unwrap();
    }

    fn ticks(&mut self, times: usize, settings: &Settings) {
        for _ in 0..times {
            tick_on(&mut *self.connection, settings, &JOBS).unwrap();
        }
    }

    /// The types of all events that are left, oldest first.
    fn left(&mut self) -> Vec<String> {
        self.tx().all("SELECT event_type FROM activity_events ORDER BY created_at", &[]).unwrap()
    }

    fn member(&self) -> Membership {
        let (id, now) = (Uuid::new_v4(), Timestamp::now());
        Membership {
            id,
            organization_id: self.organization_id,
            user_id: id,
            role: Role::Owner,
            all_boards_read: true,
            all_boards_write: true,
            created_at: now,
            updated_at: now,
        }
    }

    fn count(&mut self, table: &str) -> i64 {
        self.tx().one(&format!("SELECT count(*) FROM {table}"), &[]).unwrap()
    }
}

#[test]
fn old_events_are_forgotten_but_comments_are_not() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for (event_type, days) in [("old", 9), (COMMENT, 8), ("older than that", 7), (COMMENT, 6), ("new", 3)] {
            scene.event(event_type, days);
        }
        let (main_id, settings) = (scene.main_id, Settings { activity_keep_days: 5, ..settings() });
        scene.event_of("main, old", 10, main_id, None);
        scene.event_of("main, new", 1, main_id, None);
        scene.ticks(2, &settings);
        assert_eq!(scene.left(), [COMMENT, COMMENT, "new", "main, new"]);
        // What comes to be old later is found behind the comments.
        let late = Settings { activity_keep_days: 2, ..settings };
        scene.ticks(2, &late);
        assert_eq!(scene.left(), [COMMENT, COMMENT, "main, new"]);
    });
}

#[test]
fn an_organization_keeps_its_newest_events() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for days in (1..=30).rev() {
            scene.event(if days % 10 == 0 { COMMENT } else { "event" }, days);
        }
        scene.ticks(3, &Settings { activity_keep_rows: 12, ..settings() });
        let left = scene.left();
        assert_eq!(left.len(), 12);
        assert_eq!(left.iter().filter(|event_type| *event_type == COMMENT).count(), 3);
    });
}

#[test]
fn more_than_one_batch_goes_with_more_than_one_tick() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (board_id, agent_id) = (scene.board_id, scene.agent_id);
        let events: Vec<_> = (0..1_200)
            .map(|_| mission_control_core::activity::NewEvent {
                event_type: "event",
                agent_id: Some(agent_id),
                board_id: Some(board_id),
                ..Default::default()
            })
            .collect();
        store::record_all(&mut scene.tx(), &events).unwrap();
        let old = Timestamp::now().minus(2 * DAY);
        // All of one moment.
        scene.tx().execute("UPDATE activity_events SET created_at = $1", &params![old]).unwrap();
        let settings = Settings { activity_keep_days: 1, ..settings() };
        scene.ticks(1, &settings);
        assert_eq!(scene.count("activity_events"), 700);
        scene.ticks(3, &settings);
        assert_eq!(scene.count("activity_events"), 0);
    });
}

#[test]
fn totals_are_right_whatever_comes_and_goes() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        for days in 1..=10 {
            scene.event("event", days);
        }
        let (member, agent_id) = (scene.member(), scene.agent_id);
        let totals = |scene: &mut Scene| {
            let page = Paging::new(3, 0);
            let of_member = store::of_member(&mut scene.tx(), &member, &page).unwrap();
            let of_agent = store::of_agent(&mut scene.tx(), agent_id, &page).unwrap();
            assert_eq!((of_member.items.len(), of_agent.items.len()), (3, 3));
            (of_member.total, of_agent.total)
        };
        assert_eq!(totals(&mut scene), (10, 10));
        scene.ticks(1, &Settings { activity_keep_days: 6, ..settings() });
        assert_eq!(totals(&mut scene), (5, 5));
        let id: Uuid = scene.tx().one("SELECT id FROM activity_events ORDER BY created_at LIMIT 1", &[]).unwrap();
        scene.tx().execute("DELETE FROM activity_events WHERE id = $1", &params![id]).unwrap();
        assert_eq!(totals(&mut scene), (4, 4));
        scene.tx().execute("DELETE FROM boards", &[]).unwrap();
        assert_eq!(scene.count("list_counts"), 0);
    });
}

#[test]
fn a_webhook_keeps_its_newest_payloads_and_none_that_are_old() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let (webhook_id, board_id) = (scene.webhook_id, scene.board_id);
        for days in 1..=9 {
            scene
                .tx()
                .execute(
                    "INSERT INTO board_webhook_payloads (id, board_id, webhook_id, payload, received_at) VALUES ($1, $2, $3, 'x', $4)",
                    &params![Uuid::new_v4(), board_id, webhook_id, Timestamp::now().minus(days * DAY)],
                )
                .unwrap();
        }
        scene.ticks(1, &Settings { payload_keep_days: 8, ..settings() });
        assert_eq!(scene.count("board_webhook_payloads"), 7);
        scene.ticks(1, &Settings { payload_keep_rows: 3, ..settings() });
        assert_eq!(scene.count("board_webhook_payloads"), 3);
        let oldest: Timestamp =
            scene.tx().one("SELECT received_at FROM board_webhook_payloads ORDER BY received_at LIMIT 1", &[]).unwrap();
        assert!(Timestamp::now().since(oldest) < 4 * DAY, "the newest are kept");
        scene.ticks(1, &settings());
        assert_eq!(scene.count("board_webhook_payloads"), 3);
    });
}

#[test]
fn acknowledged_messages_and_finished_jobs_are_bounded_in_number() {
    migrated(|database| {
        let mut scene = Scene::new(database);
        let agent_id = scene.agent_id;
        for number in 0..6 {
            let (at, acknowledged) = (Timestamp::now(), (number < 4).then(Timestamp::now));
            scene
                .tx()
                .execute(
                    "INSERT INTO agent_inbox (id, agent_id, sender, message, created_at, acknowledged_at) VALUES ($1, $2, 's', 'm', $3, $4)",
                    &params![Uuid::new_v4(), agent_id, at, acknowledged],
                )
                .unwrap();
            let status = ["done", "dead"][number % 2];
            scene
                .tx()
                .execute(
                    "INSERT INTO outbox (id, kind, payload, max_attempts, due_at, status, created_at, updated_at)
                     VALUES ($1, 'k', $2, 1, $3, $4, $3, $3)",
                    &params![Uuid::new_v4(), serde_json::json!({}), at, status],
                )
                .unwrap();
        }
        scene.ticks(1, &settings());
        assert_eq!((scene.count("agent_inbox"), scene.count("outbox")), (6, 6));
        scene.ticks(1, &Settings { inbox_keep_rows: 1, job_keep_rows: 2, ..settings() });
        assert_eq!((scene.count("agent_inbox"), scene.count("outbox")), (3, 4));
    });
}
