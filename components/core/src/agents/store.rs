//! SQL of agents.

use uuid::Uuid;

use super::Agent;
use crate::messaging::inbox;
use crate::organizations::store::readable_by_member;
use mission_control_platform::db::{DbError, Page, Paging, Tx, Value, columns_as, placeholders};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// `SELECT … FROM agents a JOIN gateways g …`, ready for a WHERE clause over `a` and `g`.
pub(crate) fn select() -> String {
    select_with("")
}

/// The same with more columns behind those of the agent.
pub(super) fn select_with(more: &str) -> String {
    let own = Agent::COLUMNS.split_last_chunk::<2>().map_or(Agent::COLUMNS, |(own, _)| own);
    format!(
        "SELECT {}, g.organization_id, g.url{more} FROM agents a JOIN gateways g ON g.id = a.gateway_id",
        columns_as("a", own)
    )
}

/// The agent, if it exists.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Agent>, DbError> {
    tx.first(&format!("{} WHERE a.id = $1", select()), &params![id])
}

/// The lead of a board, if it has one.
///
/// # Errors
/// A database failure.
pub fn lead_of(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Option<Agent>, DbError> {
    tx.first(&format!("{} WHERE a.board_id = $1 AND a.is_board_lead", select()), &params![board_id])
}

/// All agents of a board, oldest first.
///
/// # Errors
/// A database failure.
pub fn on_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<Agent>, DbError> {
    tx.all(&format!("{} WHERE a.board_id = $1 ORDER BY a.created_at, a.id", select()), &params![board_id])
}

/// All agents of these boards, oldest first.
///
/// # Errors
/// A database failure.
pub fn on_boards(tx: &mut Tx<'_>, board_ids: &[Uuid]) -> Result<Vec<Agent>, DbError> {
    if board_ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql =
        format!("{} WHERE a.board_id IN ({}) ORDER BY a.created_at, a.id", select(), placeholders(1, board_ids.len()));
    let params: Vec<Value> = board_ids.iter().map(|id| Value::from(*id)).collect();
    tx.all(&sql, &params)
}

/// Whether this gateway has a main agent.
///
/// # Errors
/// A database failure.
pub fn has_main_agent(tx: &mut Tx<'_>, gateway_id: Uuid) -> Result<bool, DbError> {
    tx.exists("SELECT 1 FROM agents WHERE gateway_id = $1 AND board_id IS NULL", &params![gateway_id])
}

/// Stores a new agent that was just woken.
///
/// # Errors
/// A database failure; `Unique` when its gateway has a main agent already, or its board a lead.
pub fn insert(tx: &mut Tx<'_>, agent: &Agent, token_lookup: &str) -> Result<(), DbError> {
    tx.execute(
        "INSERT INTO agents
         (id, board_id, gateway_id, name, status, openclaw_session_id, token_lookup, heartbeat_config, identity_profile,
          identity_template, soul_template, is_board_lead, created_at, updated_at, last_wake_sent_at,
          lifecycle_generation, wake_attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, 1)",
        &params![
            agent.id,
            agent.board_id,
            agent.gateway_id,
            &agent.name,
            &agent.status,
            &agent.openclaw_session_id,
            token_lookup,
            &agent.heartbeat_config,
            &agent.identity_profile,
            &agent.identity_template,
            &agent.soul_template,
            agent.is_board_lead,
            agent.created_at,
            agent.updated_at,
            agent.created_at
        ],
    )
}

/// Where a name is taken already, whatever the case of its letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameTaken {
    /// By an agent of the same board.
    OnBoard,
    /// By an agent of another board of the same gateway.
    OnGateway,
}

/// Whether an agent of this board, or of another board of this gateway, has this name. Main agents do not count.
///
/// # Errors
/// A database failure.
pub fn name_taken(tx: &mut Tx<'_>, board_id: Uuid, gateway_id: Uuid, name: &str) -> Result<Option<NameTaken>, DbError> {
    let holders: Vec<Uuid> = tx.all(
        "SELECT board_id FROM agents
         WHERE lower(name) = lower($1) AND board_id IS NOT NULL AND (board_id = $2 OR gateway_id = $3)",
        &params![name, board_id, gateway_id],
    )?;
    Ok(if holders.contains(&board_id) {
        Some(NameTaken::OnBoard)
    } else {
        holders.first().map(|_| NameTaken::OnGateway)
    })
}

