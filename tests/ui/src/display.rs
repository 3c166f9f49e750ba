//! An X display of our own (Xvfb) on a number that nobody else uses. It never touches the display of whoever runs
//! the tests.
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use tokio::sync::Mutex;

use crate::process::Group;

/// A display to open windows on: an Xvfb that ends when this is dropped, or one that exists already.
#[derive(Debug, Clone)]
pub struct Display {
    name: String,
    // One pointer and one keyboard per display: two apps on it take turns.
    pub(crate) hands: Arc<Mutex<()>>,
    _server: Option<Arc<ServerGuard>>,
}

#[derive(Debug)]
struct ServerGuard {
    _group: Group,
}

impl Display {
    /// Starts an Xvfb of `width` × `height` pixels, 24 bits deep.
    ///
    /// # Errors
    /// When Xvfb is missing (`cargo xtask setup` installs it) or does not come up.
    pub fn start(width: u32, height: u32) -> Result<Self> {
        let (reader, writer) = std::io::pipe().context("cannot make a pipe for Xvfb")?;
        let screen = format!("{width}x{height}x24");
        // Xvfb picks a free number and writes it to its standard output, which is our pipe.
        let mut command = Command::new("Xvfb");
        command
            .args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"])
            .stdout(writer)
            .stderr(Stdio::null())
            .process_group(0);
        let mut group = Group::spawn(&mut command).context("Xvfb is needed: run `cargo xtask setup`")?;
        drop(command); // our copy of the writing end, so that a dying Xvfb ends the read below
        let mut number = String::new();
        BufReader::new(reader).read_line(&mut number).context("cannot read from Xvfb")?;
        let number = number.trim();
        if number.is_empty() {
            bail!("Xvfb {} before it offered a display", group.ended().unwrap_or_else(|| "stopped".into()));
        }
        Ok(Self {
            name: format!(":{number}"),
            hands: Arc::default(),
            _server: Some(Arc::new(ServerGuard { _group: group })),
        })
    }

    /// A display that runs already, such as `:0`.
    #[must_use]
    pub fn existing(name: impl Into<String>) -> Self {
        Self { name: name.into(), hands: Arc::default(), _server: None }
    }

    /// The display's name as in `DISPLAY`, for example `:99`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_displays_are_two() {
        let first = Display::start(320, 200).expect("Xvfb starts");
        let second = Display::start(320, 200).expect("Xvfb starts");
        assert_ne!(first.name(), second.name());
    }

    #[test]
    fn a_display_ends_with_its_last_owner() {
        let display = Display::start(320, 200).expect("Xvfb starts");
        let socket = format!("/tmp/.X11-unix/X{}", display.name().trim_start_matches(':'));
        assert!(std::os::unix::net::UnixStream::connect(&socket).is_ok());
        let second = display.clone();
        drop(display);
        assert!(std::os::unix::net::UnixStream::connect(&socket).is_ok());
        drop(second);
        assert!(std::os::unix::net::UnixStream::connect(&socket).is_err());
    }
}
