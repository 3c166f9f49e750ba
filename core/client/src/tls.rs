//! One TLS configuration for REST and the socket: rustls with ring, Mozilla's roots, and the roots a
//! build names itself. The phone's own store of roots is not asked: on Android that would need JNI
//! set up before the first request, and both connections must trust the same servers.

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// TLS could not be set up; only a broken build or a root that is no certificate can cause it.
#[derive(Debug, thiserror::Error)]
#[error("TLS could not be set up: {0}")]
pub struct TlsError(#[from] rustls::Error);

pub fn config(extra_roots: &[CertificateDer<'static>]) -> Result<ClientConfig, TlsError> {
    // Err: installed already, by another session of this process or by the media stack.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for root in extra_roots {
        roots.add(root.clone())?;
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
