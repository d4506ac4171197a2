//! `allowed_outbound_hosts`: which addresses a component may reach.

use anyhow::{Context, anyhow, bail, ensure};
use ipnet::IpNet;
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// The hosts that one component may reach.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq)]
struct Pattern {
    scheme: Scheme,
    host: Host,
    port: Port,
}

#[derive(Clone, Debug, PartialEq)]
enum Scheme {
    Any,
    Named(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Host {
    Any,
    Own,
    Subdomains(String),
    Network(IpNet),
    Named(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Port {
    Any,
    Within(RangeInclusive<u16>),
}

const PATH: [char; 3] = ['/', '?', '#'];
const PATH_PROBLEM: &str = "it must end with the host or the port, without a path";

impl AllowedHosts {
    /// Reads patterns such as `https://*.example.com`, `tcp://10.0.0.0/8:*` or `http://self`.
    ///
    /// # Errors
    /// When one is malformed. The error repeats nothing of it: it may have come out of a variable.
    pub fn parse<S: AsRef<str>>(patterns: &[S]) -> anyhow::Result<Self> {
        let patterns = patterns.iter().map(|pattern| Pattern::parse(pattern.as_ref()));
        Ok(Self { patterns: patterns.collect::<anyhow::Result<_>>()? })
    }

    /// Reads a component's entries, after `expand` has filled their variables in; one that is empty then is passed over.
    ///
    /// # Errors
    /// When one cannot be filled in or is malformed. The error names it as the manifest has it, without the values.
    pub fn from_entries(entries: &[String], expand: impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<Self> {
        let mut patterns = Vec::new();
        for entry in entries {
            let pattern = || -> anyhow::Result<Option<Pattern>> {
                let expanded = expand(entry)?;
                match expanded.trim() {
                    "" => Ok(None),
                    filled => Pattern::parse(filled).map(Some),
                }
            };
            let pattern = pattern().with_context(|| {
                let entry = without_user(entry);
                format!("the entry '{entry}' of its allowed_outbound_hosts cannot be used")
            })?;
            patterns.extend(pattern);
        }
        Ok(Self { patterns })
    }

    /// Whether `scheme://host:port` may be reached.
    pub fn allows(&self, scheme: &str, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<IpAddr>().ok();
        self.patterns.iter().any(|pattern| {
            pattern.scheme.covers(scheme) && pattern.port.covers(port) && pattern.host.covers(host, address)
        })
    }

    /// Whether the component may send requests to its own application.
    pub fn allows_self(&self, scheme: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.scheme.covers(scheme) && matches!(pattern.host, Host::Own | Host::Any))
    }
}

/// The port of a scheme's addresses that name none.
pub fn default_port(scheme: &str) -> Option<u16> {
    Some(match scheme {
        "http" => 80,
        "https" => 443,
        "mysql" => 3306,
        "postgres" => 5432,
        "redis" => 6379,
        "rediss" => 6379,
        "mqtt" => 1883,
        _ => return None,
    })
}

/// An entry without the user and password that somebody may have written into it.
fn without_user(entry: &str) -> String {
    match (entry.split_once("://"), entry.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://…@{host}"),
        _ => entry.to_owned(),
    }
}

impl Pattern {
    fn parse(text: &str) -> anyhow::Result<Self> {
        let (scheme, rest) = text.split_once("://").context("it must start with a scheme, such as https://")?;
        ensure!(!scheme.is_empty(), "the scheme is empty");
        ensure!(!rest.contains('@'), "it must not hold a user or a password");
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = split_port(rest)?;
        let host = Host::parse(host)?;
        let port = match port {
            Some(port) => Port::parse(port)?,
            None if matches!(host, Host::Own) => Port::Any,
            None => match default_port(scheme) {
                Some(port) => Port::Within(port..=port),
                None => bail!("its scheme has no usual port, so that one is needed"),
            },
        };
        let scheme = match scheme {
            "*" => Scheme::Any,
            name => Scheme::Named(name.to_ascii_lowercase()),
        };
        Ok(Self { scheme, host, port })
    }
}

/// Splits `host:port`, where the host may be a bracketed address or a network such as `10.0.0.0/8`.
fn split_port(text: &str) -> anyhow::Result<(&str, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').context("'[' is not closed")?;
        return match rest {
            "" => Ok((host, None)),
            _ => Ok((host, Some(rest.strip_prefix(':').context("':' is missing")?))),
        };
    }
    match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => Ok((host, Some(port))),
        _ => Ok((text, None)),
    }
}

impl Scheme {
    fn covers(&self, scheme: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Named(name) => name == scheme,
        }
    }
}

impl Host {
    fn parse(text: &str) -> anyhow::Result<Self> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Network(address.into()));
        }
        if let Ok(network) = text.parse::<IpNet>() {
            return Ok(Self::Network(network));
        }
        Ok(match text {
            "" => bail!("the host is empty"),
            "*" => Self::Any,
            "self" | "self.alt" => Self::Own,
            _ => match text.strip_prefix("*.") {
                Some(domain) => Self::Subdomains(format!(".{}", plain_name(domain)?)),
                None => Self::Named(plain_name(text)?),
            },
        })
    }

    fn covers(&self, host: &str, address: Option<IpAddr>) -> bool {
        match self {
            Self::Any => true,
            Self::Own => false,
            Self::Network(network) => address.is_some_and(|address| network.contains(&address)),
            Self::Named(name) => name.eq_ignore_ascii_case(host),
            Self::Subdomains(suffix) => host.to_ascii_lowercase().ends_with(suffix.as_str()),
        }
    }
}

