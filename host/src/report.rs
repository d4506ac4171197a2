//! Tells the operator something, on standard error.

use std::fmt::Arguments;
use std::io::Write;

/// Writes a line; when nobody reads it any more, that must not stop the host.
pub fn report(message: Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{message}");
}
