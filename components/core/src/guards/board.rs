//! Rights on the board that the path names.

use std::ops::Deref;

use uuid::Uuid;

use super::{AgentCaller, LeadCaller};
use crate::agents::{Actor, Agent};
use crate::boards::{self, Board, BoardRight};
use crate::organizations::SignedIn;
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation, path_field};
use mission_control_web::schema::Faults;

/// Loads the board for this person, or refuses: 404 when it does not exist or belongs to an organization they are not a
/// member of, 403 `Board access denied` without the right. The role gives no right on boards.
///
/// # Errors
/// 404, 403, or a database failure.
pub fn require_board_right(cx: &Cx, caller: &SignedIn, board_id: Uuid, right: BoardRight) -> ApiResult<Board> {
    let found = cx.db.read(|tx| boards::store::with_rights(tx, caller.user.id, board_id))?;
    let Some((board, rights)) = found else { return Err(ApiError::not_found()) };
    match rights {
        None => Err(ApiError::not_found()),
        Some(rights) if rights.allows(right) => Ok(board),
        Some(_) => Err(ApiError::forbidden_because("Board access denied")),
    }
}

/// Refuses a board that a query names and the caller may not read in the active organization; whether it does not exist or
/// may not be read makes no difference.
///
/// # Errors
/// 403, or a database failure.
pub fn require_board_if_named(tx: &mut Tx<'_>, caller: &SignedIn, board_id: Option<Uuid>) -> ApiResult<()> {
    let Some(board_id) = board_id else { return Ok(()) };
    let found = boards::store::with_rights(tx, caller.user.id, board_id)?;
    let readable = found.is_some_and(|(board, rights)| {
        board.organization_id == caller.membership.organization_id
            && rights.is_some_and(|rights| rights.allows(BoardRight::Read))
    });
    if readable { Ok(()) } else { Err(ApiError::forbidden()) }
}

/// Loads the board for this agent. A board's agent has that board only; whatever else it asks for, existing or not, is
/// 403. A gateway's main agent has the boards of its organization; any other is 404, as if missing.
fn require_board_of_agent(cx: &Cx, agent: &Agent, board_id: Uuid) -> ApiResult<Board> {
    if agent.board_id.is_some_and(|own| own != board_id) {
        return Err(ApiError::forbidden());
    }
    let board = cx.db.read(|tx| boards::store::find(tx, board_id))?;
    board.filter(|board| board.organization_id == agent.organization_id).ok_or_else(ApiError::not_found)
}

fn require_board(cx: &Cx, actor: &Actor, board_id: Uuid, right: BoardRight) -> ApiResult<Board> {
    match actor {
        Actor::User(caller) => require_board_right(cx, caller, board_id, right),
        Actor::Agent(agent) => require_board_of_agent(cx, agent, board_id),
    }
}

macro_rules! board_guard {
    ($(#[$meta:meta])* $name:ident { $field:ident : $caller:ty } from $extractor:ty, $load:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The board of the path.
            pub board: Board,
            /// The caller.
            pub $field: $caller,
        }

        impl Deref for $name {
            type Target = Board;

            fn deref(&self) -> &Board {
                &self.board
            }
        }

        impl Extract for $name {
            async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
                let Some(caller) = <$extractor>::extract(cx, faults).await? else { return Ok(None) };
                let Some(board_id) = path_field::<Uuid>(cx, "board_id", faults) else { return Ok(None) };
                let load: fn(&Cx, $extractor, Uuid) -> ApiResult<(Board, $caller)> = $load;
                let (board, $field) = load(cx, caller, board_id)?;
                Ok(Some(Self { board, $field }))
            }

            fn describe(operation: &mut Operation<'_>) {
                <$extractor>::describe(operation);
                operation.path_uuid("board_id");
                operation.refuses(403);
            }
        }
    };
}

board_guard! {
    /// A person who may read the board.
    UserReadsBoard { caller: SignedIn } from SignedIn,
    |cx, caller, id| Ok((require_board_right(cx, &caller, id, BoardRight::Read)?, caller))
}
board_guard! {
    /// A person who may change the board.
    UserWritesBoard { caller: SignedIn } from SignedIn,
    |cx, caller, id| Ok((require_board_right(cx, &caller, id, BoardRight::Write)?, caller))
}
board_guard! {
    /// A person who may read the board, or an agent that may work on it.
    ActorReadsBoard { actor: Actor } from Actor,
    |cx, actor, id| Ok((require_board(cx, &actor, id, BoardRight::Read)?, actor))
}
board_guard! {
    /// A person who may change the board, or an agent that may work on it.
    ActorWritesBoard { actor: Actor } from Actor,
    |cx, actor, id| Ok((require_board(cx, &actor, id, BoardRight::Write)?, actor))
}
board_guard! {
    /// An agent that may work on the board.
    AgentOnBoard { agent: Agent } from AgentCaller,
    |cx, caller, id| Ok((require_board_of_agent(cx, &caller.0, id)?, caller.0))
}
board_guard! {
    /// The lead of the board.
    LeadOnBoard { agent: Agent } from AgentCaller,
    |cx, caller, id| {
        let board = require_board_of_agent(cx, &caller.0, id)?;
        Ok((board, LeadCaller::require(caller.0)?.0))
    }
}
