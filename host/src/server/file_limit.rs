//! How many files the process may have open, of which each connection is one.

use crate::report::report;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit as far as it goes, and says how many connections it leaves room for.
///
/// A quarter of it stays for databases, and for connections that the components open.
pub fn raise(wanted_connections: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    };
    let files = files.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    let connections = files - files / 4;
    if connections < wanted_connections {
        report(format_args!(
            "The limit of {files} open files leaves room for {connections} connections at once, \
             not for {wanted_connections}."
        ));
    }
    connections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_raised_and_leaves_room() {
        let connections = raise(1);
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
        assert!(connections > 1 && limit.current.is_none_or(|files| (connections as u64) < files));
    }
}
