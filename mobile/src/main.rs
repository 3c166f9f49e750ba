//! The app: reads its surroundings, opens a session, wires it and the system's services to the interface. Nothing
//! else happens here, and nowhere else are the three put together.
//!
//! An argument that is a link (`miantan://…`, `https://…`) leads there; where the app runs already, that one goes.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `MIANTAN_APP_DATA` | the app's folder (default: the system's place for app data) |
//! | `MIANTAN_SERVER` | stands in the field of the first screen |
//! | `MIANTAN_WINDOW` | `390x844+10+20`: size and place of the window (desktop) |
//! | `MIANTAN_LANG` / `MIANTAN_THEME` | `zh-CN`, `en` / `system`, `light`, `dark`, until the person chooses |
//! | `MIANTAN_CAMERA`, `MIANTAN_MICROPHONE`, `MIANTAN_SPEAKER` | made-up devices; only with the feature `synthetic` |

mod surroundings;

use anyhow::{Context as _, Result};
use dioxus::prelude::*;
use miantan_client::platform::LocalNote;
use miantan_client::{Intent, Session, SessionConfig};
use miantan_mobile::app::App;
use miantan_mobile::bridge::{Wiring, Wishes};
use miantan_mobile::opening::{Early, Opening};
use miantan_mobile::prefs::PrefsFile;
use miantan_mobile::second::{self, Start};
use miantan_mobile::{page, window, words};
use miantan_platform::Spoken;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use surroundings::Surroundings;

fn main() -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "warn,miantan_client=info,miantan_media=info,miantan_mobile=info".into()),
        )
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let around = Surroundings::read();
    let link = second::link_in(std::env::args().skip(1));
    let door = match second::begin(&around.data, link.as_deref()) {
        Start::First(door) => door,
        Start::HandedOver => {
            tracing::info!("the app runs already; it was told");
            return Ok(());
        }
    };
    // The session lives on threads of its own: the interface's tasks stall while its page sleeps. Kept to the end of
    // the process, as `launch` never returns.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .context("no threads to run on")?;
    // How often the window was called to the front.
    let (front, called) = tokio::sync::watch::channel(0_u64);
    let wishes = Early::default();
    let (ready, opening) = Opening::new();
    runtime.spawn(open(around.clone(), wishes.clone(), ready, called));
    if let Some(link) = link {
        wishes.send(Intent::UseServer(link));
    }
    let later = wishes.clone();
    door.listen(move |link| {
        if let Some(link) = link {
            later.send(Intent::UseServer(link));
        }
        front.send_modify(|times| *times += 1);
    });
    let window = window::config(page::TITLE, page::index(), around.place, Some(&around.data));
    let window = window::with_system_events(window, move |wish| wishes.send(wish));
    let _entered = runtime.enter();
    LaunchBuilder::desktop().with_cfg(window).with_context(opening).launch(App);
    Ok(())
}

/// Opens the session beside the window and hands both to the interface.
async fn open(
    around: Surroundings,
    wishes: Early,
    ready: Sender<Wiring>,
    called: tokio::sync::watch::Receiver<u64>,
) {
    let session = match Session::open(config(&around)).await {
        Ok(session) => session,
        Err(error) => {
            // There is nothing to show it in: the window waits for this session.
            tracing::error!(%error, "the app could not start");
            std::process::exit(1);
        }
    };
    let views = session.view();
    let prefs_file = PrefsFile::in_folder(&around.data);
    let send: Wishes = Arc::new(move |wish| session.send(wish));
    wishes.opened(Arc::clone(&send));
    let wiring = Wiring {
        views,
        wishes: send,
        prefs: prefs_file.load(around.prefs),
        prefs_file,
        demo_devices: around.demo_devices(),
        server: around.server.clone().unwrap_or_default(),
        called,
    };
    // Err: the window was closed meanwhile.
    let _ = ready.send(wiring);
}

fn config(around: &Surroundings) -> SessionConfig {
    let (prefs_file, first) = (PrefsFile::in_folder(&around.data), around.prefs);
    let words = Box::new(move |note: &LocalNote| {
        // The language may have been changed since the start; notes are few.
        let (title, body) = words::local_note(prefs_file.load(first).lang, note);
        Spoken { title, body }
    });
    let mut config = SessionConfig::new(&around.data, miantan_platform::services(&around.data, Some(words)));
    around.prefs.lang.code().clone_into(&mut config.locale);
    config.media.camera.clone_from(&around.camera);
    config.media.microphone.clone_from(&around.microphone);
    config.media.speaker.clone_from(&around.speaker);
    config
}
