//! Who a request comes from, for rate limits and logs.
//!
//! Forwarding headers are believed only as far as trusted proxies wrote them: they are read from the right, and the
//! first address that is no trusted proxy is the client. What stands further left was sent by the client itself and
//! may be forged. A trusted proxy must therefore set or remove both `Forwarded` and `X-Forwarded-For`.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// Header in which Spin tells the direct peer as `ip:port`.
const SPIN_CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");

/// Address of a client; `Display` gives the IP text, or `unknown`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// The address, unless it is unknown.
    pub fn ip(self) -> Option<IpAddr> {
        self.0
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ip) => write!(f, "{ip}"),
            None => f.write_str("unknown"),
        }
    }
}

/// What counts as one client where addresses are counted: an IPv4 address, or the /64 that one IPv6 customer has to
/// itself and can send from with any of its addresses. Anything else, such as `unknown`, stays as it is.
pub fn client_of(address: &str) -> String {
    match address.parse::<Ipv6Addr>().map(|ip| Ipv6Net::new(ip, 64)) {
        Ok(Ok(network)) => network.trunc().to_string(),
        _ => address.to_owned(),
    }
}

/// Addresses whose forwarding headers are believed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Parses addresses and CIDR blocks between commas; host bits may be set, and empty entries do not count.
    ///
    /// # Errors
    /// The position, from 1, of the first entry that is neither.
    pub fn parse(list: &str) -> Result<Self, usize> {
        let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.zip(1..).map(|(entry, position)| block(entry).ok_or(position)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `ip` is a trusted proxy.
    pub fn contains(&self, ip: IpAddr) -> bool {
        self.0.iter().any(|block| block.contains(&ip))
    }
}

/// An address block. IPv4 addresses in IPv6 clothes become IPv4, as they do in [`parse_ip`].
fn block(entry: &str) -> Option<IpNet> {
    let block = entry.parse::<IpNet>().ok().or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))?;
    let IpNet::V6(wide) = block else { return Some(block) };
    match (wide.addr().to_ipv4_mapped(), wide.prefix_len().checked_sub(96)) {
        (Some(ip), Some(prefix)) => Ipv4Net::new(ip, prefix).ok().map(IpNet::V4),
        _ => Some(block),
    }
}

/// The direct peer as Spin tells it.
///
/// Spin appends its header after those of the same name that the client sent: only the last one is true.
pub fn peer(headers: &HeaderMap) -> ClientAddress {
    let last = headers.get_all(SPIN_CLIENT_ADDR).iter().next_back();
    ClientAddress(last.and_then(|value| parse_ip(value.to_str().ok()?)))
}

/// The client's address: the peer, or what trusted proxies tell about it.
///
/// `Forwarded` wins over `X-Forwarded-For` when it names any `for`. Trusted entries are skipped from the right; if
/// all are trusted, the left-most is the client. An entry that is no address ends the search with the peer.
pub fn client_address(headers: &HeaderMap, peer: ClientAddress, trusted: &TrustedProxies) -> ClientAddress {
    let ClientAddress(Some(peer_ip)) = peer else {
        return peer;
    };
    if !trusted.contains(peer_ip) {
        return peer;
    }
    let forwarded = forwarded_for(&joined(headers, &FORWARDED));
    let hops = if forwarded.iter().any(Option::is_some) {
        forwarded
    } else {
        let list = joined(headers, &X_FORWARDED_FOR);
        list.split(',').map(str::trim).filter(|hop| !hop.is_empty()).map(|hop| Some(hop.to_owned())).collect()
    };

    let mut client = peer;
    for hop in hops.iter().rev() {
        let Some(ip) = hop.as_deref().and_then(parse_ip) else {
            return peer;
        };
        client = ClientAddress(Some(ip));
        if !trusted.contains(ip) {
            break;
        }
    }
    client
}

/// All values of a header as one list, as proxies may append a line of their own. Bytes that are not UTF-8 become
/// U+FFFD, which no address contains.
fn joined(headers: &HeaderMap, name: &HeaderName) -> String {
    let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    values.collect::<Vec<_>>().join(",")
}

/// The `for` of each non-empty element of a `Forwarded` header, without quotes; `None` where an element has none.
fn forwarded_for(header: &str) -> Vec<Option<String>> {
    split_unquoted(header, ',')
        .into_iter()
        .filter(|element| !element.trim().is_empty())
        .map(|element| {
            split_unquoted(element, ';').into_iter().find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"').to_owned())
            })
        })
        .collect()
}

/// Splits at `separator` outside double quotes. A backslash needs no care: no address contains one.
fn split_unquoted(text: &str, separator: char) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
    .collect()
}

