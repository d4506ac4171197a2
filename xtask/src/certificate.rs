//! Certificates for test servers.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::tool::root;

/// A certificate of this machine's loopback address that vouches for itself.
pub struct Certificate {
    /// The certificate.
    pub text: String,
    /// Its private key.
    pub key: String,
    /// The file with the certificate alone.
    pub file: PathBuf,
}

/// Whether certificates can be made.
pub fn can_be_made() -> bool {
    let mut version = Command::new("openssl");
    version.arg("version").stdout(Stdio::null()).stderr(Stdio::null());
    version.status().is_ok_and(|status| status.success())
}

impl Certificate {
    /// Makes a certificate for the server `name`.
    pub fn make(name: &str, further_options: &[&str]) -> anyhow::Result<Self> {
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]);
        openssl.args(["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]).args(further_options);
        openssl.args(["-keyout", "/dev/stdout", "-out", "/dev/stdout"]).stderr(Stdio::null());
        let output = openssl.output().context("cannot run openssl")?;
        ensure!(output.status.success(), "openssl makes no certificate");
        let output = String::from_utf8(output.stdout)?;
        let start = output.find("-----BEGIN CERTIFICATE-----").context("openssl made no certificate")?;
        let (key, text) = output.split_at(start);
        let file = root()?.join(format!("target/{name}-certificate.pem"));
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(Self { text: text.to_owned(), key: key.to_owned(), file })
    }
}
