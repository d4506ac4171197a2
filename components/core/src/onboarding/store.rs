//! SQL of onboardings.

use uuid::Uuid;

use super::Session;
use mission_control_platform::db::{DbError, Tx, placeholders};
use mission_control_platform::params;

/// The onboarding of a board in which something was said last.
pub(super) fn latest(tx: &mut Tx<'_>, board_id: Uuid) -> Result<Option<Session>, DbError> {
    let sql = format!(
        "SELECT {} FROM board_onboarding_sessions WHERE board_id = $1 ORDER BY updated_at DESC, id DESC LIMIT 1",
        Session::COLUMNS.join(", ")
    );
    tx.first(&sql, &params![board_id])
}

/// Stores a new onboarding.
pub(super) fn insert(tx: &mut Tx<'_>, session: &Session) -> Result<(), DbError> {
    let columns = Session::COLUMNS;
    let sql = format!(
        "INSERT INTO board_onboarding_sessions ({}) VALUES ({})",
        columns.join(", "),
        placeholders(1, columns.len())
    );
    tx.execute(
        &sql,
        &params![
            session.id,
            session.board_id,
            &session.session_key,
            session.status,
            &session.messages,
            &session.draft_goal,
            session.created_at,
            session.updated_at
        ],
    )
}

/// Overwrites everything of an onboarding that changes.
pub(super) fn save(tx: &mut Tx<'_>, session: &Session) -> Result<(), DbError> {
    tx.execute(
        "UPDATE board_onboarding_sessions SET status = $1, messages = $2, draft_goal = $3, updated_at = $4 WHERE id = $5",
        &params![session.status, &session.messages, &session.draft_goal, session.updated_at, session.id],
    )
}
