//! The app: reads its surroundings, opens a session, wires it and the system's services to the interface. Nothing
//! else happens here, and nowhere else are the three put together.
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
use miantan_client::{Session, SessionConfig};
use miantan_mobile::app::App;
use miantan_mobile::bridge::Wiring;
use miantan_mobile::prefs::PrefsFile;
use miantan_mobile::{page, window};
use std::io::IsTerminal as _;
use std::sync::Arc;
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
    // The session lives on threads of its own: the interface's tasks stall while its page sleeps. Kept to the end of
    // the process, as `launch` never returns.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .context("no threads to run on")?;
    let session = runtime.block_on(Session::open(config(&around))).context("the app could not start")?;
    let views = session.view();
    let prefs_file = PrefsFile::in_folder(&around.data);
    let wiring = Wiring {
        views,
        wishes: Arc::new(move |wish| session.send(wish)),
        prefs: prefs_file.load(around.prefs),
        prefs_file,
        demo_devices: around.demo_devices(),
        server: around.server.clone().unwrap_or_default(),
    };
    let wishes = Arc::clone(&wiring.wishes);
    let window = window::config(page::TITLE, page::index(), around.place, Some(&around.data));
    let window = window::with_system_events(window, move |wish| wishes(wish));
    let _entered = runtime.enter();
    LaunchBuilder::desktop().with_cfg(window).with_context(wiring).launch(App);
    Ok(())
}

fn config(around: &Surroundings) -> SessionConfig {
    let mut config = SessionConfig::new(&around.data, miantan_platform::services(&around.data));
    around.prefs.lang.code().clone_into(&mut config.locale);
    config.media.camera.clone_from(&around.camera);
    config.media.microphone.clone_from(&around.microphone);
    config.media.speaker.clone_from(&around.speaker);
    config
}
