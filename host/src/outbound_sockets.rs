//! Limits `wasi:sockets` to the component's allowed hosts.

use crate::allowed_hosts::AllowedHosts;
use std::net::SocketAddr;
use std::sync::Arc;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::sockets::SocketAddrUse;

/// Lets an instance connect to allowed addresses only: no listening, no name lookup.
pub fn restrict(wasi: &mut WasiCtxBuilder, allowed: Arc<AllowedHosts>) {
    wasi.allow_tcp(true).allow_udp(true).allow_ip_name_lookup(false).socket_addr_check(move |address, purpose| {
        let permitted = permits(&allowed, address, purpose);
        Box::pin(async move { permitted })
    });
}

fn permits(allowed: &AllowedHosts, address: SocketAddr, purpose: SocketAddrUse) -> bool {
    let scheme = match purpose {
        SocketAddrUse::TcpConnect => "tcp",
        SocketAddrUse::UdpSend | SocketAddrUse::UdpReceive => "udp",
        // Connecting binds the socket to any free port; more than that would be a server.
        SocketAddrUse::TcpBind | SocketAddrUse::UdpBind => {
            return address.ip().is_unspecified() && address.port() == 0;
        }
        SocketAddrUse::TcpListen | SocketAddrUse::TcpAccept => return false,
    };
    allowed.allows(scheme, &address.ip().to_canonical().to_string(), address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connecting_is_limited_and_listening_denied() {
        let allowed = AllowedHosts::parse(&["tcp://10.0.0.0/8:5000"]).expect("valid");
        let permits = |address: &str, purpose| permits(&allowed, address.parse().expect("an address"), purpose);
        assert!(permits("10.1.1.1:5000", SocketAddrUse::TcpConnect));
        assert!(!permits("10.1.1.1:5001", SocketAddrUse::TcpConnect));
        assert!(!permits("11.1.1.1:5000", SocketAddrUse::TcpConnect));
        assert!(!permits("10.1.1.1:5000", SocketAddrUse::UdpSend));
        assert!(permits("[::ffff:10.1.1.1]:5000", SocketAddrUse::TcpConnect));
        assert!(permits("0.0.0.0:0", SocketAddrUse::TcpBind));
        assert!(!permits("0.0.0.0:80", SocketAddrUse::TcpBind));
        assert!(!permits("0.0.0.0:0", SocketAddrUse::TcpListen));
    }
}
