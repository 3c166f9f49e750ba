//! One TLS configuration for REST and sockets: the public authorities, and one more where a file names it.

use anyhow::Context;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;

/// # Errors
/// When the file has no certificate that can be an authority.
pub fn config(authority: Option<&Path>) -> anyhow::Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = authority {
        for certificate in CertificateDer::pem_file_iter(path)
            .with_context(|| format!("cannot read the authority {}", path.display()))?
        {
            let certificate = certificate.with_context(|| format!("{} is no PEM file", path.display()))?;
            roots.add(certificate).with_context(|| format!("{} has no authority", path.display()))?;
        }
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}
