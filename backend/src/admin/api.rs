//! The server's API as the organiser's commands use it.

use crate::config::Config;
use anyhow::{Context, bail};
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::System;
use reqwest::{Client, Method, RequestBuilder, Url};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A usual request; an upload may take longer.
const LIMIT: Duration = Duration::from_secs(30);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

pub(super) struct Api {
    client: Client,
    base: Url,
    token: String,
}

impl Api {
    /// `server` over where the settings say it listens.
    pub fn new(config: &Config, server: Option<String>, token: String) -> anyhow::Result<Self> {
        let text = server.unwrap_or_else(|| listens(config));
        let base = Url::parse(&text).with_context(|| format!("{text:?} is no address of a server"))?;
        let safe = match base.scheme() {
            "https" => true,
            // the token would pass by everybody on the way
            "http" => {
                matches!(base.host_str(), Some("localhost" | "[::1]"))
                    || base
                        .host_str()
                        .and_then(|host| host.parse().ok())
                        .is_some_and(|ip: IpAddr| ip.is_loopback())
            }
            _ => false,
        };
        if !safe || base.cannot_be_a_base() {
            bail!("{text} is neither https nor on this machine; the token is not sent there");
        }
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(CONNECT_LIMIT)
            // a redirect would carry the token to someone else
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { client, base, token })
    }

    fn request(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> anyhow::Result<RequestBuilder> {
        let mut url = self.base.clone();
        let Ok(mut segments) = url.path_segments_mut() else {
            bail!("{} is no address of a server", self.base);
        };
        segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        drop(segments);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(self.client.request(method, url).bearer_auth(&self.token))
    }

    /// Asks; the body of a good answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &[&str],
        query: Option<(&str, &str)>,
        json: Option<Vec<u8>>,
    ) -> anyhow::Result<Vec<u8>> {
        let mut request = self.request(method, path, query.as_slice())?.timeout(LIMIT);
        if let Some(json) = json {
            request = request.header("content-type", "application/json").body(json);
        }
        self.answer(request).await
    }

    pub async fn file(&self, path: &[&str]) -> anyhow::Result<Vec<u8>> {
        self.answer(self.request(Method::GET, path, &[])?.timeout(LIMIT)).await
    }

    pub async fn bytes(&self, path: &[&str], bytes: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        self.answer(self.request(Method::PUT, path, &[])?.timeout(LIMIT).body(bytes)).await
    }

    pub async fn build(
        &self,
        system: System,
        version: &str,
        file: &str,
        bytes: Vec<u8>,
    ) -> anyhow::Result<Vec<u8>> {
        let path = ["admin", "builds", system.as_str()];
        let request = self.request(Method::PUT, &path, &[("version", version), ("file", file)])?;
        self.answer(request.body(bytes)).await
    }

    async fn answer(&self, request: RequestBuilder) -> anyhow::Result<Vec<u8>> {
        let response = request
            .send()
            .await
            .map_err(reqwest::Error::without_url)
            .with_context(|| format!("no answer from {}; does the server run there?", self.base))?;
        let status = response.status();
        let bytes = response.bytes().await.context("the answer broke off")?;
        if status.is_success() {
            return Ok(bytes.to_vec());
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) if problem.detail.is_empty() => bail!("refused: {}", problem.code),
            Ok(problem) => bail!("refused: {} ({})", problem.code, problem.detail),
            Err(_) => bail!("the server answered {status}"),
        }
    }
}

/// Where a server with these settings listens, as this machine reaches it.
fn listens(config: &Config) -> String {
    let scheme = if config.tls_cert.is_some() { "https" } else { "http" };
    let ip = match config.listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, config.listen.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_goes_only_where_nobody_reads_it_on_the_way() {
        let config = Config::default();
        let new = |server: &str| Api::new(&config, Some(server.to_owned()), "token".into());
        for good in [
            "https://miantan.example.edu.cn",
            "http://127.0.0.1:8480",
            "http://[::1]:8480/",
            "http://localhost",
        ] {
            assert!(new(good).is_ok(), "{good}");
        }
        for bad in ["http://miantan.example.edu.cn", "http://10.0.0.1:8480", "ftp://x", "data:x", "x", ""] {
            assert!(new(bad).is_err(), "{bad}");
        }
        let url =
            |api: Api| api.request(Method::GET, &["a", "b c"], &[("q", "甲&乙")]).unwrap().build().unwrap();
        let asked = url(Api::new(&config, None, "token".into()).unwrap());
        assert_eq!(asked.url().as_str(), "http://127.0.0.1:8480/api/v1/a/b%20c?q=%E7%94%B2%26%E4%B9%99");
        assert_eq!(
            url(new("https://x.cn/hall/").unwrap()).url().path(),
            "/hall/api/v1/a/b%20c",
            "behind a path of a proxy"
        );
    }

    #[test]
    fn a_server_for_everybody_is_asked_on_this_machine() {
        let at = |listen: &str| listens(&Config { listen: listen.parse().unwrap(), ..Config::default() });
        assert_eq!(at("0.0.0.0:8480"), "http://127.0.0.1:8480");
        assert_eq!(at("[::]:8480"), "http://[::1]:8480");
        assert_eq!(at("127.0.0.1:9000"), "http://127.0.0.1:9000");
    }
}
