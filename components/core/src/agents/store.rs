//! SQL of agents.

use serde_json::Value;
use uuid::Uuid;

use super::{Agent, Contact};
use crate::messaging::inbox;
use crate::organizations::store::readable_by_member;
use mission_control_platform::db::{
    self, DbError, FromRow, List, Page, Paging, Position, Row, Tx, columns_as, placeholders,
};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;

/// Ids that one statement takes at the most: engines bound the number of parameters.
const BATCH: usize = 500;

/// `SELECT … FROM agents a JOIN gateways g …`, ready for a WHERE clause over `a` and `g`.
pub(crate) fn select() -> String {
    select_with("")
}

/// The same with more columns behind those of the agent.
pub(super) fn select_with(more: &str) -> String {
    format!("SELECT {}{more} FROM agents a JOIN gateways g ON g.id = a.gateway_id", columns())
}

/// The columns of [`Agent`] over `a` and `g`.
fn columns() -> String {
    let own = Agent::COLUMNS.split_last().map_or(Agent::COLUMNS, |(_, own)| own);
    format!("{}, g.url", columns_as("a", own))
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

/// The agents of a board, newest first.
///
/// # Errors
/// A database failure.
pub fn on_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<Agent>, DbError> {
    tx.all(&format!("{} WHERE a.board_id = $1 ORDER BY a.created_at DESC, a.id DESC", select()), &params![board_id])
}

/// `SELECT …` of contacts, ready for a WHERE clause over `a`.
fn select_contacts() -> String {
    let own = Contact::COLUMNS.split_last().map_or(Contact::COLUMNS, |(_, own)| own);
    format!("SELECT {}, g.url FROM agents a JOIN gateways g ON g.id = a.gateway_id", columns_as("a", own))
}

/// How to reach the agents of a board, oldest first.
///
/// # Errors
/// A database failure.
pub fn contacts_on_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<Contact>, DbError> {
    tx.all(&format!("{} WHERE a.board_id = $1 ORDER BY a.created_at, a.id", select_contacts()), &params![board_id])
}

/// How to reach the agents of the boards of a group, oldest first.
///
/// # Errors
/// A database failure.
pub fn contacts_in_group(tx: &mut Tx<'_>, group_id: Uuid) -> Result<Vec<Contact>, DbError> {
    let of_group = "a.board_id IN (SELECT id FROM boards WHERE board_group_id = $1)";
    tx.all(&format!("{} WHERE {of_group} ORDER BY a.created_at, a.id", select_contacts()), &params![group_id])
}

/// The heartbeat configurations of the agents of the boards of a group, with or without the leads: of each agent its id, the
/// address of its gateway and what is stored.
///
/// # Errors
/// A database failure.
pub fn heartbeats_in_group(
    tx: &mut Tx<'_>,
    group_id: Uuid,
    with_leads: bool,
) -> Result<Vec<(Uuid, String, Option<Value>)>, DbError> {
    let workers = if with_leads { "" } else { " AND NOT a.is_board_lead" };
    let sql = format!(
        "SELECT a.id, g.url, a.heartbeat_config FROM agents a JOIN gateways g ON g.id = a.gateway_id
         WHERE a.board_id IN (SELECT id FROM boards WHERE board_group_id = $1){workers} ORDER BY a.created_at, a.id"
    );
    tx.all(&sql, &params![group_id])
}

/// Gives these agents one heartbeat configuration.
///
/// # Errors
/// A database failure.
pub fn save_heartbeat_config(tx: &mut Tx<'_>, ids: &[Uuid], config: &Value, now: Timestamp) -> Result<(), DbError> {
    for ids in ids.chunks(BATCH) {
        let sql = format!(
            "UPDATE agents SET heartbeat_config = $1, updated_at = $2 WHERE id IN ({})",
            placeholders(3, ids.len())
        );
        let mut parameters = params![config, now].to_vec();
        parameters.extend(ids.iter().map(|id| db::Value::from(*id)));
        tx.execute(&sql, &parameters)?;
    }
    Ok(())
}

/// How to reach the lead of a board, if it has one.
///
/// # Errors
/// A database failure.
pub fn contact_of_lead(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Option<Contact>, DbError> {
    tx.first(&format!("{} WHERE a.board_id = $1 AND a.is_board_lead", select_contacts()), &params![board_id])
}

/// How to reach the main agent of a gateway, if it has one.
///
/// # Errors
/// A database failure.
pub fn main_of_gateway(tx: &mut Tx<'_>, gateway_id: Uuid) -> Result<Option<Contact>, DbError> {
    tx.first(&format!("{} WHERE a.gateway_id = $1 AND a.board_id IS NULL", select_contacts()), &params![gateway_id])
}

/// How to reach the agents of a gateway, oldest first, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn contacts_on_gateway(tx: &mut Tx<'_>, gateway_id: Uuid, limit: i64) -> Result<Vec<Contact>, DbError> {
    let sql = format!("{} WHERE a.gateway_id = $1 ORDER BY a.created_at, a.id LIMIT $2", select_contacts());
    tx.all(&sql, &params![gateway_id, limit])
}

/// How to reach the agent of a gateway that has this session.
///
/// # Errors
/// A database failure.
pub fn contact_of_session(tx: &mut Tx<'_>, gateway_id: Uuid, key: &str) -> Result<Option<Contact>, DbError> {
    let sql = format!("{} WHERE a.gateway_id = $1 AND a.openclaw_session_id = $2 LIMIT 1", select_contacts());
    tx.first(&sql, &params![gateway_id, key])
}

/// Overwrites the soul of an agent.
///
/// # Errors
/// A database failure.
pub fn save_soul(tx: &mut Tx<'_>, id: Uuid, soul: &str) -> Result<(), DbError> {
    tx.execute(
        "UPDATE agents SET soul_template = $1, updated_at = $2 WHERE id = $3",
        &params![soul, Timestamp::now(), id],
    )
}

/// Overwrites everything of an agent that people can change.
///
/// # Errors
/// A database failure; `Unique` when the post is taken.
pub fn save(tx: &mut Tx<'_>, agent: &Agent) -> Result<(), DbError> {
    tx.execute(
        "UPDATE agents SET board_id = $1, gateway_id = $2, name = $3, openclaw_session_id = $4, heartbeat_config = $5,
         identity_profile = $6, identity_template = $7, soul_template = $8, is_board_lead = $9, updated_at = $10
         WHERE id = $11",
        &params![
            agent.board_id,
            agent.gateway_id,
            &agent.name,
            &agent.openclaw_session_id,
            &agent.heartbeat_config,
            &agent.identity_profile,
            &agent.identity_template,
            &agent.soul_template,
            agent.is_board_lead,
            agent.updated_at,
            agent.id
        ],
    )
}

/// Deletes an agent. What it did stays, without naming it.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM agents WHERE id = $1", &params![id])
}

