//! Where a database is, and how safe the way there has to be.

use super::tls::{Demand, Roots};
use percent_encoding::percent_decode_str;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

/// How long the network may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long what was sent may stay unconfirmed: without this a query to a host that vanished would hang for a quarter of an hour.
const UNCONFIRMED: Duration = Duration::from_secs(10);
/// After how long of silence the other side is asked whether it still lives, and how often.
const SILENCE: Duration = Duration::from_secs(30);
const QUESTION_INTERVAL: Duration = Duration::from_secs(5);
const QUESTIONS: u32 = 3;

/// A database's address. Nothing of it may be shown: it holds a password.
pub struct Address {
    /// How to connect.
    pub config: Config,
    /// What the server's certificate has to prove.
    pub demand: Demand,
    /// Who may vouch for it.
    pub roots: Roots,
}

impl Address {
    /// Reads a `postgres://` URL, or the words of a libpq connection string.
    ///
    /// # Errors
    /// A text that repeats nothing of the address.
    pub fn parse(address: &str) -> Result<Self, String> {
        let (rest, options) = take_tls_options(address)?;
        let mut config: Config = rest.parse().map_err(|_| "the Postgres address is not valid".to_owned())?;
        let roots = match options.root_file {
            None => Roots::System,
            Some(file) if file == "system" => Roots::System,
            Some(file) => Roots::File(file.into()),
        };
        let demand = match options.mode.as_deref() {
            None | Some("prefer" | "disable") => Demand::Nothing,
            // Whoever names a root wants it to vouch, as in libpq.
            Some("require") if matches!(roots, Roots::System) => Demand::Nothing,
            Some("require" | "verify-ca") => Demand::Root,
            Some("verify-full") => Demand::RootAndName,
            Some(_) => return Err("sslmode is none of disable, prefer, require, verify-ca and verify-full".to_owned()),
        };
        config.ssl_mode(match options.mode.as_deref() {
            Some("disable") => SslMode::Disable,
            None | Some("prefer") => SslMode::Prefer,
            Some(_) => SslMode::Require,
        });
        notice_when_the_line_is_dead(&mut config);
        Ok(Self { config, demand, roots })
    }
}

/// Fills in what the address leaves open.
fn notice_when_the_line_is_dead(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNCONFIRMED);
    }
    if config.get_keepalives_interval().is_none() && config.get_keepalives_retries().is_none() {
        config.keepalives_interval(QUESTION_INTERVAL).keepalives_retries(QUESTIONS);
        config.keepalives_idle(config.get_keepalives_idle().min(SILENCE));
    }
}

#[derive(Default)]
struct TlsOptions {
    mode: Option<String>,
    root_file: Option<String>,
}

impl TlsOptions {
    /// Takes an option over if it is one of these.
    fn take(&mut self, key: &str, value: &str) -> Result<bool, String> {
        let slot = match key {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.root_file,
            _ => return Ok(false),
        };
        let value = percent_decode_str(value).decode_utf8();
        *slot = Some(value.map_err(|_| format!("{key} is not text"))?.into_owned());
        Ok(true)
    }
}

/// Takes `sslmode` and `sslrootcert` out of an address: the driver knows three modes only, and no root.
fn take_tls_options(address: &str) -> Result<(String, TlsOptions), String> {
    let mut options = TlsOptions::default();
    let is_url = address.starts_with("postgres://") || address.starts_with("postgresql://");
    let (base, query, separator) = match address.split_once('?') {
        Some((base, query)) if is_url => (base, query, '&'),
        _ if is_url => return Ok((address.to_owned(), options)),
        // In quotes there may be spaces, as in a password.
        _ if address.contains('\'') => return Ok((address.to_owned(), options)),
        _ => ("", address, ' '),
    };
    let mut others = Vec::new();
    for part in query.split(separator) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        if !options.take(key, value)? {
            others.push(part);
        }
    }
    let others = others.join(&separator.to_string());
    let between = if is_url && !others.is_empty() { "?" } else { "" };
    Ok((format!("{base}{between}{others}"), options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(address: &str) -> Address {
        Address::parse(address).unwrap_or_else(|problem| panic!("{address}: {problem}"))
    }

    #[test]
    fn each_mode_asks_for_what_it_says() {
        let url = "postgres://user:pass@db.example:5433/name";
        for (mode, encryption, demand) in [
            ("", SslMode::Prefer, Demand::Nothing),
            ("?sslmode=disable", SslMode::Disable, Demand::Nothing),
            ("?sslmode=prefer", SslMode::Prefer, Demand::Nothing),
            ("?sslmode=require", SslMode::Require, Demand::Nothing),
            ("?sslmode=require&sslrootcert=/ca.pem", SslMode::Require, Demand::Root),
            ("?sslmode=verify-ca", SslMode::Require, Demand::Root),
            ("?application_name=x&sslmode=verify-full", SslMode::Require, Demand::RootAndName),
        ] {
            let address = parsed(&format!("{url}{mode}"));
            assert_eq!(address.config.get_ssl_mode(), encryption, "{mode}");
            assert_eq!(address.demand, demand, "{mode}");
            assert_eq!(address.config.get_dbname(), Some("name"), "{mode}");
        }
        assert_eq!(parsed("host=db sslmode=verify-full user=me").demand, Demand::RootAndName);
    }

    #[test]
    fn the_root_is_a_file_or_the_system() {
        let url = "postgresql://user@db/name?sslmode=verify-full&sslrootcert=";
        assert!(matches!(parsed(&format!("{url}system")).roots, Roots::System));
        match parsed(&format!("{url}/a%20b.pem&channel_binding=require")).roots {
            Roots::File(file) => assert_eq!(file, std::path::Path::new("/a b.pem")),
            _ => panic!("a file was named"),
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_the_address() {
        for address in [
            "postgres://user:secret@db/name?sslmode=sometimes",
            "postgres://user:secret@db/name?secret=1",
            "postgres://user:secret@db:secret/name",
            "host=db password=my secret",
        ] {
            let problem = Address::parse(address).err().expect("an error");
            assert!(!problem.contains("secret"), "{problem}");
        }
    }

    #[test]
    fn a_dead_line_is_noticed_unless_the_address_says_how() {
        let config = parsed("postgres://user@db/name").config;
        assert_eq!(config.get_connect_timeout(), Some(&CONNECT_TIMEOUT));
        assert_eq!(config.get_tcp_user_timeout(), Some(&UNCONFIRMED));
        assert_eq!(config.get_keepalives_idle(), SILENCE);
        let config = parsed("postgres://user@db/name?connect_timeout=1&tcp_user_timeout=2&keepalives_retries=9").config;
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(1)));
        assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(2)));
        assert_eq!(config.get_keepalives_retries(), Some(9));
    }
}
