//! The operator's command line.

mod application;
mod compile;
mod database;
mod duration;
mod limits;
mod tick;
mod token;
mod up;

use clap::error::{ContextKind, ContextValue, ErrorKind};
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
    let result = match parse().command {
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

fn parse() -> Arguments {
    Arguments::try_parse().unwrap_or_else(|error| without_stray_values(error).exit())
}

/// A word that belongs to no option may be a secret, after a space too many.
fn without_stray_values(mut error: clap::Error) -> clap::Error {
    let is_stray = |value: &ContextValue| !matches!(value, ContextValue::String(text) if text.starts_with("--"));
    if error.kind() == ErrorKind::UnknownArgument && error.get(ContextKind::InvalidArg).is_some_and(is_stray) {
        error.remove(ContextKind::Suggested);
        error.insert(ContextKind::InvalidArg, ContextValue::String("(not shown)".to_owned()));
    }
    error
}

/// Tells the operator something, on standard error; when nobody reads it any more, that must not stop the command.
fn report(message: Text<'_>) {
    let _ = writeln!(std::io::stderr(), "{message}");
}

fn one_line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
