//! A private Redis server.

use std::net::{Ipv4Addr, TcpStream};
use std::process::{Command, Stdio};

use crate::service::{Service, free_port, password};

/// A running server.
pub struct Redis {
    /// Its URL, with the password.
    pub url: String,
    _service: Service,
}

/// Whether the server is installed.
pub fn is_installed() -> bool {
    let mut version = Command::new("redis-server");
    version.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

impl Redis {
    /// Starts a server that answers on the loopback address alone and forgets everything.
    pub fn start() -> anyhow::Result<Self> {
        let (port, password) = (free_port()?, password()?);
        let prepare = format!(
            "umask 077; printf 'port {port}\\nbind 127.0.0.1\\nsave \"\"\\nappendonly no\\ndir %s\\nrequirepass %s\\n' \
             \"$folder\" \"$MC_PASSWORD\" >\"$folder/redis.conf\""
        );
        let is_ready = || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        let server = "redis-server \"$folder/redis.conf\"";
        let service = Service::start("redis", &prepare, server, &[("MC_PASSWORD", &password)], is_ready)?;
        Ok(Self { url: format!("redis://:{password}@127.0.0.1:{port}/0"), _service: service })
    }
}
