//! Rights on the group that the path names.

use uuid::Uuid;

use super::OrgAdmin;
use crate::agents::Actor;
use crate::board_groups::{self, BoardGroup};
use crate::boards::{self, BoardRight};
use crate::organizations::{self, Membership, SignedIn};
use mission_control_platform::db::Tx;
use mission_control_web::http::{ApiError, ApiResult, Cx, Extract, Operation, path_field};
use mission_control_web::schema::Faults;

/// Loads the group of the member's organization, or refuses: 404 when there is none, 403 without a right. Who has a right on
/// one board of the group has it on the group; a group without boards belongs to owners and admins.
///
/// # Errors
/// 404, 403, or a database failure.
fn require_group_right(
    tx: &mut Tx<'_>,
    member: &Membership,
    group_id: Uuid,
    right: BoardRight,
) -> ApiResult<BoardGroup> {
    let group = board_groups::store::find_in(tx, member.organization_id, group_id)?.ok_or_else(ApiError::not_found)?;
    let has_all = match right {
        BoardRight::Read => member.reads_all_boards(),
        BoardRight::Write => member.writes_all_boards(),
    };
    if has_all {
        return Ok(group);
    }
    let grants = boards::store::grants_in_group(tx, member, group_id)?;
    let allowed = if grants.has_boards { grants.rights.allows(right) } else { member.role.is_admin() };
    if allowed { Ok(group) } else { Err(ApiError::forbidden()) }
}

/// Lets in whoever may set the pace of all agents of a group: an owner or admin of the group's organization who may change
/// what is in it, whichever organization is their active one, and the lead of one of its boards.
///
/// # Errors
/// 404 when there is no such group for the caller, 403 without that right, or a database failure.
pub fn require_group_pace(tx: &mut Tx<'_>, actor: &Actor, group_id: Uuid) -> ApiResult<()> {
    let group = board_groups::store::find(tx, group_id)?.ok_or_else(ApiError::not_found)?;
    match actor {
        Actor::User(caller) => {
            let membership = organizations::store::membership(tx, group.organization_id, caller.user.id)?;
            let membership = membership.ok_or_else(ApiError::not_found)?;
            if !membership.role.is_admin() {
                return Err(ApiError::forbidden());
            }
            require_group_right(tx, &membership, group_id, BoardRight::Write).map(drop)
        }
        Actor::Agent(agent) if agent.organization_id != group.organization_id => Err(ApiError::not_found()),
        Actor::Agent(agent) => {
            let leads_one = match agent.board_id.filter(|_| agent.is_board_lead) {
                Some(board_id) => {
                    boards::store::find(tx, board_id)?.is_some_and(|board| board.board_group_id == Some(group_id))
                }
                None => false,
            };
            if leads_one { Ok(()) } else { Err(ApiError::forbidden()) }
        }
    }
}

macro_rules! group_guard {
    ($(#[$meta:meta])* $name:ident from $extractor:ty, $right:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        pub struct $name {
            /// The group of the path.
            pub group: BoardGroup,
            /// The caller.
            pub caller: SignedIn,
        }

        impl Extract for $name {
            async fn extract(cx: &Cx, faults: &mut Faults) -> ApiResult<Option<Self>> {
                let Some(caller) = <$extractor>::extract(cx, faults).await? else { return Ok(None) };
                let caller = SignedIn::from(caller);
                let Some(group_id) = path_field::<Uuid>(cx, "group_id", faults) else { return Ok(None) };
                let group = cx.db.read(|tx| require_group_right(tx, &caller.membership, group_id, $right))?;
                Ok(Some(Self { group, caller }))
            }

            fn describe(operation: &mut Operation<'_>) {
                <$extractor>::describe(operation);
                operation.path_uuid("group_id");
                operation.refuses(403);
            }
        }
    };
}

group_guard! {
    /// A person who may read the group.
    UserReadsGroup from SignedIn, BoardRight::Read
}
group_guard! {
    /// A person who may change what is in the group.
    UserWritesGroup from SignedIn, BoardRight::Write
}
group_guard! {
    /// An owner or admin who may change what is in the group.
    AdminWritesGroup from OrgAdmin, BoardRight::Write
}
