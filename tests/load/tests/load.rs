//! A small crowd against a real backend: the figures are those of what was done, and what goes wrong is said.

use clap::Parser;
use miantan_backend::config::Config;
use miantan_backend::seed::{self, Scale};
use miantan_backend::server::{self, Server};
use miantan_domain::time::WallTime;
use miantan_load::figures::Figures;
use miantan_load::{Mode, Place};
use std::path::Path;
use tempfile::TempDir;

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    mode: Mode,
}

struct Hall {
    folder: TempDir,
    server: Server,
}

impl Hall {
    /// A backend with 12 candidates beside the sample's 8, and a conversation of each of the twenty.
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        let now = WallTime(since.as_millis() as i64);
        let scale = Scale { candidates: 12, conversations: 20, ..Scale::default() };
        let seeded = seed::run_scaled(folder.path(), false, now, scale).await.expect("a fair");
        let seed = serde_json::to_string(&seeded).expect("it is JSON");
        std::fs::write(folder.path().join("seed.json"), seed).expect("written");
        let mut config = Config {
            data: folder.path().to_owned(),
            listen: "127.0.0.1:0".parse().expect("an address"),
            ..Config::default()
        };
        config.turn.enabled = false;
        let server = server::start(config).await.expect("it starts");
        Self { folder, server }
    }

    async fn load(&self, words: &str) -> anyhow::Result<Figures> {
        load(self.folder.path(), &self.server.url(), words).await
    }
}

