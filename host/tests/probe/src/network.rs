//! Calls that leave the host.

use anyhow::Result;
use http_body_util::BodyExt;
use std::net::{TcpListener, TcpStream, ToSocketAddrs};

/// Gets a URL.
pub async fn fetch(url: &str) -> Result<String> {
    let response = spin_sdk::http::get(url.trim()).await?;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await?.to_bytes();
    Ok(format!("{status} {}", String::from_utf8_lossy(&body)))
}

/// Opens a TCP connection.
pub fn connect(address: &str) -> Result<String> {
    TcpStream::connect(address.trim())?;
    Ok("connected".to_owned())
}

/// Looks a name up.
pub fn resolve(name: &str) -> Result<String> {
    let addresses = (name.trim(), 80).to_socket_addrs()?;
    Ok(format!("{:?}", addresses.collect::<Vec<_>>()))
}

/// Tries to be a server.
pub fn listen() -> Result<String> {
    TcpListener::bind("127.0.0.1:0")?;
    Ok("listening".to_owned())
}
