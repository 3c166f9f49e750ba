//! The app's start: from before the process exists until its first screen stands as it stays. Each start has a new
//! process and an empty data folder; the machine's file cache is warm after the first, which is not counted.
//!
//! The first, uncounted start waits until the picture rests; the others end when the display shows the same. So neither
//! an empty window nor a half-drawn page counts as a screen; `first-screen.ppm` shows what did.
use std::fs::File;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::Bench;
use super::figure::{Metric, Samples};
use super::screen::{Picture, Screen};
use crate::sh::{self, Background};

pub const METRICS: &[Metric] = &[Metric::at_most("app_first_screen_ms", "ms", 1_000.0)];

const SIZE: (u32, u32) = (390, 844);
/// A start that shows nothing by then has failed.
const LIMIT: Duration = Duration::from_mins(1);
/// A picture that does not change for so long stays.
const REST: Duration = Duration::from_secs(3);
/// How often the display is looked at.
const LOOK: Duration = Duration::from_millis(4);
/// A blinking caret may differ; a word may not.
const SAME: f64 = 0.002;
/// Less than this is an empty page.
const BUSY: f64 = 0.01;

pub fn measure(bench: &Bench, samples: &mut Samples) -> Result<()> {
    let app = bench.program("miantan-mobile", "miantan-mobile")?;
    let screen = Screen::start(&bench.folder, SIZE.0, SIZE.1)?;
    let empty = screen.look()?;
    let start = |name: &str| start(app, &screen, &bench.folder.join(name));
    let rested = rest(&mut start("first")?, &screen, &empty)?;
    rested.write(&bench.folder.join("first-screen.ppm"))?;
    until(&screen, |picture| picture.difference(&empty) < SAME)?;
    for n in 0..bench.runs {
        let began = Instant::now();
        let mut app = start(&format!("run-{n}"))?;
        let took = loop {
            if screen.look()?.difference(&rested) < SAME {
                break began.elapsed();
            }
            alive(&mut app, began)?;
            std::thread::sleep(LOOK);
        };
        samples.add("app_first_screen_ms", took.as_secs_f64() * 1_000.0);
        println!("first screen after {} ms", took.as_millis());
        drop(app);
        until(&screen, |picture| picture.difference(&empty) < SAME)?;
    }
    Ok(())
}

fn start(app: &Path, screen: &Screen, data: &Path) -> Result<Background> {
    std::fs::create_dir_all(data)?;
    let log = File::create(data.join("app.log"))?;
    let mut command = sh::command(app, &[]);
    command
        .env("CARGO_MANIFEST_DIR", sh::root().join("mobile"))
        .env("DISPLAY", &screen.display)
        .env("GDK_BACKEND", "x11")
        .env("NO_AT_BRIDGE", "1")
        .env("MIANTAN_APP_DATA", data)
        .env("MIANTAN_WINDOW", format!("{}x{}+0+0", SIZE.0, SIZE.1))
        .env("MIANTAN_LANG", "zh-CN")
        .env("MIANTAN_THEME", "light")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1")
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .stdout(log.try_clone()?)
        .stderr(log);
    Background::start("app", &mut command)
}

/// The picture that the app comes to rest with.
fn rest(app: &mut Background, screen: &Screen, empty: &Picture) -> Result<Picture> {
    let began = Instant::now();
    let (mut last, mut since) = (screen.look()?, Instant::now());
    loop {
        std::thread::sleep(Duration::from_millis(50));
        let picture = screen.look()?;
        if picture.difference(&last) >= SAME {
            (last, since) = (picture, Instant::now());
        } else if since.elapsed() > REST && picture.difference(empty) >= SAME && picture.busy() > BUSY {
            return Ok(last);
        }
        alive(app, began)?;
    }
}

fn alive(app: &mut Background, began: Instant) -> Result<()> {
    if let Some(status) = app.ended() {
        bail!("the app ended ({status}) before it showed anything");
    }
    if began.elapsed() > LIMIT {
        bail!("the app shows no screen within {} s, or one that never rests", LIMIT.as_secs());
    }
    Ok(())
}

/// Waits for the display to become so.
fn until(screen: &Screen, so: impl Fn(&Picture) -> bool) -> Result<()> {
    let began = Instant::now();
    while !so(&screen.look()?) {
        if began.elapsed() > LIMIT {
            bail!("the display does not become empty");
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}
