//! The address of a Postgres server, with what each of its connections starts with.

use std::fmt::Write as _;

/// How long the server waits before it gives up, in milliseconds; 0 leaves it to the server's own configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Patience {
    /// For a lock that somebody else holds.
    pub lock_ms: u32,
    /// For one statement.
    pub statement_ms: u32,
    /// For the next statement of an open transaction.
    pub idle_in_transaction_ms: u32,
}

/// The address with these limits in its `options`, which the server applies when a connection starts: no statement is
/// needed for them. Options that the address has already come last and win.
pub(super) fn with_patience(url: &str, patience: Patience) -> String {
    let Patience { lock_ms, statement_ms, idle_in_transaction_ms } = patience;
    let mut options = String::new();
    for (name, limit) in [
        ("lock_timeout", lock_ms),
        ("statement_timeout", statement_ms),
        ("idle_in_transaction_session_timeout", idle_in_transaction_ms),
    ] {
        if limit > 0 {
            // Writing to a String cannot fail.
            let _ = write!(options, "-c%20{name}%3D{limit}%20");
        }
    }
    let options = options.trim_end_matches("%20");
    if options.is_empty() {
        return url.to_owned();
    }
    let Some((address, query)) = url.split_once('?') else { return format!("{url}?options={options}") };
    let mut parts: Vec<String> = query.split('&').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    match parts.iter_mut().find_map(|part| part.strip_prefix("options=").map(str::to_owned).map(|own| (part, own))) {
        Some((part, own)) => *part = format!("options={options}%20{own}"),
        None => parts.push(format!("options={options}")),
    }
    format!("{address}?{}", parts.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { lock_ms: 1, statement_ms: 0, idle_in_transaction_ms: 30 };
    const OPTIONS: &str = "-c%20lock_timeout%3D1%20-c%20idle_in_transaction_session_timeout%3D30";

    #[test]
    fn limits_become_options_beside_what_the_address_says() {
        let with = |url| with_patience(url, PATIENCE);
        assert_eq!(with("postgres://a@b/c"), format!("postgres://a@b/c?options={OPTIONS}"));
        assert_eq!(
            with("postgres://a@b/c?sslmode=require"),
            format!("postgres://a@b/c?sslmode=require&options={OPTIONS}")
        );
        assert_eq!(
            with("postgres://a@b/c?options=-c%20geqo%3Doff&sslmode=prefer"),
            format!("postgres://a@b/c?options={OPTIONS}%20-c%20geqo%3Doff&sslmode=prefer")
        );
        assert_eq!(with_patience("postgres://a@b/c", Patience::default()), "postgres://a@b/c");
    }

    #[test]
    fn the_driver_reads_them() {
        let config: postgres::Config = with_patience("postgres://a@b/c?sslmode=prefer", PATIENCE).parse().unwrap();
        assert_eq!(config.get_options(), Some("-c lock_timeout=1 -c idle_in_transaction_session_timeout=30"));
    }
}
