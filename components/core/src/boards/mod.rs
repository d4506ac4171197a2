//! Boards: the goal, the rules for tasks, and who may see them.

pub mod store;
pub mod wire;

use serde_json::Value;
use uuid::Uuid;

use mission_control_platform::record;
use mission_control_platform::time::Timestamp;

record! {
    /// A board.
    #[derive(Clone, Debug)]
    pub struct Board {
        /// Identifier.
        pub id: Uuid,
        /// The tenant.
        pub organization_id: Uuid,
        /// Shown to people.
        pub name: String,
        /// A short name for addresses; any text.
        pub slug: String,
        /// What the board is for.
        pub description: String,
        /// The gateway that carries messages to its agents.
        pub gateway_id: Option<Uuid>,
        /// The group it shares memory with.
        pub board_group_id: Option<Uuid>,
        /// `goal`, `general` or any other text.
        pub board_type: String,
        /// The goal in words.
        pub objective: Option<String>,
        /// How success is measured: any JSON object.
        pub success_metrics: Option<Value>,
        /// When the goal is due.
        pub target_date: Option<Timestamp>,
        /// Whether a person confirmed the goal.
        pub goal_confirmed: bool,
        /// Where the goal came from.
        pub goal_source: Option<String>,
        /// Entering `done` needs an approved approval.
        pub require_approval_for_done: bool,
        /// Entering `done` is only possible from `review`.
        pub require_review_before_done: bool,
        /// Entering `review` needs a comment.
        pub comment_required_for_review: bool,
        /// No status change while an approval is pending.
        pub block_status_changes_with_pending_approval: bool,
        /// Worker agents may not change the status.
        pub only_lead_can_change_status: bool,
        /// How many worker agents the lead may create.
        pub max_agents: i64,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was last changed.
        pub updated_at: Timestamp,
    }
}

/// Whether this is a confirmed goal board without a goal: it needs an objective and success metrics.
#[must_use]
pub fn goal_is_incomplete(board_type: &str, goal_confirmed: bool, objective: Option<&str>, has_metrics: bool) -> bool {
    let has_objective = objective.is_some_and(|objective| !objective.is_empty());
    board_type == "goal" && goal_confirmed && !(has_objective && has_metrics)
}

impl Board {
    /// Whether the other board has another goal, or another opinion of whether it is one.
    #[must_use]
    pub fn has_other_goal_than(&self, other: &Self) -> bool {
        self.board_type != other.board_type
            || self.goal_confirmed != other.goal_confirmed
            || self.objective != other.objective
            || self.success_metrics != other.success_metrics
    }

    /// As [`goal_is_incomplete`], of this board.
    #[must_use]
    pub fn goal_is_incomplete(&self) -> bool {
        let has_metrics = self.success_metrics.as_ref().and_then(Value::as_object).is_some_and(|all| !all.is_empty());
        goal_is_incomplete(&self.board_type, self.goal_confirmed, self.objective.as_deref(), has_metrics)
    }
}

/// What a person wants to do on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoardRight {
    /// See it and everything on it.
    Read,
    /// Change it. Implies read.
    Write,
}

/// A member's rights on one board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoardRights {
    /// May read.
    pub read: bool,
    /// May change; implies read.
    pub write: bool,
}

impl BoardRights {
    /// Whether they include this right.
    #[must_use]
    pub fn allows(self, right: BoardRight) -> bool {
        match right {
            BoardRight::Read => self.read || self.write,
            BoardRight::Write => self.write,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_confirmed_goal_board_needs_objective_and_metrics() {
        assert!(goal_is_incomplete("goal", true, None, true));
        assert!(goal_is_incomplete("goal", true, Some(""), true));
        assert!(goal_is_incomplete("goal", true, Some("win"), false));
        assert!(!goal_is_incomplete("goal", true, Some("win"), true));
        assert!(!goal_is_incomplete("goal", false, None, false));
        assert!(!goal_is_incomplete("general", true, None, false));
    }

    #[test]
    fn write_implies_read() {
        let rights = BoardRights { read: false, write: true };
        assert!(rights.allows(BoardRight::Read) && rights.allows(BoardRight::Write));
        let rights = BoardRights { read: true, write: false };
        assert!(rights.allows(BoardRight::Read) && !rights.allows(BoardRight::Write));
    }
}
