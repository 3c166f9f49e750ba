//! The start of an app process: its environment, its window, the inspector in it. Once it runs, nothing here acts.
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::sync::Mutex;

use crate::inspector::Inspector;
use crate::page;
use crate::pointer::Pointer;
use crate::process::Group;
use crate::settings::AppSettings;
use crate::waiting::{ARRIVE, POLL};

/// A window is open and drawn within this, or the start has failed (a debug build under load is slow).
const START: Duration = Duration::from_mins(1);

/// A process with an open window.
#[derive(Debug)]
pub(crate) struct Running {
    pub group: std::sync::Mutex<Group>,
    pub inspector: Mutex<Inspector>,
    pub pointer: Pointer,
    /// The window gets X events.
    pub real: bool,
}

impl Running {
    /// Starts the app and waits until its page shows something.
    pub async fn launch(settings: &AppSettings) -> Result<Self> {
        std::fs::create_dir_all(&settings.out)?;
        std::fs::create_dir_all(&settings.data)?;
        let port = free_port()?;
        let mut group = Group::spawn(&mut command(settings, Some(port))?)?;
        let deadline = Instant::now() + START;
        let mut state = String::from("no window");
        let (mut inspector, pointer) = loop {
            if let Some(ended) = group.ended() {
                bail!("the app {ended}");
            }
            if let Some(pointer) = Pointer::find(settings.display.name(), group.id())? {
                match Inspector::connect(port).await {
                    Ok(inspector) => break (inspector, pointer),
                    Err(error) => state = format!("a window, but {error:#}"),
                }
            }
            if Instant::now() > deadline {
                bail!("nothing after {} s: {state}", START.as_secs());
            }
            tokio::time::sleep(POLL).await;
        };
        while page::ask(&mut inspector, "screen", &[]).await.ok().is_none_or(|text| text == "") {
            if Instant::now() > deadline {
                bail!("the window stays empty");
            }
            tokio::time::sleep(POLL).await;
        }
        let real = hears_pointer(&mut inspector, &pointer, settings).await?;
        if !real {
            let display = settings.display.name();
            eprintln!("note: {} gets no X events on {display}; events are made in the page", settings.name);
        }
        Ok(Self { group: std::sync::Mutex::new(group), inspector: Mutex::new(inspector), pointer, real })
    }
}

/// The app with all that it is started with; without an inspector nobody looks into its page.
pub(crate) fn command(settings: &AppSettings, inspector: Option<u16>) -> Result<Command> {
    let log = std::fs::File::options().create(true).append(true).open(log_path(settings))?;
    let mut command = Command::new(&settings.program);
    command
        .args(&settings.arguments)
        .env("DISPLAY", settings.display.name())
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        // Dioxus finds its assets beside the manifest of the app when it was not bundled.
        .env("CARGO_MANIFEST_DIR", Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mobile"))
        .env("MIANTAN_APP_DATA", &settings.data)
        .env("MIANTAN_WINDOW", settings.place.to_string())
        .envs(settings.env.iter().map(|(key, value)| (key, value)))
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    if let Some(port) = inspector {
        command.env("WEBKIT_INSPECTOR_HTTP_SERVER", format!("127.0.0.1:{port}"));
    }
    Ok(command)
}

/// Moves the real pointer over the window and asks the page whether it noticed.
async fn hears_pointer(inspector: &mut Inspector, pointer: &Pointer, settings: &AppSettings) -> Result<bool> {
    const HEARD: &str = "window.__miantanDriver.heard.some((e) => e.type === 'mousemove' && e.real)";
    let _hands = settings.display.hands.lock().await;
    page::ask(inspector, "listen", &[]).await?;
    let deadline = Instant::now() + ARRIVE;
    let mut x = 20;
    while Instant::now() < deadline {
        x = if x == 20 { 30 } else { 20 };
        pointer.move_to(x, 20)?;
        tokio::time::sleep(POLL).await;
        if inspector.evaluate(HEARD).await? == true {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A port of 127.0.0.1 that was free a moment ago.
fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Where the app's own output goes, one file for all of its starts.
pub(crate) fn log_path(settings: &AppSettings) -> PathBuf {
    settings.out.join(format!("{}.log", settings.name))
}

/// The last lines of that file.
pub(crate) fn log_end(settings: &AppSettings, lines: usize) -> String {
    let text = std::fs::read_to_string(log_path(settings)).unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}
