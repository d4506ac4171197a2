//! Bodies of the routes of boards.

use uuid::Uuid;

use super::{Board, goal_is_incomplete};
use mission_control_platform::time::Timestamp;
use mission_control_web::schema::{Count, Name, Object, Patch, Ranged};
use mission_control_web::{request, response};

const DESCRIPTION_REQUIRED: &str = "description is required";
pub(crate) const GATEWAY_REQUIRED: &str = "gateway_id is required";
const CONFIRMED_GOAL_INCOMPLETE: &str = "Confirmed goal boards require objective and success_metrics";

request! {
    /// A new board.
    pub struct BoardCreate {
        pub name: Name,
        /// A short name for addresses, stored as it is.
        pub slug: Name,
        pub description: String,
        /// Required: the gateway that carries messages to the board's agents.
        pub gateway_id: Option<Uuid> = None,
        pub board_group_id: Option<Uuid> = None,
        /// `goal`, `general` or any other text.
        pub board_type: Name = default_type(),
        pub objective: Option<String> = None,
        pub success_metrics: Option<Object> = None,
        pub target_date: Option<Timestamp> = None,
        /// A confirmed goal board needs an objective and success metrics.
        pub goal_confirmed: bool = false,
        pub goal_source: Option<String> = None,
        pub require_approval_for_done: bool = true,
        pub require_review_before_done: bool = false,
        pub comment_required_for_review: bool = false,
        pub block_status_changes_with_pending_approval: bool = false,
        pub only_lead_can_change_status: bool = false,
        /// How many worker agents the board's lead may create.
        pub max_agents: Count = Ranged(1),
    }
    check = BoardCreate::check;
}

fn default_type() -> Name {
    mission_control_web::schema::Text("goal".to_owned())
}

impl BoardCreate {
    fn check(&mut self) -> Result<(), &'static str> {
        self.description = self.description.trim().to_owned();
        if self.description.is_empty() {
            return Err(DESCRIPTION_REQUIRED);
        }
        if self.gateway_id.is_none() {
            return Err(GATEWAY_REQUIRED);
        }
        let has_metrics = self.success_metrics.as_ref().is_some_and(|metrics| !metrics.0.is_empty());
        if goal_is_incomplete(&self.board_type, self.goal_confirmed, self.objective.as_deref(), has_metrics) {
            return Err(CONFIRMED_GOAL_INCOMPLETE);
        }
        Ok(())
    }

    /// The board that the request describes.
    #[must_use]
    pub fn into_board(self, id: Uuid, organization_id: Uuid, now: Timestamp) -> Board {
        Board {
            id,
            organization_id,
            name: self.name.0,
            slug: self.slug.0,
            description: self.description,
            gateway_id: self.gateway_id,
            board_group_id: self.board_group_id,
            board_type: self.board_type.0,
            objective: self.objective,
            success_metrics: self.success_metrics.map(Into::into),
            target_date: self.target_date,
            goal_confirmed: self.goal_confirmed,
            goal_source: self.goal_source,
            require_approval_for_done: self.require_approval_for_done,
            require_review_before_done: self.require_review_before_done,
            comment_required_for_review: self.comment_required_for_review,
            block_status_changes_with_pending_approval: self.block_status_changes_with_pending_approval,
            only_lead_can_change_status: self.only_lead_can_change_status,
            max_agents: self.max_agents.0,
            created_at: now,
            updated_at: now,
        }
    }
}

request! {
    /// What to change of a board; absent members stay as they are.
    pub struct BoardUpdate {
        pub name: Patch<Name> = Patch::Keep,
        pub slug: Patch<Name> = Patch::Keep,
        pub description: Patch<Option<String>> = Patch::Keep,
        pub gateway_id: Patch<Option<Uuid>> = Patch::Keep,
        pub board_group_id: Patch<Option<Uuid>> = Patch::Keep,
        pub board_type: Patch<Name> = Patch::Keep,
        pub objective: Patch<Option<String>> = Patch::Keep,
        pub success_metrics: Patch<Option<Object>> = Patch::Keep,
        pub target_date: Patch<Option<Timestamp>> = Patch::Keep,
        pub goal_confirmed: Patch<bool> = Patch::Keep,
        pub goal_source: Patch<Option<String>> = Patch::Keep,
        pub require_approval_for_done: Patch<bool> = Patch::Keep,
        pub require_review_before_done: Patch<bool> = Patch::Keep,
        pub comment_required_for_review: Patch<bool> = Patch::Keep,
        pub block_status_changes_with_pending_approval: Patch<bool> = Patch::Keep,
        pub only_lead_can_change_status: Patch<bool> = Patch::Keep,
        pub max_agents: Patch<Count> = Patch::Keep,
    }
    check = BoardUpdate::check;
}

