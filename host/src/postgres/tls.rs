//! TLS to the database, as `sslmode` says.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{self, CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What a server's certificate has to prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: the way is encrypted, whoever is at its end.
    Nothing,
    /// That one of the roots vouches for it.
    Root,
    /// This, and that it belongs to the host in the address.
    RootAndName,
}

/// Who may vouch for a certificate.
#[derive(Clone, Debug)]
pub enum Roots {
    /// Whom this system trusts.
    System,
    /// The certificates in this file.
    File(PathBuf),
    /// The certificates in this text.
    Text(String),
}

/// What makes TLS connections.
///
/// # Errors
/// When the roots cannot be read.
pub fn connector(demand: Demand, roots: &Roots) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(crypto::ring::default_provider());
    let verifier = Verifier::new(demand, roots, &provider)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

/// Reads certificates, and refuses a text that holds none.
pub fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_slice_iter(text).collect::<Result<Vec<_>, _>>();
    match certificates {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err("the root certificate is not valid PEM".to_owned()),
    }
}

#[derive(Debug)]
struct Verifier {
    demand: Demand,
    roots: Arc<RootCertStore>,
    /// The roots as they are, for a server whose certificate is its own root.
    named: Vec<CertificateDer<'static>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Verifier {
    fn new(demand: Demand, roots: &Roots, provider: &CryptoProvider) -> Result<Self, String> {
        let algorithms = provider.signature_verification_algorithms;
        let (roots, named) = match roots {
            _ if demand == Demand::Nothing => (Arc::new(RootCertStore::empty()), Vec::new()),
            Roots::System => (system_roots(), Vec::new()),
            Roots::Text(text) => given_roots(text.as_bytes())?,
            Roots::File(path) => {
                let text = std::fs::read(path)
                    .map_err(|error| format!("cannot read sslrootcert {}: {error}", path.display()))?;
                given_roots(&text)?
            }
        };
        Ok(Self { demand, roots, named, algorithms })
    }
}

fn given_roots(text: &[u8]) -> Result<(Arc<RootCertStore>, Vec<CertificateDer<'static>>), String> {
    let named = certificates(text)?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(named.iter().cloned());
    Ok((Arc::new(roots), named))
}

/// Whom this system trusts; where it names nobody, as in a bare container, whom browsers trust.
fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    ROOTS
        .get_or_init(|| {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if roots.is_empty() {
                roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            }
            Arc::new(roots)
        })
        .clone()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.demand == Demand::Nothing {
            return Ok(ServerCertVerified::assertion());
        }
        let certificate = ParsedCertificate::try_from(end_entity)?;
        if !self.named.contains(end_entity) {
            let algorithms = self.algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&certificate, &self.roots, intermediates, now, algorithms)?;
        }
        if self.demand == Demand::RootAndName {
            verify_server_name(&certificate, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
