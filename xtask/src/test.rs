//! `cargo xtask test`: style, dependencies, unit tests, the suite on each database, and schemathesis.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;
use clap::Args;

use crate::postgres::{self, Postgres};
use crate::redis::{self, Redis};
use crate::{build, certificate, python, step, tool};

/// What tells tests of servers and programs.
const ENVIRONMENT: [&str; 8] = [
    "MC_TEST_URL",
    "MC_TEST_DATABASE_URL",
    "MC_TEST_REDIS_URL",
    "MC_TEST_SCHEMATHESIS",
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
    /// Fail where a program is missing, instead of leaving out what needs it.
    #[arg(long)]
    complete: bool,
    /// Run only tests whose names contain this, and leave out style, dependencies and schemathesis.
    filter: Option<String>,
}

/// Runs the command.
pub fn run(arguments: &TestArguments) -> anyhow::Result<()> {
    let programs = match arguments.filter {
        Some(_) => None,
        None => programs(arguments)?,
    };
    if arguments.filter.is_none() {
        check_style()?;
    }
    if let Some(programs) = &programs {
        check_dependencies(programs)?;
    }
    build::all()?;
    let mut native = cargo_test()?;
    native.arg("--workspace").args(&arguments.filter);
    step::run_quietly("Unit tests, and the suite on SQLite", &mut native)?;
    if let Some(programs) = &programs {
        run_schemathesis(programs)?;
    }
    if arguments.sqlite_only {
        return Ok(());
    }
    on_servers(arguments)
}

/// The folder of programs from PyPI, if they can be had.
fn programs(arguments: &TestArguments) -> anyhow::Result<Option<PathBuf>> {
    match python::programs() {
        Ok(programs) => Ok(Some(programs)),
        Err(error) => {
            leave_out(arguments, &format!("The checks of cargo-deny and schemathesis are LEFT OUT: {error:#}"))?;
            Ok(None)
        }
    }
}

/// `cargo test` that knows of no servers yet and runs all tests even if some fail.
fn cargo_test() -> anyhow::Result<Command> {
    let mut command = tool::cargo(["test", "--release", "--no-fail-fast"])?;
    for name in ENVIRONMENT {
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

/// Licenses, sources and what must not be used. Advisories need a database from elsewhere, and are left out.
fn check_dependencies(programs: &Path) -> anyhow::Result<()> {
    let mut deny = Command::new(programs.join("cargo-deny"));
    deny.current_dir(tool::root()?).args(["--locked", "check", "bans", "licenses", "sources"]);
    step::run("Check the dependencies", &mut deny)
}

/// Lets schemathesis make requests of every kind, as every kind of caller.
fn run_schemathesis(programs: &Path) -> anyhow::Result<()> {
    let mut tests = cargo_test()?;
    tests.args(["--workspace", "--test", "schemathesis"]);
    tests.env("MC_TEST_SCHEMATHESIS", programs.join("schemathesis"));
    step::run("Schemathesis", &mut tests)
}

/// Runs what depends on the database or the counters again, on private servers.
fn on_servers(arguments: &TestArguments) -> anyhow::Result<()> {
    if !certificate::can_be_made() {
        return leave_out(arguments, "OpenSSL is not installed: ALL TESTS ON SERVERS ARE LEFT OUT. Install openssl.");
    }
    let redis = match redis::is_installed() {
        true => Some(Redis::start()?),
        false => {
            leave_out(arguments, "Redis is not installed: its tests are LEFT OUT. Install redis-server.")?;
            None
        }
    };
    let Some(programs) = postgres::programs() else {
        let text = "Postgres is not installed: ALL TESTS ON POSTGRES ARE LEFT OUT. Install postgresql.";
        return leave_out(arguments, text);
    };
    let postgres = Postgres::start(&programs)?;
    let mut tests = cargo_test()?;
    tests.args(["--workspace", "--test", "engines", "--test", "host", "--test", "suite"]);
    tests.args(&arguments.filter);
    tests.env("MC_TEST_DATABASE_URL", &postgres.url).env("HOST_TEST_POSTGRES", &postgres.url);
    tests.env("HOST_TEST_POSTGRES_CERTIFICATE", &postgres.certificate);
    if let Some(redis) = &redis {
        tests.env("MC_TEST_REDIS_URL", &redis.url).env("HOST_TEST_REDIS", &redis.url);
        // The second names whom the tests' system trusts.
        tests.env("HOST_TEST_REDIS_TLS", &redis.tls_url).env("SSL_CERT_FILE", &redis.certificate);
    }
    step::run_quietly("The suite on Postgres, and the tests of Postgres and Redis", &mut tests)
}

/// Says what is left out, or fails with it where nothing may be.
fn leave_out(arguments: &TestArguments, text: &str) -> anyhow::Result<()> {
    if arguments.complete {
        bail!("{text}");
    }
    let line = "!".repeat(text.len());
    eprintln!("{line}\n{text}\n{line}");
    Ok(())
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
