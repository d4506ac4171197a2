//! The comments on all tasks that a member may read, with who wrote them and where.

use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::organizations::Membership;
use crate::organizations::store::{is_unchanged, readable_by_member};
use mission_control_platform::db::{DbError, FromRow, List, Page, Paging, Position, Row, Tx, Value};
use mission_control_platform::params;
use mission_control_platform::time::Timestamp;
use mission_control_web::http::Cx;
use mission_control_web::sse::{Feed, Item};
use mission_control_web::{request, response};

request! {
    /// Which comments to list.
    pub struct CommentFilter {
        pub board_id: Option<Uuid> = None,
    }
}

request! {
    /// Which comments to stream.
    pub struct CommentStreamQuery {
        pub board_id: Option<Uuid> = None,
        /// From when on; now when absent or unreadable.
        pub since: Option<String> = None,
    }
}

response! {
    /// A comment, with who wrote it and where.
    pub struct ActivityTaskCommentFeedItemRead {
        pub id: Uuid,
        pub created_at: Timestamp,
        pub message: Option<String>,
        /// The agent who wrote it; none for people.
        pub agent_id: Option<Uuid>,
        pub agent_name: Option<String>,
        pub agent_role: Option<String>,
        pub task_id: Uuid,
        pub task_title: String,
        pub board_id: Uuid,
        pub board_name: String,
    }
}

impl FromRow for ActivityTaskCommentFeedItemRead {
    fn from_row(row: &mut Row) -> Result<Self, DbError> {
        Ok(Self {
            id: row.next()?,
            created_at: row.next()?,
            message: row.next()?,
            agent_id: row.next()?,
            agent_name: row.next()?,
            agent_role: row.next::<Option<Json>>()?.as_ref().and_then(role),
            task_id: row.next()?,
            task_title: row.next()?,
            board_id: row.next()?,
            board_name: row.next()?,
        })
    }
}

/// The role in an agent's profile.
fn role(profile: &Json) -> Option<String> {
    let role = profile.get("role")?.as_str()?.trim();
    (!role.is_empty()).then(|| role.to_owned())
}

/// Whose comments, and of which boards.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    organization_id: Uuid,
    board_id: Option<Uuid>,
    /// The membership whose grants bound what is shown; none for who may read every board.
    member_id: Option<Uuid>,
}

const COLUMNS: &str =
    "e.id, e.created_at, e.message, e.agent_id, a.name, a.identity_profile, t.id, t.title, b.id, b.name";
const FROM: &str = "activity_events e JOIN tasks t ON t.id = e.task_id JOIN boards b ON b.id = e.board_id
     LEFT JOIN agents a ON a.id = e.agent_id";

impl Scope {
    /// The comments that a member may read, or those of one board.
    #[must_use]
    pub fn new(member: &Membership, board_id: Option<Uuid>) -> Self {
        let member_id = (!member.reads_all_boards()).then_some(member.id);
        Self { organization_id: member.organization_id, board_id, member_id }
    }

    fn condition(self) -> (String, Vec<Value>) {
        let mut condition = "e.event_type = 'task.comment' AND e.organization_id = $1".to_owned();
        let mut params = params![self.organization_id].to_vec();
        if let Some(board_id) = self.board_id {
            params.push(board_id.into());
            condition =
                format!("e.event_type = 'task.comment' AND e.organization_id = $1 AND e.board_id = ${}", params.len());
        }
        if let Some(member_id) = self.member_id {
            params.push(member_id.into());
            condition.push_str(&format!(" AND e.board_id IN ({})", readable_by_member(params.len())));
        }
        (condition, params)
    }
}

/// One page of comments, newest first.
///
/// # Errors
/// A database failure.
pub fn page(tx: &mut Tx<'_>, scope: Scope, paging: &Paging) -> Result<Page<ActivityTaskCommentFeedItemRead>, DbError> {
    let (condition, params) = scope.condition();
    let list = List {
        columns: COLUMNS.to_owned(),
        from: FROM,
        total: format!("SELECT count(*) FROM activity_events e WHERE {condition}"),
        conditions: vec![condition],
        order: "e.created_at DESC, e.id DESC",
        params,
    };
    list.page(tx, paging)
}

/// The comments behind a position, oldest first, at most `limit`.
///
/// # Errors
/// A database failure.
pub fn after(
    tx: &mut Tx<'_>,
    scope: Scope,
    position: Position,
    limit: i64,
) -> Result<Vec<ActivityTaskCommentFeedItemRead>, DbError> {
    let (condition, mut params) = scope.condition();
    let first = params.len() + 1;
    params.extend(params![position.at, position.id, limit]);
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE {condition} AND (e.created_at, e.id) > (${first}, ${})
         ORDER BY e.created_at, e.id LIMIT ${}",
        first + 1,
        first + 2
    );
    tx.all(&sql, &params)
}

/// What an event of the stream carries.
#[derive(Serialize)]
struct CommentEvent {
    comment: ActivityTaskCommentFeedItemRead,
}

/// Comments that the member may read, as they are written; none any more once the member's rights have changed.
#[must_use]
pub fn feed(cx: &Cx, member: Membership, board_id: Option<Uuid>, since: Option<&str>) -> Feed {
    let (db, scope) = (cx.db.clone(), Scope::new(&member, board_id));
    Feed::new(cx, format!("comments {} {board_id:?}", member.id), since, move |position, limit| {
        let comments = db.read(|tx| match is_unchanged(tx, &member)? {
            true => after(tx, scope, position, limit),
            false => Ok::<_, DbError>(Vec::new()),
        })?;
        let item = |comment: ActivityTaskCommentFeedItemRead| {
            let position = Position { at: comment.created_at, id: comment.id };
            Item::new("comment", position, &CommentEvent { comment })
        };
        Ok(comments.into_iter().map(item).collect())
    })
}
