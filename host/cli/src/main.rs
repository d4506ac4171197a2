//! The `mission-control` command: the operator's way to run the application and to look after its database.

mod commands;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run()
}
