//! `cargo xtask`: builds, tests and runs the project.

mod build;
mod certificate;
mod postgres;
mod python;
mod redis;
mod service;
mod step;
mod test;
mod tool;
mod up;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds, tests and runs Mission Control.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and serve it until Ctrl-C.
    Up(up::UpArguments),
    /// Build the components and the program that runs them.
    Build,
    /// Check the style and the dependencies, and run all tests on SQLite and on a private Postgres and Redis.
    Test(test::TestArguments),
    /// Write components/system/openapi.json anew from the routes.
    Openapi,
    /// Write spin.toml anew from the components' routes and settings.
    Manifest,
    /// Measure the application under load.
    Bench {
        /// Arguments of the benchmark itself.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(arguments) => up::run(arguments),
        Command::Build => build::all(),
        Command::Test(arguments) => test::run(&arguments),
        Command::Openapi => test::write_openapi(),
        Command::Manifest => test::write_manifest(),
        Command::Bench { arguments } => bench(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(arguments: &[String]) -> anyhow::Result<()> {
    build::all()?;
    let mut bench = tool::cargo(["run", "--release", "--package", "mission-control-bench", "--"])?;
    bench.args(arguments);
    step::run("Benchmark", &mut bench)
}
