//! TLS, and what listens where.

use crate::world::config;
use miantan_backend::clock::Clock;
use miantan_backend::server;
use miantan_backend::store::sqlite;

#[tokio::test]
async fn with_a_certificate_the_server_speaks_https_only() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (cert, key) = (dir.path().join("cert.pem"), dir.path().join("key.pem"));
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut config = config(dir.path());
    config.tls_cert = Some(cert);
    config.tls_key = Some(key);
    let stores = sqlite::open(dir.path()).unwrap();
    let server = server::start_with(config, stores, Clock::system()).await.unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"));

    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .resolve("localhost", server.address())
        .build()
        .unwrap();
    let url = format!("https://localhost:{}/healthz", server.address().port());
    assert_eq!(client.get(&url).send().await.unwrap().text().await.unwrap(), "ok\n");
    let plain = format!("http://localhost:{}/healthz", server.address().port());
    assert!(client.get(&plain).send().await.is_err(), "no plain answer on the same port");
    drop(client);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn plain_http_is_refused_where_others_can_reach_it() {
    let start = |insecure| async move {
        let dir = tempfile::tempdir().unwrap();
        let mut config = config(dir.path());
        config.listen = "0.0.0.0:0".parse().unwrap();
        config.insecure = insecure;
        let stores = sqlite::open(dir.path()).unwrap();
        server::start_with(config, stores, Clock::system()).await
    };
    let refused = start(false).await.err().expect("refused").to_string();
    assert!(refused.contains("insecure"), "{refused}");
    start(true).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(dir.path());
    config.listen = taken.local_addr().unwrap();
    let stores = sqlite::open(dir.path()).unwrap();
    let error = server::start_with(config, stores, Clock::system()).await.err().expect("refused").to_string();
    assert!(error.contains(&taken.local_addr().unwrap().to_string()), "{error}");
}
