//! A running backend with the sample fair.

use miantan_backend::clock::Clock;
use miantan_backend::config::{Config, TurnConfig};
use miantan_backend::seed::{self, Seeded};
use miantan_backend::server::{self, Server};
use tempfile::TempDir;

pub struct Organiser {
    server: Server,
    pub seeded: Seeded,
    _dir: TempDir,
}

impl Organiser {
    pub async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let seeded = seed::run(dir.path(), false, Clock::system().wall()).await.unwrap();
        let config = Config {
            data: dir.path().into(),
            listen: "127.0.0.1:0".parse().unwrap(),
            organiser: seeded.organiser.clone(),
            hotline: seeded.hotline.clone(),
            turn: TurnConfig { enabled: false, ..TurnConfig::default() },
            ..Config::default()
        };
        let server = server::start(config).await.unwrap();
        Self { server, seeded, _dir: dir }
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    pub async fn fair(&self) -> String {
        format!("/fairs/{}", self.server.state().stores.fairs.fairs().await.unwrap()[0].id)
    }
}
