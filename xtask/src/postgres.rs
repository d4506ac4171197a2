//! A private Postgres server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::certificate::Certificate;
use crate::service::{Service, free_port, password};

/// A running server with the user `postgres`.
pub struct Postgres {
    /// Its URL, with the password.
    pub url: String,
    /// The file with the certificate that vouches for it.
    pub certificate: PathBuf,
    _service: Service,
}

/// The folder of the newest server's programs, where Debian puts them.
pub fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let version = |path: &Path| path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
    versions
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").is_file())
        .max_by_key(|path| version(path))
        .map(|path| path.join("bin"))
}

impl Postgres {
    /// Starts a server that answers on the loopback address alone and forgets everything.
    pub fn start(programs: &Path) -> anyhow::Result<Self> {
        let (port, password) = (free_port()?, password()?);
        let certificate = Certificate::make("postgres", &[])?;
        let programs = programs.display();
        let prepare = format!(
            "umask 077; printf %s \"$MC_PASSWORD\" >\"$folder/password\"
             printf %s \"$MC_CERTIFICATE\" >\"$folder/certificate\"; printf %s \"$MC_KEY\" >\"$folder/key\"
             \"{programs}/initdb\" --pgdata=\"$folder/data\" --username=postgres --pwfile=\"$folder/password\" \
             --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >/dev/null || exit 1"
        );
        let server = format!(
            "\"{programs}/postgres\" -D \"$folder/data\" -p {port} -c listen_addresses=127.0.0.1 \
             -c unix_socket_directories= -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
             -c max_connections=300 -c ssl=on -c ssl_cert_file=\"$folder/certificate\" -c ssl_key_file=\"$folder/key\""
        );
        let is_ready = || {
            let mut probe = Command::new(format!("{programs}/pg_isready"));
            probe.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).stderr(Stdio::null());
            probe.status().is_ok_and(|status| status.success())
        };
        let Certificate { text, key, file } = certificate;
        let environment = [("MC_PASSWORD", &*password), ("MC_CERTIFICATE", &*text), ("MC_KEY", &*key)];
        let service = Service::start("postgres", &prepare, &server, &environment, is_ready)?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        Ok(Self { url, certificate: file, _service: service })
    }
}
