//! A database of the size that is measured, written directly.

use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit, Mac};
use mission_control_platform::db::native::Sqlite;
use mission_control_platform::db::{DbError, Tx, migrate, transaction};
use mission_control_platform::time::Timestamp;
use mission_control_platform::{params, tokens};
use sha2::Sha256;
use uuid::Uuid;

use crate::application::seed_token;
use crate::load::Request;

/// How much there is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Agents, spread over the boards.
    pub agents: usize,
    /// Boards of one organization.
    pub boards: usize,
    /// Tasks, spread over the boards.
    pub tasks: usize,
}

/// A seeded state folder, and what the requests need to know of it.
#[derive(Debug)]
pub struct Seeded {
    /// The state folder.
    pub state_dir: PathBuf,
    board: Uuid,
    webhook: Uuid,
    agent_token: String,
}

const SECRET: &str = "benchmark-webhook-secret";
const PAYLOAD: &str =
    r#"{"event":"push","repository":"mission","commits":[{"id":"1","message":"first"},{"id":"2","message":"second"}]}"#;

impl Seeded {
    /// An agent checks in.
    pub fn heartbeat(&self, base: &str) -> Request {
        Request::post("POST agent heartbeat", format!("{base}/api/v1/agent/heartbeat"), None)
            .header("X-Agent-Token", self.agent_token.clone())
    }

    /// A person lists 50 of a board's 200 tasks.
    pub fn task_list(&self, base: &str) -> Request {
        Request::get("GET tasks, 50 of 200", format!("{base}/api/v1/boards/{}/tasks?limit=50", self.board))
            .header("Authorization", format!("Bearer {}", seed_token()))
    }

    /// A person makes a task.
    pub fn task_create(&self, base: &str) -> Request {
        let body = r#"{"title":"Measure","description":"How fast is it?"}"#.to_owned();
        Request::post("POST task", format!("{base}/api/v1/boards/{}/tasks", self.board), Some(body))
            .header("Authorization", format!("Bearer {}", seed_token()))
    }

    /// An outside system posts a signed event.
    pub fn webhook(&self, base: &str) -> Request {
        let url = format!("{base}/api/v1/boards/{}/webhooks/{}", self.board, self.webhook);
        Request::post("POST signed webhook", url, Some(PAYLOAD.to_owned()))
            .header("X-Hub-Signature-256", format!("sha256={}", signature(PAYLOAD.as_bytes())))
    }
}

/// Hex HMAC-SHA256 of a payload with the seeded webhook's secret.
pub fn signature(payload: &[u8]) -> String {
    // HMAC takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()) else { return String::new() };
    mac.update(payload);
    hex::encode(mac.finalize().into_bytes())
}

/// Writes a database of this size into a new state folder.
pub fn database(state_dir: &Path, size: Size) -> anyhow::Result<Seeded> {
    std::fs::create_dir_all(state_dir)?;
    let mut database = Sqlite::open(&state_dir.join("mission-control.db"))?;
    migrate::migrate(&mut database)?;
    let (board, webhook, agent_token) = transaction(&mut database, |tx| fill(tx, size))?;
    Ok(Seeded { state_dir: state_dir.to_path_buf(), board, webhook, agent_token })
}

/// A copy of the seeded database, as one file.
pub fn copy(seeded: &Seeded, to: &Path) -> anyhow::Result<PathBuf> {
    let from = rusqlite::Connection::open(seeded.state_dir.join("mission-control.db"))?;
    from.execute("VACUUM INTO ?1", [to.to_string_lossy()])?;
    rusqlite::Connection::open(to)?.pragma_update(None, "journal_mode", "wal")?;
    Ok(to.to_path_buf())
}

fn fill(tx: &mut Tx<'_>, size: Size) -> Result<(Uuid, Uuid, String), DbError> {
    let now = Timestamp::now();
    let (organization, user, gateway) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    tx.execute(
        "INSERT INTO organizations (id, name, created_at, updated_at) VALUES ($1, $2, $3, $4)",
        &params![organization, "Benchmark", now, now],
    )?;
    tx.execute(
        "INSERT INTO users (id, clerk_user_id, email, name, is_super_admin, active_organization_id)
         VALUES ($1, 'local-auth-user', 'admin@home.local', 'Local User', FALSE, $2)",
        &params![user, organization],
    )?;
    tx.execute(
        "INSERT INTO organization_members (id, organization_id, user_id, role, all_boards_read, all_boards_write, created_at, updated_at)
         VALUES ($1, $2, $3, 'owner', TRUE, TRUE, $4, $5)",
        &params![Uuid::new_v4(), organization, user, now, now],
    )?;
    tx.execute(
        "INSERT INTO gateways (id, organization_id, name, url, workspace_root, created_at, updated_at)
         VALUES ($1, $2, 'Mailbox', 'mailbox:', '/srv/agents', $3, $4)",
        &params![gateway, organization, now, now],
    )?;
    agent(tx, gateway, None, "Main", "main-token", now)?;

    let boards: Vec<Uuid> = (0..size.boards).map(|_| Uuid::new_v4()).collect();
    for (number, board) in boards.iter().enumerate() {
        tx.execute(
            "INSERT INTO boards (id, organization_id, name, slug, description, gateway_id, require_approval_for_done, created_at, updated_at)
             VALUES ($1, $2, $3, 'board', 'Benchmark board', $4, FALSE, $5, $6)",
            &params![*board, organization, format!("Board {number}"), gateway, now, now],
        )?;
    }
    for (number, board) in boards.iter().cycle().take(size.agents).enumerate() {
        agent(tx, gateway, Some(*board), &format!("Agent {number}"), &format!("agent-token-{number}"), now)?;
    }
    for (number, board) in boards.iter().cycle().take(size.tasks).enumerate() {
        tx.execute(
            "INSERT INTO tasks (id, board_id, title, description, status, priority, created_by_user_id, auto_created, created_at, updated_at)
             VALUES ($1, $2, $3, 'A task of the benchmark.', 'inbox', 'medium', $4, FALSE, $5, $6)",
            &params![Uuid::new_v4(), *board, format!("Task {number}"), user, now, now],
        )?;
    }
    let Some(board) = boards.first().copied() else { return Err(DbError::decode("at least one board is needed")) };
    let webhook = Uuid::new_v4();
    tx.execute(
        "INSERT INTO board_webhooks (id, board_id, description, enabled, secret, created_at, updated_at)
         VALUES ($1, $2, 'Look at the push.', TRUE, $3, $4, $5)",
        &params![webhook, board, SECRET, now, now],
    )?;
    Ok((board, webhook, "agent-token-0".to_owned()))
}

fn agent(
    tx: &mut Tx<'_>,
    gateway: Uuid,
    board: Option<Uuid>,
    name: &str,
    token: &str,
    now: Timestamp,
) -> Result<(), DbError> {
    let id = Uuid::new_v4();
    tx.execute(
        "INSERT INTO agents (id, board_id, gateway_id, name, status, openclaw_session_id, token_lookup, is_board_lead, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 'online', $5, $6, FALSE, $7, $8)",
        &params![id, board, gateway, name, format!("agent:mc-{id}:main"), tokens::lookup_hash(token), now, now],
    )
}
