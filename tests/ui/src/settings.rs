//! What an app process is started with. It never starts anything.
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::display::Display;

/// Where a window stands on the display and how large its inside is, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub width: u32,
    pub height: u32,
    pub x: i32,
    pub y: i32,
}

impl fmt::Display for Place {
    /// The form of `MIANTAN_WINDOW`: `390x844+0+0`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}+{}+{}", self.width, self.height, self.x, self.y)
    }
}

/// How one app process is started: which program, whose, where.
#[derive(Debug, Clone)]
pub struct AppSettings {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) display: Display,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) env: Vec<(String, OsString)>,
    pub(crate) data: PathBuf,
    pub(crate) out: PathBuf,
    pub(crate) place: Place,
    pub(crate) patience: Duration,
}

impl AppSettings {
    /// `name` is who holds the phone ("lin"); it names the log, the data folder and the screenshots. The app gets a
    /// window of 390 × 844 at the left top of `display`.
    pub fn new(name: &str, program: impl Into<PathBuf>, display: &Display) -> Self {
        let out = std::env::var_os("MIANTAN_UI_OUT")
            .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ui"), PathBuf::from);
        Self {
            name: name.to_owned(),
            program: program.into(),
            display: display.clone(),
            arguments: Vec::new(),
            env: Vec::new(),
            data: out.join(format!("data-{name}")),
            out,
            place: Place { width: 390, height: 844, x: 0, y: 0 },
            patience: Duration::from_secs(10),
        }
    }

    /// The app's own data folder (`MIANTAN_APP_DATA`). It is kept as it is: the caller empties it.
    #[must_use]
    pub fn data(mut self, folder: impl Into<PathBuf>) -> Self {
        self.data = folder.into();
        self
    }

    /// Where screenshots of failures and the app's log go.
    #[must_use]
    pub fn out(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out = folder.into();
        self
    }

    /// Where the window stands (`MIANTAN_WINDOW`).
    #[must_use]
    pub fn place(mut self, width: u32, height: u32, x: i32, y: i32) -> Self {
        self.place = Place { width, height, x, y };
        self
    }

    /// One more command line argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// One more environment variable, such as `MIANTAN_SERVER`.
    #[must_use]
    pub fn env(mut self, key: &str, value: impl Into<OsString>) -> Self {
        self.env.push((key.to_owned(), value.into()));
        self
    }

    /// How long a step waits when it names no time of its own. 10 s unless told.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }
}
