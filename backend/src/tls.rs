//! TLS for organisers without a proxy: certificate chain and key from PEM files, rustls with ring,
//! TLS 1.2 and 1.3. A renewed certificate is read at the next start.

use anyhow::Context;
use axum_server::tls_rustls::RustlsConfig;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;

/// Reads certificate chain and key. The messages name the file and never its contents.
pub fn load(cert: &Path, key: &Path) -> anyhow::Result<RustlsConfig> {
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect)
        .with_context(|| format!("the certificate {} is no PEM file that can be read", cert.display()))?;
    anyhow::ensure!(!chain.is_empty(), "{} holds no certificate", cert.display());
    let key_der = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("the private key {} is no PEM file that can be read", key.display()))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_no_client_auth()
        .with_single_cert(chain, key_der)
        .with_context(|| format!("{} and {} do not belong together", cert.display(), key.display()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_pair_loads_and_slips_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (cert_pem, key_pem) = certificate();
        let (cert, key) = (file("cert.pem", &cert_pem), file("key.pem", &key_pem));
        load(&cert, &key).unwrap();
        let other = file("other.pem", &certificate().1);
        let empty = file("empty.pem", "");
        let says = |cert: &Path, key: &Path, word: &str| {
            let message = format!("{:#}", load(cert, key).unwrap_err());
            assert!(message.contains(word), "{message}");
        };
        says(&cert, &other, "do not belong together");
        says(&empty, &key, "holds no certificate");
        says(&cert, &empty, "empty.pem");
        says(&dir.path().join("nowhere.pem"), &key, "nowhere.pem");
    }
}
