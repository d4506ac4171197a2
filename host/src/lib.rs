//! Runs a Spin application where Spin itself is not installed: reads the same `spin.toml`, runs
//! the same components, and offers them the same interfaces.
//!
//! [`start`] takes a [`HostConfig`] and gives a [`RunningHost`].

mod alarm;
pub mod allowed_hosts;
mod answer;
mod application;
mod assembly;
mod bindings;
mod blocking;
mod cache;
mod engine;
mod expiration;
mod groups;
mod host;
mod instance;
mod key_value;
mod limits;
pub mod manifest;
mod outbound_http;
mod outbound_sockets;
mod output;
mod phase;
#[expect(clippy::result_large_err, reason = "the error type comes from the WIT file")]
mod postgres;
pub mod precompile;
mod private;
mod redis;
mod report;
mod request;
pub mod router;
pub mod runtime_config;
mod server;
mod sqlite;
mod state;
mod state_dir;
mod stores;
mod toml_file;
pub mod variables;

pub use host::{HostConfig, Prepared, RunningHost, prepare, start};
pub use limits::Limits;
pub use output::Output;
pub use postgres::postgres_client;
pub use private::{create_private, read_secret};
