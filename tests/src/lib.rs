//! What the black-box tests share: an [`App`] to ask, a [`Client`] to ask with, the [`Answer`], and a [`World`] with
//! one of everything.
//!
//! Each test has an application of its own, started in this process from the components in
//! `target/wasm32-wasip2/component`. Environment variables choose another place:
//!
//! - `MC_TEST_DATABASE_URL`: a Postgres server; each application gets a fresh database there.
//! - `MC_TEST_SERVER`: a program that each test starts for itself.
//! - `MC_TEST_URL` with `MC_TEST_TOKEN` (and `MC_TEST_INTERNAL_TOKEN`): a running server; tests take turns there.

use std::path::{Path, PathBuf};

mod answer;
mod app;
mod client;
mod document;
mod events;
mod own;
mod postgres_server;
mod program;
mod provider;
mod skip;
mod transcript;
mod world;

pub use answer::Answer;
pub use app::{App, unique};
pub use client::Client;
pub use events::{Event, Events};
pub use provider::Provider;
pub use skip::skip;
pub use transcript::Transcript;
pub use world::{World, WorldAgent};

/// The root of the repository.
pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests).to_owned()
}
