//! Pointer and keyboard of the display, worked by `xdotool`: what the app gets are X events, as from a real mouse.
//! It never touches the page.
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// One app's window on its display.
#[derive(Debug, Clone)]
pub(crate) struct Pointer {
    display: String,
    window: String,
}

/// Position and inner size of a window on its display, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WindowBox {
    pub x: i32,
    pub y: i32,
    pub width: u32,
    pub height: u32,
}

impl Pointer {
    /// The visible window of the process `pid`, or `None` when it has none yet.
    ///
    /// # Errors
    /// When `xdotool` is missing.
    pub fn find(display: &str, pid: u32) -> Result<Option<Self>> {
        let found = run(display, &["search", "--onlyvisible", "--pid", &pid.to_string()]);
        let found = match found {
            Ok(text) => text,
            Err(Failed::Missing) => bail!("xdotool is needed: run `cargo xtask setup`"),
            Err(Failed::Said(_)) => return Ok(None), // it ends with 1 when nothing was found
        };
        // GTK opens a 1×1 helper window beside the real one: the largest is the app's.
        let mut best: Option<(u64, Self)> = None;
        for window in found.split_whitespace() {
            let pointer = Self { display: display.to_owned(), window: window.to_owned() };
            if let Ok(place) = pointer.place() {
                let area = u64::from(place.width) * u64::from(place.height);
                if area > 100 && best.as_ref().is_none_or(|(largest, _)| area > *largest) {
                    best = Some((area, pointer));
                }
            }
        }
        Ok(best.map(|(_, pointer)| pointer))
    }

    /// Where the window is now.
    pub fn place(&self) -> Result<WindowBox> {
        let text = self.run(&["getwindowgeometry", "--shell", &self.window])?;
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .context("xdotool said no geometry")
        };
        Ok(WindowBox {
            x: value("X")?.parse()?,
            y: value("Y")?.parse()?,
            width: value("WIDTH")?.parse()?,
            height: value("HEIGHT")?.parse()?,
        })
    }

    /// Moves the pointer to a point inside the window and presses the left button there.
    pub fn click(&self, x: i32, y: i32) -> Result<()> {
        let (x, y) = (x.to_string(), y.to_string());
        self.run(&[
            "windowraise",
            &self.window,
            "mousemove",
            "--window",
            &self.window,
            &x,
            &y,
            "click",
            "1",
        ])?;
        Ok(())
    }

    /// Moves the pointer without pressing.
    pub fn move_to(&self, x: i32, y: i32) -> Result<()> {
        let (x, y) = (x.to_string(), y.to_string());
        self.run(&["windowraise", &self.window, "mousemove", "--window", &self.window, &x, &y])?;
        Ok(())
    }

    /// Types characters of the keyboard, one key after the other.
    pub fn keys(&self, text: &str) -> Result<()> {
        // Without a window manager nobody gives a window the keyboard.
        self.run(&["windowfocus", &self.window])?;
        self.run(&["type", "--clearmodifiers", "--delay", "15", "--", text])?;
        Ok(())
    }

    /// Presses one key by its X name, such as `Return`.
    pub fn key(&self, name: &str) -> Result<()> {
        self.run(&["windowfocus", &self.window])?;
        self.run(&["key", "--clearmodifiers", "--", name])?;
        Ok(())
    }

    /// The visible windows of a process, without GTK's small helpers.
    pub fn siblings(&self, process: u32) -> Result<Vec<String>> {
        let found = run(&self.display, &["search", "--onlyvisible", "--pid", &process.to_string()]);
        let found = match found {
            Ok(text) => text,
            Err(Failed::Missing) => bail!("xdotool is needed: run `cargo xtask setup`"),
            Err(Failed::Said(_)) => return Ok(Vec::new()),
        };
        let large = |window: &&str| {
            let other = Self { display: self.display.clone(), window: (*window).to_owned() };
            other.place().is_ok_and(|place| place.width > 50 && place.height > 50)
        };
        Ok(found.split_whitespace().filter(large).map(str::to_owned).collect())
    }

    /// Types a path into GTK's file chooser and takes it: a slash opens its line for paths.
    pub fn choose(&self, chooser: &str, path: &str) -> Result<()> {
        self.run(&["windowfocus", "--sync", chooser])?;
        self.run(&["key", "--clearmodifiers", "ctrl+a"])?;
        self.run(&["type", "--clearmodifiers", "--delay", "20", "--", path])?;
        self.run(&["key", "--clearmodifiers", "Return"])?;
        Ok(())
    }

    /// Gives the window another size.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        self.run(&["windowsize", &self.window, &width.to_string(), &height.to_string()])?;
        Ok(())
    }

    fn run(&self, arguments: &[&str]) -> Result<String> {
        match run(&self.display, arguments) {
            Ok(text) => Ok(text),
            Err(Failed::Missing) => bail!("xdotool is needed: run `cargo xtask setup`"),
            Err(Failed::Said(text)) => {
                bail!("xdotool {}: {text}", arguments.first().copied().unwrap_or_default())
            }
        }
    }
}

enum Failed {
    Missing,
    Said(String),
}

fn run(display: &str, arguments: &[&str]) -> Result<String, Failed> {
    let output = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", display)
        .stdin(Stdio::null())
        .output()
        .map_err(|_| Failed::Missing)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failed::Said(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}