/// How many agents of boards a gateway has.
///
/// # Errors
/// A database failure.
pub fn count_of_boards(tx: &mut Tx<'_>, gateway_id: Uuid) -> Result<i64, DbError> {
    tx.one("SELECT count(*) FROM agents WHERE gateway_id = $1 AND board_id IS NOT NULL", &params![gateway_id])
}

/// The addresses of the gateways on which agents of a board run.
///
/// # Errors
/// A database failure.
pub fn gateway_urls_of_board(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Vec<String>, DbError> {
    let sql = "SELECT url FROM gateways WHERE id IN (SELECT gateway_id FROM agents WHERE board_id = $1)";
    tx.all(sql, &params![board_id])
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
          identity_template, soul_template, is_board_lead, created_at, updated_at, last_wake_sent_at, organization_id,
          lifecycle_generation, wake_attempts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, 1)",
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
            agent.created_at,
            agent.organization_id
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
    name_taken_by_other(tx, board_id, gateway_id, name, Uuid::nil())
}

/// As [`name_taken`], by any agent but this one.
///
/// # Errors
/// A database failure.
pub fn name_taken_by_other(
    tx: &mut Tx<'_>,
    board_id: Uuid,
    gateway_id: Uuid,
    name: &str,
    except: Uuid,
) -> Result<Option<NameTaken>, DbError> {
    // An agent of the board may run on another gateway than the board's.
    let holders: Vec<Uuid> = tx.all(
        "SELECT board_id FROM agents WHERE board_id = $1 AND lower(name) = lower($2) AND id <> $3
         UNION SELECT board_id FROM agents
         WHERE gateway_id = $4 AND board_id IS NOT NULL AND lower(name) = lower($2) AND id <> $3",
        &params![board_id, name, except, gateway_id],
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
    let mut sql = format!("{} WHERE a.organization_id = $1 AND a.name = $2", select());
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

impl Filter {
    /// The condition over `a`, and its parameters.
    fn condition(self, organization_id: Uuid) -> (String, Vec<db::Value>) {
        let mut condition = "a.organization_id = $1".to_owned();
        let mut params = params![organization_id].to_vec();
        if let Some(board_id) = self.board_id {
            params.push(board_id.into());
            condition.push_str(&format!(" AND a.board_id = ${}", params.len()));
        }
        if let Some(gateway_id) = self.gateway_id {
            params.push(gateway_id.into());
            condition.push_str(&format!(" AND a.gateway_id = ${}", params.len()));
        }
        if let Some(member_id) = self.readable_by_member {
            params.push(member_id.into());
            let readable = readable_by_member(params.len());
            condition.push_str(&format!(" AND (a.board_id IS NULL OR a.board_id IN ({readable}))"));
        }
        (condition, params)
    }
}

/// The organization's agents that pass the filter, newest first.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, organization_id: Uuid, filter: Filter, paging: &Paging) -> Result<Page<Agent>, DbError> {
    let (condition, params) = filter.condition(organization_id);
    let list = List {
        columns: columns(),
        from: "agents a JOIN gateways g ON g.id = a.gateway_id",
        total: format!("SELECT count(*) FROM agents a WHERE {condition}"),
        conditions: vec![condition],
        order: "a.created_at DESC, a.id DESC",
        params,
    };
    list.page(tx, paging)
}

/// The organization's agents that pass the filter and were changed or seen behind a position, in that order, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn changed_after(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    filter: Filter,
    position: Position,
    limit: i64,
) -> Result<Vec<Agent>, DbError> {
    let (condition, mut params) = filter.condition(organization_id);
    let first = params.len() + 1;
    params.extend(params![position.at, position.id, limit]);
    let sql = format!(
        "{} WHERE {condition} AND (a.updated_at, a.id) > (${first}, ${}) ORDER BY a.updated_at, a.id LIMIT ${}",
        select(),
        first + 1,
        first + 2
    );
    tx.all(&sql, &params)
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

/// What became of a heartbeat.
#[derive(Clone, Debug)]
pub struct Noted {
    /// The new stored status.
    pub status: String,
    /// Whether the activity log is to show it.
    pub is_news: bool,
    /// How many messages wait in the agent's inbox.
    pub pending_messages: i64,
}

impl FromRow for Noted {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { status: row.next()?, is_news: row.next()?, pending_messages: row.next()? })
    }
}

/// Notes a heartbeat; nothing if the agent is gone. An agent being deleted stays so. A heartbeat is news when it changes the
/// status, or the last one that was news came at `log_again` or before.
///
/// # Errors
/// A database failure.
pub fn save_heartbeat(
    tx: &mut Tx<'_>,
    id: Uuid,
    status: &str,
    now: Timestamp,
    log_again: Timestamp,
) -> Result<Option<Noted>, DbError> {
    let sql = format!(
        "UPDATE agents SET status = CASE WHEN status = 'deleting' THEN status ELSE $1 END, last_seen_at = $2,
         heartbeat_logged_at = CASE
             WHEN status IN ($1, 'deleting') AND heartbeat_logged_at > $3 THEN heartbeat_logged_at ELSE $2
         END,
         updated_at = $2, wake_attempts = 0, checkin_deadline_at = NULL, last_provision_error = NULL
         WHERE id = $4 RETURNING status, heartbeat_logged_at = $2, ({})",
        inbox::COUNT_PENDING_OF_AGENT
    );
    tx.first(&sql, &params![status, now, log_again, id])
}
