//! The black-box suite: one file a resource.

mod activity;
mod agent_api;
mod agents;
mod authorization;
mod board_memory;
mod boards;
mod gateways;
mod health;
mod malformed;
mod openapi;
mod organizations;
mod outbox;
mod platform;
mod streams;
mod task_comments;
mod task_fields;
mod task_status;
mod task_support;
mod tasks;
mod users;
mod webhook_ingest;
mod webhooks;
