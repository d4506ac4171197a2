//! `cargo xtask test`: style, unit tests, and the suite on each database.

use std::process::Command;

use clap::Args;

use crate::postgres::{self, Postgres};
use crate::redis::{self, Redis};
use crate::{build, certificate, step, tool};

/// What names servers to tests.
const SERVER_VARIABLES: [&str; 7] = [
    "MC_TEST_URL",
    "MC_TEST_DATABASE_URL",
    "MC_TEST_REDIS_URL",
    "HOST_TEST_POSTGRES",
    "HOST_TEST_POSTGRES_CERTIFICATE",
    "HOST_TEST_REDIS",
    "HOST_TEST_REDIS_TLS",
];

/// What `test` can be told.
#[derive(Args)]
pub struct TestArguments {
    /// Leave out what needs Postgres or Redis.
    #[arg(long)]
    sqlite_only: bool,
    /// Run only tests whose names contain this, and leave out the checks of style.
    filter: Option<String>,
}

/// Runs the command.
pub fn run(arguments: &TestArguments) -> anyhow::Result<()> {
    if arguments.filter.is_none() {
        check_style()?;
    }
    build::all()?;
    let mut native = cargo_test()?;
    native.arg("--workspace").args(&arguments.filter);
    step::run_quietly("Unit tests, and the suite on SQLite", &mut native)?;
    if arguments.sqlite_only {
        return Ok(());
    }
    on_servers(arguments.filter.as_deref())
}

/// `cargo test` that knows of no servers yet and runs all tests even if some fail.
fn cargo_test() -> anyhow::Result<Command> {
    let mut command = tool::cargo(["test", "--release", "--no-fail-fast"])?;
    for name in SERVER_VARIABLES {
        command.env_remove(name);
    }
    Ok(command)
}

fn check_style() -> anyhow::Result<()> {
    step::run("Check the format", &mut tool::cargo(["fmt", "--all", "--check"])?)?;
    let mut native = tool::cargo(["clippy", "--release", "--workspace", "--all-targets"])?;
    step::run("Check the code", native.args(["--", "-D", "warnings"]))?;
    let mut components = tool::cargo(["clippy"])?;
    components.args(build::component_arguments()).args(["--", "-D", "warnings"]);
    step::run("Check the components' code", &mut components)
}

/// Runs what depends on the database or the counters again, on private servers.
fn on_servers(filter: Option<&str>) -> anyhow::Result<()> {
    if !certificate::can_be_made() {
        warn("OpenSSL is not installed: ALL TESTS ON SERVERS ARE LEFT OUT. Install openssl.");
        return Ok(());
    }
    let redis = match redis::is_installed() {
        true => Some(Redis::start()?),
        false => {
            warn("Redis is not installed: its tests are LEFT OUT. Install redis-server.");
            None
        }
    };
    let Some(programs) = postgres::programs() else {
        warn("Postgres is not installed: ALL TESTS ON POSTGRES ARE LEFT OUT. Install postgresql.");
        return Ok(());
    };
    let postgres = Postgres::start(&programs)?;
    let mut tests = cargo_test()?;
    tests.args(["--workspace", "--test", "engines", "--test", "host", "--test", "suite"]);
    tests.args(filter);
    tests.env("MC_TEST_DATABASE_URL", &postgres.url).env("HOST_TEST_POSTGRES", &postgres.url);
    tests.env("HOST_TEST_POSTGRES_CERTIFICATE", &postgres.certificate);
    if let Some(redis) = &redis {
        tests.env("MC_TEST_REDIS_URL", &redis.url).env("HOST_TEST_REDIS", &redis.url);
        // The second names whom the tests' system trusts.
        tests.env("HOST_TEST_REDIS_TLS", &redis.tls_url).env("SSL_CERT_FILE", &redis.certificate);
    }
    step::run_quietly("The suite on Postgres, and the tests of Postgres and Redis", &mut tests)
}

fn warn(text: &str) {
    let line = "!".repeat(text.len());
    eprintln!("{line}\n{text}\n{line}");
}

/// `cargo xtask openapi`.
pub fn write_openapi() -> anyhow::Result<()> {
    write_anew("openapi", "the_document_is_current", "UPDATE_OPENAPI", "Write components/system/openapi.json")
}

/// `cargo xtask manifest`.
pub fn write_manifest() -> anyhow::Result<()> {
    write_anew("manifest", "the_manifest_is_current", "UPDATE_MANIFEST", "Write spin.toml")
}

/// Runs the test that compares a generated file, told to write it instead.
fn write_anew(suite: &str, test: &str, variable: &str, name: &str) -> anyhow::Result<()> {
    let mut command = tool::cargo(["test", "--release", "--workspace", "--test", suite])?;
    command.arg(test).env(variable, "1");
    step::run(name, &mut command)
}
