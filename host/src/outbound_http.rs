//! Outbound HTTP, limited to the component's allowed hosts.

use crate::allowed_hosts::{AllowedHosts, default_port};
use crate::report::report;
use http::uri::{Authority, Scheme};
use http::{Request, Uri};
use http_body_util::BodyExt;
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, default_send_request};

type Exchange = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

/// Stands for the application's own address in a request's URL.
const OWN_HOST: &str = "self.alt";

/// Sends one component's requests.
#[derive(Clone)]
pub struct OutboundHttp {
    /// Which hosts may be reached.
    pub allowed: Arc<AllowedHosts>,
    /// The address that this application listens on.
    pub own_address: SocketAddr,
}

/// How much is taken from a component at once of what it sends, and held until it has gone.
const CHUNK_BYTES: usize = 64 << 10;

impl WasiHttpHooks for OutboundHttp {
    fn p3_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK_BYTES
    }

    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Exchange, Error>> + Send> {
        let target = self.target(request.uri());
        Box::new(async move {
            if let Some(own) = target? {
                *request.uri_mut() = own;
            }
            let (response, io) = default_send_request(request, options).await?;
            let io: Box<dyn Future<Output = _> + Send> = Box::new(io);
            Ok((response.map(BodyExt::boxed_unsync), io))
        })
    }
}

impl OutboundHttp {
    /// Checks where a request goes; `Some` is the address to use instead of the one given.
    fn target(&self, uri: &Uri) -> Result<Option<Uri>, Error> {
        let scheme = uri.scheme_str().unwrap_or("https");
        let authority = uri.authority().ok_or(Error::HttpRequestUriInvalid)?;
        if authority.host() == OWN_HOST {
            return match self.allowed.allows_self(scheme) {
                true => self.own(uri).map(Some),
                false => Err(denied(scheme, OWN_HOST)),
            };
        }
        let port = authority.port_u16().or_else(|| default_port(scheme)).ok_or(Error::HttpRequestUriInvalid)?;
        if self.allowed.allows(scheme, authority.host(), port) {
            Ok(None)
        } else {
            Err(denied(scheme, authority.as_str()))
        }
    }

    fn own(&self, uri: &Uri) -> Result<Uri, Error> {
        let mut address = self.own_address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let mut parts = uri.clone().into_parts();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Authority::try_from(address.to_string()).ok();
        Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)
    }
}

fn denied(scheme: &str, authority: &str) -> Error {
    report(format_args!(
        "A component tried to reach {scheme}://{authority}, which is not among its \
         allowed_outbound_hosts in the application manifest."
    ));
    Error::HttpRequestDenied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(uri: &str) -> Result<Option<String>, ()> {
        let patterns = ["https://example.com", "http://self", "http://10.0.0.1:*"];
        let outbound = OutboundHttp {
            allowed: Arc::new(AllowedHosts::parse(&patterns).expect("valid")),
            own_address: "0.0.0.0:3000".parse().expect("an address"),
        };
        match outbound.target(&uri.parse().expect("a URI")) {
            Ok(own) => Ok(own.map(|uri| uri.to_string())),
            Err(_) => Err(()),
        }
    }

    #[test]
    fn only_allowed_hosts_are_reached() {
        assert_eq!(target("https://example.com/x"), Ok(None));
        assert_eq!(target("http://10.0.0.1:81/x"), Ok(None));
        assert_eq!(target("http://example.com/x"), Err(()));
        assert_eq!(target("https://example.com.evil/x"), Err(()));
        assert_eq!(target("https://example.com:444/x"), Err(()));
        assert_eq!(target("https://example.com@evil/x"), Err(()));
    }

    #[test]
    fn the_own_application_has_a_name() {
        let own = "http://127.0.0.1:3000/a?b".to_owned();
        assert_eq!(target("http://self.alt/a?b"), Ok(Some(own)));
        assert_eq!(target("https://self.alt/a"), Err(()));
    }
}
