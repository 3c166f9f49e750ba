//! The record of a story: every step is printed with its time, and can leave a numbered picture. It decides nothing;
//! a failing step ends the story with its error.
use std::fmt::Write as _;
use std::future::IntoFuture;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::app::App;

/// Runs the steps of a story one after the other.
#[derive(Debug)]
pub struct Story {
    out: PathBuf,
    started: Instant,
    steps: Vec<(String, Duration)>,
    pictures: u32,
}

impl Story {
    /// A story whose pictures go into `out`, which is made.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn begin(out: impl Into<PathBuf>) -> Result<Self> {
        let out = out.into();
        std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
        Ok(Self { out, started: Instant::now(), steps: Vec::new(), pictures: 0 })
    }

    /// Does one step and prints how long it took.
    ///
    /// # Errors
    /// The step's error, with its name and number.
    pub async fn step<T>(&mut self, name: &str, doing: impl IntoFuture<Output = Result<T>>) -> Result<T> {
        let number = self.steps.len() + 1;
        let started = Instant::now();
        let done = doing.into_future().await;
        let took = started.elapsed();
        let word = if done.is_ok() { "ok" } else { "FAILED" };
        println!("{number:>3}. {name} … {word} ({:.2} s)", took.as_secs_f64());
        self.steps.push((name.to_owned(), took));
        done.with_context(|| format!("step {number} failed: {name}"))
    }

    /// Saves the window as `NN-name.png`, counting up over the whole story, and returns the file.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub async fn picture(&mut self, app: &App, name: &str) -> Result<PathBuf> {
        self.pictures += 1;
        let file = self.out.join(format!("{:02}-{name}.png", self.pictures));
        app.screenshot(&file).await?;
        Ok(file)
    }

    /// Where the pictures go.
    #[must_use]
    pub fn out(&self) -> &Path {
        &self.out
    }

    /// The table at the end: how long each step took, and the whole.
    #[must_use]
    pub fn table(&self) -> String {
        let mut table = String::new();
        for (number, (name, took)) in self.steps.iter().enumerate() {
            let _ = writeln!(table, "{:>3} {:>8.2} s  {name}", number + 1, took.as_secs_f64());
        }
        let _ = writeln!(table, "    {:>8.2} s  all", self.started.elapsed().as_secs_f64());
        table
    }
}
