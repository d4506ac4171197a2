//! SQL of boards.

use uuid::Uuid;

use super::wire::BoardFilter;
use super::{Board, BoardRights};
use crate::organizations::Membership;
use crate::organizations::store::readable_by_member;
use mission_control_platform::db::{DbError, FromRow, List, Page, Paging, Row, Tx, Value, columns_as, placeholders};
use mission_control_platform::params;

/// The board, if it exists.
///
/// # Errors
/// A database failure.
pub fn find(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Board>, DbError> {
    let sql = format!("SELECT {} FROM boards WHERE id = $1", Board::COLUMNS.join(", "));
    tx.first(&sql, &params![id])
}

/// The board, if it exists, locked until the end of the transaction.
///
/// # Errors
/// A database failure.
pub fn lock(tx: &mut Tx<'_>, id: Uuid) -> Result<Option<Board>, DbError> {
    let sql = format!("SELECT {} FROM boards WHERE id = $1{}", Board::COLUMNS.join(", "), tx.for_update());
    tx.first(&sql, &params![id])
}

/// Locks a board until the end of the transaction, so that its tasks stay as they are: whatever changes one holds [`lock`].
/// Others may do the same at once.
///
/// # Errors
/// A database failure.
pub fn lock_shared(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    let sql = format!("SELECT 1 FROM boards WHERE id = $1{}", tx.for_share());
    tx.execute(&sql, &params![id])
}

/// Locks those of these boards that are the organization's until the end of the transaction, and gives their ids. No id
/// stands twice in `ids`.
///
/// # Errors
/// A database failure.
pub fn lock_in(tx: &mut Tx<'_>, organization_id: Uuid, ids: &[Uuid]) -> Result<Vec<Uuid>, DbError> {
    let sql = format!(
        "SELECT id FROM boards WHERE organization_id = $1 AND id IN ({}) ORDER BY id{}",
        placeholders(2, ids.len()),
        tx.for_update()
    );
    let mut parameters = vec![Value::from(organization_id)];
    parameters.extend(ids.iter().map(|id| Value::from(*id)));
    tx.all(&sql, &parameters)
}

/// The boards of an organization, or only this one of them, newest first.
///
/// # Errors
/// A database failure.
pub fn of_organization(
    tx: &mut Tx<'_>,
    organization_id: Uuid,
    only: Option<Uuid>,
    paging: &Paging,
) -> Result<Page<Board>, DbError> {
    let mut wanted = "b.organization_id = $1".to_owned();
    let mut params = params![organization_id].to_vec();
    if let Some(id) = only {
        params.push(id.into());
        wanted.push_str(" AND b.id = $2");
    }
    list(wanted, "created_at DESC, id DESC", params).page(tx, paging)
}

/// The boards of the member's organization that they may read, by name.
///
/// # Errors
/// A database failure.
pub fn visible(
    tx: &mut Tx<'_>,
    member: &Membership,
    filter: &BoardFilter,
    paging: &Paging,
) -> Result<Page<Board>, DbError> {
    let mut wanted = "b.organization_id = $1".to_owned();
    let mut params = params![member.organization_id].to_vec();
    if !member.reads_all_boards() {
        params.push(member.id.into());
        wanted.push_str(&format!(" AND b.id IN ({})", readable_by_member(params.len())));
    }
    for (column, id) in [("gateway_id", filter.gateway_id), ("board_group_id", filter.board_group_id)] {
        if let Some(id) = id {
            params.push(id.into());
            wanted.push_str(&format!(" AND b.{column} = ${}", params.len()));
        }
    }
    list(wanted, "lower(b.name), b.created_at DESC, b.id", params).page(tx, paging)
}

fn list(condition: String, order: &str, params: Vec<Value>) -> List<'_> {
    List {
        columns: columns_as("b", Board::COLUMNS),
        from: "boards b",
        total: format!("SELECT count(*) FROM boards b WHERE {condition}"),
        conditions: vec![condition],
        order,
        params,
    }
}

/// The boards of a group, by name: identifier and name.
///
/// # Errors
/// A database failure.
pub fn names_in_group(tx: &mut Tx<'_>, group_id: Uuid) -> Result<Vec<(Uuid, String)>, DbError> {
    tx.all("SELECT id, name FROM boards WHERE board_group_id = $1 ORDER BY lower(name), id", &params![group_id])
}

/// Whether a group has boards, and whether this member has a grant to read or to change one of them.
#[derive(Clone, Copy, Debug)]
pub struct GroupGrants {
    /// The group has boards.
    pub has_boards: bool,
    /// The rights that a grant on any of them gives.
    pub rights: BoardRights,
}

impl FromRow for GroupGrants {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self { has_boards: row.next()?, rights: BoardRights { read: row.next()?, write: row.next()? } })
    }
}

/// What a member's grants are worth in a group of their organization.
///
/// # Errors
/// A database failure.
pub fn grants_in_group(tx: &mut Tx<'_>, member: &Membership, group_id: Uuid) -> Result<GroupGrants, DbError> {
    let granted = |right: &str| {
        format!(
            "EXISTS (SELECT 1 FROM organization_board_access a JOIN boards b ON b.id = a.board_id
             WHERE a.organization_member_id = $2 AND b.board_group_id = $1 AND {right})"
        )
    };
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM boards WHERE board_group_id = $1), {}, {}",
        granted("(a.can_read OR a.can_write)"),
        granted("a.can_write")
    );
    tx.one(&sql, &params![group_id, member.id])
}