impl BoardUpdate {
    fn check(&mut self) -> Result<(), &'static str> {
        if let Patch::Set(description) = &mut self.description {
            let trimmed = description.as_deref().map(str::trim).filter(|text| !text.is_empty());
            *description = Some(trimmed.ok_or(DESCRIPTION_REQUIRED)?.to_owned());
        }
        if self.gateway_id == Patch::Set(None) { Err(GATEWAY_REQUIRED) } else { Ok(()) }
    }

    /// Applies the members that the request carries.
    pub fn apply(self, board: &mut Board) {
        if let Patch::Set(name) = self.name {
            board.name = name.0;
        }
        if let Patch::Set(slug) = self.slug {
            board.slug = slug.0;
        }
        if let Patch::Set(Some(description)) = self.description {
            board.description = description;
        }
        if let Patch::Set(board_type) = self.board_type {
            board.board_type = board_type.0;
        }
        if let Patch::Set(metrics) = self.success_metrics {
            board.success_metrics = metrics.map(Into::into);
        }
        if let Patch::Set(max_agents) = self.max_agents {
            board.max_agents = max_agents.0;
        }
        self.gateway_id.apply_to(&mut board.gateway_id);
        self.board_group_id.apply_to(&mut board.board_group_id);
        self.objective.apply_to(&mut board.objective);
        self.target_date.apply_to(&mut board.target_date);
        self.goal_confirmed.apply_to(&mut board.goal_confirmed);
        self.goal_source.apply_to(&mut board.goal_source);
        self.require_approval_for_done.apply_to(&mut board.require_approval_for_done);
        self.require_review_before_done.apply_to(&mut board.require_review_before_done);
        self.comment_required_for_review.apply_to(&mut board.comment_required_for_review);
        self.block_status_changes_with_pending_approval.apply_to(&mut board.block_status_changes_with_pending_approval);
        self.only_lead_can_change_status.apply_to(&mut board.only_lead_can_change_status);
    }
}

response! {
    /// A board.
    pub struct BoardRead {
        pub name: String,
        pub slug: String,
        pub description: String,
        pub gateway_id: Option<Uuid>,
        pub board_group_id: Option<Uuid>,
        pub board_type: String,
        pub objective: Option<String>,
        pub success_metrics: Option<Object>,
        pub target_date: Option<Timestamp>,
        pub goal_confirmed: bool,
        pub goal_source: Option<String>,
        pub require_approval_for_done: bool,
        pub require_review_before_done: bool,
        pub comment_required_for_review: bool,
        pub block_status_changes_with_pending_approval: bool,
        pub only_lead_can_change_status: bool,
        pub max_agents: i64,
        pub id: Uuid,
        pub organization_id: Uuid,
        pub created_at: Timestamp,
        pub updated_at: Timestamp,
    }
}

impl From<Board> for BoardRead {
    fn from(board: Board) -> Self {
        Self {
            name: board.name,
            slug: board.slug,
            description: board.description,
            gateway_id: board.gateway_id,
            board_group_id: board.board_group_id,
            board_type: board.board_type,
            objective: board.objective,
            success_metrics: board.success_metrics.and_then(|metrics| match metrics {
                serde_json::Value::Object(members) => Some(Object(members)),
                _ => None,
            }),
            target_date: board.target_date,
            goal_confirmed: board.goal_confirmed,
            goal_source: board.goal_source,
            require_approval_for_done: board.require_approval_for_done,
            require_review_before_done: board.require_review_before_done,
            comment_required_for_review: board.comment_required_for_review,
            block_status_changes_with_pending_approval: board.block_status_changes_with_pending_approval,
            only_lead_can_change_status: board.only_lead_can_change_status,
            max_agents: board.max_agents,
            id: board.id,
            organization_id: board.organization_id,
            created_at: board.created_at,
            updated_at: board.updated_at,
        }
    }
}

request! {
    /// Which of the visible boards to list.
    pub struct BoardFilter {
        pub gateway_id: Option<Uuid> = None,
        pub board_group_id: Option<Uuid> = None,
    }
}

request! {
    /// Which board the path names.
    pub struct BoardPath {
        pub board_id: Uuid,
    }
}
