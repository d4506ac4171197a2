//! The black-box suite: one file a resource.

mod activity;
mod agent_api;
mod agents;
mod board_memory;
mod boards;
mod deletion;
mod gateways;
mod health;
mod invites;
mod malformed;
mod members;
mod openapi;
mod organizations;
mod outbox;
mod people_support;
mod platform;
mod sign_in;
mod streams;
mod task_comments;
mod task_fields;
mod task_status;
mod task_support;
mod tasks;
mod users;
mod webhook_ingest;
mod webhooks;
