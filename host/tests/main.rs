//! The host as components and operators see it: one program, since each would link the whole host.

#![allow(clippy::expect_used, reason = "this is a test, though not all functions are marked so")]

mod attacks;
mod common;
mod endings;
mod instances;
mod key_value;
mod lifecycle;
mod network;
mod postgres;
mod protocol;
mod redis;
mod routing;
mod sqlite;
mod variables;