/// The boards of a group by name: all, or those that this member may read.
///
/// # Errors
/// A database failure.
pub fn in_group(tx: &mut Tx<'_>, group_id: Uuid, reader: Option<&Membership>) -> Result<Vec<Board>, DbError> {
    let mut wanted = "board_group_id = $1".to_owned();
    let mut params = params![group_id].to_vec();
    if let Some(member) = reader.filter(|member| !member.reads_all_boards()) {
        params.push(member.id.into());
        wanted.push_str(&format!(" AND id IN ({})", readable_by_member(params.len())));
    }
    let sql = format!("SELECT {} FROM boards WHERE {wanted} ORDER BY lower(name), id", Board::COLUMNS.join(", "));
    tx.all(&sql, &params)
}

/// The boards of a gateway, newest first.
///
/// # Errors
/// A database failure.
pub fn of_gateway(tx: &mut Tx<'_>, gateway_id: Uuid) -> Result<Vec<Board>, DbError> {
    let sql = format!(
        "SELECT {} FROM boards WHERE gateway_id = $1 ORDER BY created_at DESC, id DESC",
        Board::COLUMNS.join(", ")
    );
    tx.all(&sql, &params![gateway_id])
}

/// Stores a new board.
///
/// # Errors
/// A database failure.
pub fn insert(tx: &mut Tx<'_>, board: &Board) -> Result<(), DbError> {
    let sql = format!(
        "INSERT INTO boards ({}) VALUES ({})",
        Board::COLUMNS.join(", "),
        placeholders(1, Board::COLUMNS.len())
    );
    let identity = params![board.id, board.organization_id];
    let times = params![board.created_at, board.updated_at];
    tx.execute(&sql, &[identity.as_slice(), &writable(board), &times].concat())
}

/// Overwrites everything that can be changed of a board.
///
/// # Errors
/// A database failure.
pub fn save(tx: &mut Tx<'_>, board: &Board) -> Result<(), DbError> {
    let columns = Board::COLUMNS.get(2..Board::COLUMNS.len() - 2).unwrap_or_default();
    let assignments: Vec<String> =
        columns.iter().enumerate().map(|(index, column)| format!("{column} = ${}", index + 1)).collect();
    let sql = format!(
        "UPDATE boards SET {}, updated_at = ${} WHERE id = ${}",
        assignments.join(", "),
        columns.len() + 1,
        columns.len() + 2
    );
    tx.execute(&sql, &[writable(board).as_slice(), &params![board.updated_at, board.id]].concat())
}

/// The values of the columns between the identity and the times, in their order.
fn writable(board: &Board) -> [Value; 17] {
    params![
        &board.name,
        &board.slug,
        &board.description,
        board.gateway_id,
        board.board_group_id,
        &board.board_type,
        &board.objective,
        &board.success_metrics,
        board.target_date,
        board.goal_confirmed,
        &board.goal_source,
        board.require_approval_for_done,
        board.require_review_before_done,
        board.comment_required_for_review,
        board.block_status_changes_with_pending_approval,
        board.only_lead_can_change_status,
        board.max_agents,
    ]
}

/// Deletes a board and, by the schema's cascades, everything on it: tasks, approvals, memory, webhooks, onboarding,
/// grants, its events and its agents. What its agents did elsewhere stays, without naming them.
///
/// # Errors
/// A database failure.
pub fn delete(tx: &mut Tx<'_>, id: Uuid) -> Result<(), DbError> {
    tx.execute("DELETE FROM boards WHERE id = $1", &params![id])
}

struct WithRights(Board, Option<BoardRights>);

impl FromRow for WithRights {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        let board = Board::from_row(row)?;
        let is_member = row.next::<Option<Uuid>>()?.is_some();
        let mut flag = || row.next::<Option<bool>>().map(|flag| flag.unwrap_or(false));
        let (all_read, all_write, can_read, can_write) = (flag()?, flag()?, flag()?, flag()?);
        let rights = BoardRights { read: all_read || can_read, write: all_write || can_write };
        Ok(Self(board, is_member.then_some(rights)))
    }
}

/// The board with this person's rights on it; `None` for the rights when they are not a member of its organization.
///
/// # Errors
/// A database failure.
pub fn with_rights(
    tx: &mut Tx<'_>,
    user_id: Uuid,
    board_id: Uuid,
) -> Result<Option<(Board, Option<BoardRights>)>, DbError> {
    let sql = format!(
        "SELECT {}, m.id, m.all_boards_read, m.all_boards_write, a.can_read, a.can_write FROM boards b
         LEFT JOIN organization_members m ON m.organization_id = b.organization_id AND m.user_id = $1
         LEFT JOIN organization_board_access a ON a.organization_member_id = m.id AND a.board_id = b.id
         WHERE b.id = $2",
        columns_as("b", Board::COLUMNS)
    );
    Ok(tx.first::<WithRights>(&sql, &params![user_id, board_id])?.map(|WithRights(board, rights)| (board, rights)))
}