fn plain_name(text: &str) -> anyhow::Result<String> {
    ensure!(!text.contains(PATH), PATH_PROBLEM);
    ensure!(
        !text.is_empty() && !text.contains(|c: char| c == '*' || c == ':' || c.is_whitespace() || c.is_control()),
        "the host is not a name, an address or '*'"
    );
    Ok(text.to_ascii_lowercase())
}

impl Port {
    fn parse(text: &str) -> anyhow::Result<Self> {
        if text == "*" {
            return Ok(Self::Any);
        }
        ensure!(!text.contains(PATH), PATH_PROBLEM);
        let number = |text: &str| text.parse::<u16>().map_err(|_| anyhow!("the port is not a number up to 65535"));
        Ok(Self::Within(match text.split_once("..") {
            Some((first, end)) => {
                let (first, end) = (number(first)?, number(end)?);
                ensure!(first < end, "the range of ports is empty");
                first..=end - 1
            }
            None => number(text)?..=number(text)?,
        }))
    }

    fn covers(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Within(range) => range.contains(&port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, scheme: &str, host: &str, port: u16) -> bool {
        AllowedHosts::parse(&[pattern]).expect("a valid pattern").allows(scheme, host, port)
    }

    #[test]
    fn a_scheme_gives_its_usual_port() {
        assert!(allows("https://example.com", "https", "example.com", 443));
        assert!(!allows("https://example.com", "https", "example.com", 8443));
        assert!(!allows("https://example.com", "http", "example.com", 443));
        assert!(allows("postgres://db", "postgres", "DB", 5432));
        assert!(AllowedHosts::parse(&["tcp://example.com"]).is_err());
    }

    #[test]
    fn stars_stand_for_hosts_ports_schemes_and_subdomains() {
        assert!(allows("*://*:*", "tcp", "1.2.3.4", 1));
        assert!(allows("tcp://*:5432", "tcp", "1.2.3.4", 5432));
        assert!(!allows("tcp://*:5432", "tcp", "1.2.3.4", 5433));
        assert!(allows("https://*.example.com", "https", "a.b.example.com", 443));
        assert!(!allows("https://*.example.com", "https", "example.com", 443));
        assert!(!allows("https://*.example.com", "https", "notexample.com", 443));
    }

    #[test]
    fn networks_hold_addresses_only() {
        assert!(allows("tcp://10.0.0.0/8:*", "tcp", "10.1.2.3", 9));
        assert!(!allows("tcp://10.0.0.0/8:*", "tcp", "11.1.2.3", 9));
        assert!(allows("http://[::1]:8080", "http", "[::1]", 8080));
        assert!(allows("http://127.0.0.1:8000..8002", "http", "127.0.0.1", 8001));
        assert!(!allows("http://127.0.0.1:8000..8002", "http", "127.0.0.1", 8002));
    }

    #[test]
    fn self_is_no_other_host() {
        let own = AllowedHosts::parse(&["http://self"]).expect("valid");
        assert!(own.allows_self("http"));
        assert!(!own.allows_self("https"));
        assert!(!own.allows("http", "self", 80));
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in [
            "example.com",
            "https://",
            "https://a*b",
            "https://x/y",
            "https://x:443/y",
            "http://x:y",
            "http://x:9..3",
            "https://x:99999",
            "https://user:secret@x",
            "https://user:secret@x:secret",
            "https://a b",
            "https://a:b:c",
        ] {
            let error = AllowedHosts::parse(&[bad]).expect_err(bad);
            assert!(!format!("{error:#}").contains("secret"), "{error:#}");
        }
    }

    #[test]
    fn an_entry_that_is_empty_after_all_is_passed_over() {
        let entries = ["{{ api }}".to_owned(), "https://b".to_owned(), String::new()];
        let expand = |entry: &str| Ok(entry.replace("{{ api }}", " "));
        let allowed = AllowedHosts::from_entries(&entries, expand).expect("valid");
        assert!(allowed.allows("https", "b", 443));
        assert_eq!(allowed.patterns.len(), 1);
    }

    #[test]
    fn a_malformed_entry_is_named_as_the_manifest_has_it() {
        let expand = |entry: &str| Ok(entry.replace("{{ api }}", "https://user:secret@api/path"));
        let entries = ["https://b".to_owned(), "{{ api }}".to_owned()];
        let error = format!("{:#}", AllowedHosts::from_entries(&entries, expand).expect_err("malformed"));
        assert!(error.contains("'{{ api }}'") && error.contains("password"), "{error}");
        assert!(!error.contains("secret") && !error.contains("user:"), "{error}");
        let entries = ["postgres://user:secret@db:5432".to_owned()];
        let error = format!("{:#}", AllowedHosts::from_entries(&entries, expand).expect_err("malformed"));
        assert!(error.contains("postgres://…@db:5432") && !error.contains("secret"), "{error}");
    }
}