/// Reads an address with or without port and brackets. An IPv4 address in IPv6 clothes becomes IPv4, so that both
/// spellings share one rate-limit key and match the same blocks.
fn parse_ip(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let unbracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let ip = match unbracketed {
        Some(inner) => IpAddr::V6(inner.parse::<Ipv6Addr>().ok()?),
        None => text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?,
    };
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    /// The address found when the peer 10.0.0.1 and its network are trusted.
    fn found(pairs: &[(&'static str, &str)]) -> String {
        let mut all = headers(pairs);
        all.append("spin-client-addr", "10.0.0.1:5000".parse().unwrap());
        client_address(&all, peer(&all), &TrustedProxies::parse("10.0.0.0/8, fd00::/8").unwrap()).to_string()
    }

    #[test]
    fn the_last_peer_header_counts() {
        let peer_text = |pairs: &[(&'static str, &str)]| peer(&headers(pairs)).to_string();
        assert_eq!(peer_text(&[("spin-client-addr", "6.6.6.6:1"), ("spin-client-addr", "192.0.2.7:443")]), "192.0.2.7");
        assert_eq!(peer_text(&[("spin-client-addr", "[2001:db8::1]:443")]), "2001:db8::1");
        assert_eq!(peer_text(&[("spin-client-addr", "[::ffff:192.0.2.7]:443")]), "192.0.2.7");
        assert_eq!(peer_text(&[("spin-client-addr", "unix:")]), "unknown");
        assert_eq!(peer_text(&[]), "unknown");
    }

    #[test]
    fn proxies_are_addresses_or_blocks() {
        let trusted =
            TrustedProxies::parse("192.0.2.77/24, 2001:db8::/32,, 127.0.0.1 ,::ffff:10.0.0.0/104, ::ffff:1.2.3.4")
                .unwrap();
        for inside in ["192.0.2.1", "2001:db8:ffff::1", "127.0.0.1", "10.255.0.1", "1.2.3.4"] {
            assert!(trusted.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.3.1", "2001:db9::1", "127.0.0.2", "11.0.0.1", "1.2.3.5", "::1"] {
            assert!(!trusted.contains(outside.parse().unwrap()), "{outside}");
        }
        assert_eq!(TrustedProxies::parse(" , "), Ok(TrustedProxies::default()));
    }

    #[test]
    fn an_entry_that_is_neither_address_nor_block_is_named_by_its_position() {
        for wrong in ["x", "1.2.3.4/33", "::1/+8", "1.1.1.1/", "1.2.3", "10.0.0.1:80", "[::1]", "::1/129", "1.2.3.4/ 8"]
        {
            assert_eq!(TrustedProxies::parse(wrong), Err(1), "{wrong}");
            assert_eq!(TrustedProxies::parse(&format!("10.0.0.0/8, ,{wrong},y")), Err(2), "{wrong}");
        }
    }

    #[test]
    fn a_client_is_an_address_or_the_network_of_an_ipv6_customer() {
        for (address, client) in [
            ("192.0.2.7", "192.0.2.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
            ("unknown", "unknown"),
        ] {
            assert_eq!(client_of(address), client);
        }
    }

    #[test]
    fn a_prefix_of_zero_covers_its_own_family() {
        for (all, inside, outside) in [("0.0.0.0/0", "8.8.8.8", "2001:db8::1"), ("::/0", "2001:db8::1", "8.8.8.8")] {
            let trusted = TrustedProxies::parse(all).unwrap();
            assert!(trusted.contains(inside.parse().unwrap()));
            assert!(!trusted.contains(outside.parse().unwrap()));
        }
    }

    #[test]
    fn untrusted_peers_cannot_forward() {
        let all = headers(&[("spin-client-addr", "203.0.113.9:1"), ("x-forwarded-for", "1.1.1.1")]);
        for list in ["", "10.0.0.0/8"] {
            let address = client_address(&all, peer(&all), &TrustedProxies::parse(list).unwrap());
            assert_eq!(address.to_string(), "203.0.113.9");
        }
        let all = headers(&[("x-forwarded-for", "1.1.1.1")]);
        let address = client_address(&all, peer(&all), &TrustedProxies::parse("0.0.0.0/0,::/0").unwrap());
        assert_eq!((address.to_string(), address.ip()), ("unknown".to_owned(), None));
    }

    #[test]
    fn x_forwarded_for_is_read_from_the_right() {
        for (value, expected) in [
            ("198.51.100.1", "198.51.100.1"),
            ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
            ("1.1.1.1, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
            (", 9.9.9.9", "9.9.9.9"),
            ("1.2.3.4:99", "1.2.3.4"),
            ("[2001:db8::7]:99, fd00::1", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("10.0.0.9, 10.0.0.8", "10.0.0.9"),
            ("1.1.1.1, garbage", "10.0.0.1"),
            ("1.1.1.1, unknown, 10.2.3.4", "10.0.0.1"),
            (" , ", "10.0.0.1"),
        ] {
            assert_eq!(found(&[("x-forwarded-for", value)]), expected, "{value}");
        }
        assert_eq!(found(&[("x-forwarded-for", "1.1.1.1"), ("x-forwarded-for", "198.51.100.1")]), "198.51.100.1");
        assert_eq!(found(&[]), "10.0.0.1");
    }

    #[test]
    fn forwarded_wins_when_it_names_a_client() {
        for (value, expected) in [
            ("for=198.51.100.1", "198.51.100.1"),
            ("for=1.1.1.1, For=\"198.51.100.1:80\";proto=https", "198.51.100.1"),
            ("for=\"[2001:db8::7]:80\"", "2001:db8::7"),
            ("proto=https;by=10.0.0.1;for=198.51.100.1, for=10.0.0.3", "198.51.100.1"),
            ("for=1.1.1.1;ext=\"a,b;c\"", "1.1.1.1"),
            ("for=_hidden", "10.0.0.1"),
            ("for=1.1.1.1, proto=http", "10.0.0.1"),
            ("proto=http", "7.7.7.7"),
        ] {
            assert_eq!(found(&[("forwarded", value), ("x-forwarded-for", "7.7.7.7")]), expected, "{value}");
        }
    }
}
