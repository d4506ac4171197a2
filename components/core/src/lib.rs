//! The shared domain: what two components need.
//!
//! One module per noun of the business (rules as functions over values, SQL, bodies), ordered so that each knows only those
//! below it; a test holds that order. Above the nouns: [`guards`] (who may do what) and [`jobs`] (which kind of queued job
//! does what). Nouns never reach into each other's SQL; they call each other's functions.

pub mod accounts;
pub mod activity;
pub mod agent_changes;
pub mod agents;
pub mod approvals;
pub mod board_changes;
pub mod board_groups;
pub mod boards;
pub mod coordination;
pub mod custom_fields;
pub mod gateway_changes;
pub mod gateway_runtime;
pub mod gateways;
pub mod guards;
pub mod identity_provider;
pub mod jobs;
pub mod keys;
pub mod members;
pub mod memory;
pub mod messaging;
pub mod metrics;
pub mod onboarding;
pub mod organizations;
pub mod skill_packs;
mod slugs;
pub mod snapshots;
pub mod tags;
pub mod tasks;
pub mod users;
pub mod webhooks;
