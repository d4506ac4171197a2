//! What every Mission Control component shares.
//!
//! From the outside in: [`http`] (routing, extraction, answers), [`identity`] (who is calling and what they may do), one
//! module per noun of the business (rules, SQL and bodies of boards, tasks, agents …), and [`db`] below all of them.
//! Nouns never reach into each other's SQL; they call each other's functions.

pub mod activity;
pub mod agents;
pub mod approvals;
pub mod board_groups;
pub mod boards;
pub mod db;
pub mod gateways;
pub mod http;
pub mod identity;
pub mod limits;
pub mod memory;
pub mod messaging;
pub mod organizations;
pub mod outbox;
pub mod schema;
pub mod settings;
pub mod skill_packs;
pub mod tasks;
pub mod telemetry;
pub mod time;
pub mod users;
pub mod webhooks;
