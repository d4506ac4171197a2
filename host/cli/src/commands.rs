//! The operator's command line.

mod compile;
mod database;
mod duration;
mod limits;
mod tick;
mod token;
mod up;

use clap::{Parser, Subcommand};
use std::fmt::Arguments as Text;
use std::io::Write;
use std::process::ExitCode;

/// Runs Mission Control on this machine.
#[derive(Parser)]
#[command(name = "mission-control", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start the application and serve it until Ctrl-C.
    Up(up::UpArguments),
    /// Apply what the database's schema lacks.
    Migrate(database::DatabaseArguments),
    /// Check the settings, the database and its schema.
    Doctor(database::DatabaseArguments),
    /// Print the OpenAPI document of the application.
    ExportOpenapi,
    /// Compile the components for this machine.
    #[command(hide = true)]
    Compile(compile::CompileArguments),
}

/// Runs the command that the process was given.
///
/// What goes wrong is told in one line on standard error, with exit code 1.
pub fn run() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Up(arguments) => up::run(arguments),
        Command::Migrate(arguments) => database::run_migrate(arguments),
        Command::Doctor(arguments) => database::run_doctor(arguments),
        Command::ExportOpenapi => {
            println!("{}", mission_control_system::OPENAPI);
            Ok(ExitCode::SUCCESS)
        }
        Command::Compile(arguments) => compile::run(arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            report(format_args!("mission-control: {}", one_line(&error)));
            ExitCode::FAILURE
        }
    }
}

/// Tells the operator something, on standard error; when nobody reads it any more, that must not stop the command.
fn report(message: Text<'_>) {
    let _ = writeln!(std::io::stderr(), "{message}");
}

fn one_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
