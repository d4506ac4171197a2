//! A private Redis server.

use std::net::{Ipv4Addr, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::certificate::Certificate;
use crate::service::{Service, free_port, password};

/// A running server.
pub struct Redis {
    /// Its URL, with the password.
    pub url: String,
    /// Its URL with TLS.
    pub tls_url: String,
    /// The file with the certificate that vouches for it.
    pub certificate: PathBuf,
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
        let (port, tls_port, password) = (free_port()?, free_port()?, password()?);
        // Of the certificates of a system, none is both a root and a server's.
        let Certificate { text, key, file } = Certificate::make("redis", &["-addext", "basicConstraints=CA:FALSE"])?;
        let prepare = format!(
            "umask 077; printf %s \"$MC_CERTIFICATE\" >\"$folder/certificate\"; printf %s \"$MC_KEY\" >\"$folder/key\"
             printf 'port {port}\\ntls-port {tls_port}\\ntls-auth-clients no\\nbind 127.0.0.1\\nsave \"\"\\nappendonly no\\n\
             dir %s\\nrequirepass %s\\n' \"$folder\" \"$MC_PASSWORD\" >\"$folder/redis.conf\"
             printf 'tls-cert-file %s/certificate\\ntls-key-file %s/key\\ntls-ca-cert-file %s/certificate\\n' \
             \"$folder\" \"$folder\" \"$folder\" >>\"$folder/redis.conf\""
        );
        let is_ready = || TcpStream::connect((Ipv4Addr::LOCALHOST, tls_port)).is_ok();
        let server = "redis-server \"$folder/redis.conf\"";
        let environment = [("MC_PASSWORD", &*password), ("MC_CERTIFICATE", &*text), ("MC_KEY", &*key)];
        let service = Service::start("redis", &prepare, server, &environment, is_ready)?;
        Ok(Self {
            url: format!("redis://:{password}@127.0.0.1:{port}/0"),
            tls_url: format!("rediss://:{password}@127.0.0.1:{tls_port}/0"),
            certificate: file,
            _service: service,
        })
    }
}