/// How many worker agents a board has.
///
/// # Errors
/// A database failure.
pub fn count_workers(tx: &mut Tx<'_>, board_id: Uuid) -> Result<i64, DbError> {
    tx.one("SELECT count(*) FROM agents WHERE board_id = $1 AND NOT is_board_lead", &params![board_id])
}

/// The organization's oldest agent of exactly this name, on this board if one is given.
///
/// # Errors
/// A database failure.
pub fn find_named(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    name: &str,
    board_id: Option<Uuid>,
) -> Result<Option<Agent>, DbError> {
    let mut sql = format!("{} WHERE g.organization_id = $1 AND a.name = $2", select());
    let mut params = params![organization_id, name].to_vec();
    if let Some(board_id) = board_id {
        sql.push_str(" AND a.board_id = $3");
        params.push(board_id.into());
    }
    sql.push_str(" ORDER BY a.created_at, a.id LIMIT 1");
    tx.first(&sql, &params)
}

/// Which agents of an organization a list is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Only those of this board.
    pub board_id: Option<Uuid>,
    /// Only those of this gateway.
    pub gateway_id: Option<Uuid>,
    /// Only main agents and those of boards that this membership has a grant to read.
    pub readable_by_member: Option<Uuid>,
}

/// The organization's agents that pass the filter, newest first.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, organization_id: Uuid, filter: Filter, paging: &Paging) -> Result<Page<Agent>, DbError> {
    let mut condition = "g.organization_id = $1".to_owned();
    let mut params = params![organization_id].to_vec();
    if let Some(board_id) = filter.board_id {
        params.push(board_id.into());
        condition.push_str(&format!(" AND a.board_id = ${}", params.len()));
    }
    if let Some(gateway_id) = filter.gateway_id {
        params.push(gateway_id.into());
        condition.push_str(&format!(" AND a.gateway_id = ${}", params.len()));
    }
    if let Some(member_id) = filter.readable_by_member {
        params.push(member_id.into());
        let readable = readable_by_member(params.len());
        condition.push_str(&format!(" AND (a.board_id IS NULL OR a.board_id IN ({readable}))"));
    }
    let total = format!("SELECT count(*) FROM agents a JOIN gateways g ON g.id = a.gateway_id WHERE {condition}");
    let sql = format!(
        "{} WHERE {condition} ORDER BY a.created_at DESC, a.id LIMIT ${} OFFSET ${}",
        select_with(&format!(", ({total})")),
        params.len() + 1,
        params.len() + 2
    );
    let rows = tx.all(&sql, &[params.as_slice(), &params![paging.limit(), paging.offset()]].concat())?;
    paging.counted(rows, || tx.one(&total, &params))
}

/// Corrects what an agent is called and where it serves.
///
/// # Errors
/// A database failure.
pub fn save_post(tx: &mut Tx<'_>, agent: &Agent) -> Result<(), DbError> {
    tx.execute(
        "UPDATE agents SET name = $1, gateway_id = $2, openclaw_session_id = $3, updated_at = $4 WHERE id = $5",
        &params![&agent.name, agent.gateway_id, &agent.openclaw_session_id, agent.updated_at, agent.id],
    )
}

/// Notes a heartbeat. Gives the new stored status and how many messages wait in the agent's inbox, or nothing if the
/// agent is gone. An agent being deleted stays so.
///
/// # Errors
/// A database failure.
pub fn save_heartbeat(
    tx: &mut Tx<'_>,
    id: Uuid,
    status: &str,
    now: Timestamp,
) -> Result<Option<(String, i64)>, DbError> {
    let sql = format!(
        "UPDATE agents SET status = CASE WHEN status = 'deleting' THEN status ELSE $1 END, last_seen_at = $2,
         updated_at = $2, wake_attempts = 0, checkin_deadline_at = NULL, last_provision_error = NULL
         WHERE id = $3 RETURNING status, ({})",
        inbox::COUNT_PENDING_OF_AGENT
    );
    tx.first(&sql, &params![status, now, id])
}
