//! Who may do what. Handlers state it in their signature with these extractors:
//!
//! | extractor | who passes |
//! |---|---|
//! | [`SignedIn`](crate::organizations::SignedIn) | a person |
//! | [`OrgAdmin`] | a person whose role in the active organization is owner or admin |
//! | [`OrgOwner`] | … is owner |
//! | [`AgentCaller`] | an agent |
//! | [`AgentCheckingIn`] | an agent that notes by itself that it is alive |
//! | [`LeadCaller`] | an agent that leads its board |
//! | [`Actor`](crate::agents::Actor) | a person or an agent |
//! | [`UserReadsBoard`], [`UserWritesBoard`] | a person with that right on the board of the path |
//! | [`ActorReadsBoard`], [`ActorWritesBoard`] | the same, or an agent of that board or of its organization's gateway |
//! | [`AgentOnBoard`], [`LeadOnBoard`] | an agent of the board of the path; its lead |
//! | [`UserReadsGroup`], [`UserWritesGroup`] | a person with that right on a board of the group of the path |
//! | [`AdminWritesGroup`] | the same, with the right to change, whose role is owner or admin |
//! | [`Operator`] | the operator's own scheduler |
//!
//! What belongs to another tenant answers exactly like what does not exist.

mod actor;
mod agent;
mod attempts;
mod bearer;
mod board;
mod group;
mod member;
mod on_task;
mod operator;
mod selection;
mod user;

pub use agent::{AgentCaller, AgentCheckingIn, LeadCaller};
pub use attempts::failed_attempt;
pub use board::{
    ActorReadsBoard, ActorWritesBoard, AgentOnBoard, LeadOnBoard, UserReadsBoard, UserWritesBoard,
    require_board_if_named, require_board_right,
};
pub use group::{AdminWritesGroup, UserReadsGroup, UserWritesGroup, require_group_pace};
pub use member::{OrgAdmin, OrgOwner};
pub use on_task::OnTask;
pub use operator::Operator;