/// `miantan-load WORDS` against this server; `{}` is the folder.
async fn load(folder: &Path, server: &str, words: &str) -> anyhow::Result<Figures> {
    let words = words.replace("{}", &folder.display().to_string());
    let words = ["miantan-load", "--server", server].into_iter().chain(words.split_whitespace());
    let line = Line::try_parse_from(words)?;
    miantan_load::run(&line.place, &line.mode).await
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_open_and_stay() {
    let hall = Hall::open().await;
    let pid = std::process::id();
    let words =
        format!("--seed {{}}/seed.json --keep {{}}/people.json --pid {pid} idle --devices 20 --stay 0.1");
    let figures = hall.load(&words).await.expect("it runs");
    assert_eq!((figures.mode, figures.devices, figures.count, figures.errors), ("idle", 20, 20, 0));
    assert!(figures.p50_ms > 0.0 && figures.p50_ms <= figures.p99_ms && figures.p99_ms <= figures.max_ms);
    assert!(figures.more["rss_kib_before"] > 0.0 && figures.more.contains_key("kib_per_device"));
    // the same people again, from the kept file alone
    let again = hall.load("--keep {}/people.json idle --devices 20 --stay 0").await.expect("they come back");
    assert_eq!((again.devices, again.errors), (20, 0));
    hall.server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_read_and_search() {
    let hall = Hall::open().await;
    for what in ["page", "search"] {
        let figures = hall.load(&format!("fair --what {what} --rate 60 --seconds 1")).await.expect("it runs");
        assert_eq!((figures.mode, figures.count, figures.errors), ("fair", 60, 0));
        assert!(figures.p50_ms > 0.0 && figures.more["positions"] > 268.0);
    }
    hall.server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_see_every_change_once_and_in_order() {
    let hall = Hall::open().await;
    let words = "--seed {}/seed.json queue --devices 20 --watchers 2 --rate 200 --seconds 1";
    let figures = hall.load(words).await.expect("it runs");
    assert_eq!((figures.mode, figures.devices, figures.errors), ("queue", 20, 0));
    assert_eq!(figures.count, 400, "200 changes, each for two watchers");
    assert!(figures.p50_ms > 0.0 && figures.per_s > 0.0, "{figures:?}");
    hall.server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recruiter_rings_one_after_the_other_and_each_answers() {
    let hall = Hall::open().await;
    let figures = hall.load("--seed {}/seed.json ring --devices 20 --calls 6").await.expect("it runs");
    assert_eq!((figures.mode, figures.devices, figures.count, figures.errors), ("ring", 20, 6, 0));
    for name in ["answer_ms_p99", "signal_ms_p99", "end_ms_p99"] {
        assert!(figures.more[name] > 0.0, "{name}: {figures:?}");
    }
    // each of them is in no call any more: the next day begins with the same people
    let again = hall.load("--seed {}/seed.json --keep {}/people.json ring --devices 20 --calls 2").await;
    assert_eq!(again.expect("it runs").errors, 0);
    hall.server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_sides_of_conversations_write_and_everything_comes_once_and_in_order() {
    let hall = Hall::open().await;
    let people = "--seed {}/seed.json --keep {}/people.json";
    let pid = std::process::id();
    let words =
        format!("{people} --pid {pid} chat --devices 24 --recruiters 4 --rate 200 --seconds 1 --window 2");
    let figures = hall.load(&words).await.expect("it runs");
    assert_eq!((figures.mode, figures.devices, figures.count, figures.errors), ("chat", 24, 200, 0));
    // of twelve employers four are there, with the candidates 0–3, 12–15
    assert!((figures.more["talking"] - 12.0).abs() < 0.1, "{figures:?}");
    assert!(figures.more["ack_ms_p50"] > 0.0 && figures.more["ack_ms_p50"] <= figures.more["ack_ms_p99"]);
    assert!(figures.p50_ms > 0.0 && figures.more["server_us_per_message"] > 0.0);
    let words = format!("{people} chat --devices 24 --recruiters 4 --rate 0 --seconds 0.5 --window 4");
    let figures = hall.load(&words).await.expect("it runs");
    assert_eq!((figures.mode, figures.errors), ("chat", 0));
    assert!(figures.count > 12 && figures.count as f64 <= figures.more["sent"], "{figures:?}");
    hall.server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_were_offline_catch_up() {
    let hall = Hall::open().await;
    let people = "--seed {}/seed.json --keep {}/people.json";
    let words = format!("{people} chat --offline 70 --senders 3 --recruiters 3");
    let figures = hall.load(&words).await.expect("it runs");
    assert_eq!((figures.mode, figures.devices, figures.count, figures.errors), ("offline", 6, 3, 0));
    assert!((figures.more["messages"] - 210.0).abs() < 0.1, "{figures:?}");
    assert!(figures.more["catch_up_s"] > 0.0 && figures.max_ms <= figures.more["catch_up_s"] * 1_000.0 + 1.0);
    // again, after what was said the first time
    let figures = hall.load(&words).await.expect("it runs");
    assert_eq!((figures.count, figures.errors), (3, 0));
    let words = format!("{people} chat --offline 1 --senders 3 --recruiters 2");
    let error = hall.load(&words).await.expect_err("the third has nobody to write to");
    assert!(format!("{error:#}").contains("more --recruiters"), "{error:#}");
    hall.server.stop().await.expect("it stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_measured_is_said() {
    let hall = Hall::open().await;
    for (words, reason) in [
        ("--seed {}/seed.json idle --devices 21", "seed with --candidates"),
        ("idle --devices 1", "name --seed"),
        ("--seed {}/none.json idle --devices 1", "cannot read"),
        ("--seed {}/seed.json --pid 4294967295 idle --devices 1", "on this machine"),
        ("--seed {}/seed.json queue --devices 1 --rate 0", "--rate"),
        ("--seed {}/seed.json chat --devices 1 --recruiters 1", "seed with --conversations"),
        ("--seed {}/seed.json chat --devices 14 --recruiters 13", "seed with --employers 13"),
        ("--seed {}/seed.json chat --devices 2 --recruiters 1 --window 0", "--window"),
    ] {
        let error = hall.load(words).await.expect_err(words);
        assert!(format!("{error:#}").contains(reason), "{words}: {error:#}");
    }
    let Hall { folder, server } = hall;
    let url = server.url();
    server.stop().await.expect("it stops");
    let words = "--seed {}/seed.json idle --devices 1";
    let error = load(folder.path(), &url, words).await.expect_err("nobody is there");
    assert!(format!("{error:#}").contains("cannot join"), "{error:#}");
}
