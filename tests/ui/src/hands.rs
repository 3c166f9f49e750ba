//! How a control is reached and pressed: waits until a person could, then works the real pointer and makes sure that
//! the page got it. It never presses what is hidden, switched off, moving or covered.
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::json;

use crate::app::App;
use crate::page::{Point, Refused, numbers, point_or_refusal};
use crate::waiting::{ARRIVE, POLL};

/// A control that moves less than this between two looks rests (one that only pulses can be pressed), in CSS pixels.
const REST: f64 = 2.0;

impl App {
    pub(crate) async fn press(&self, name: &str, near: Option<&str>) -> Result<()> {
        let running = self.running()?;
        // Waiting for the control does not keep others from the pointer; what has changed meanwhile is seen after.
        self.reach(name, near).await?;
        let hands = self.settings.display.hands.lock().await;
        let at = self.reach(name, near).await?;
        self.ask("listen", &[]).await?;
        if !running.real {
            self.ask("dispatch", &[json!(at.x), json!(at.y)]).await?;
            return Ok(());
        }
        let (x, y) = self.on_window(at).await?;
        let pointer = running.pointer.clone();
        tokio::task::spawn_blocking(move || pointer.click(x, y)).await??;
        let deadline = Instant::now() + ARRIVE;
        loop {
            let heard = self.measure("window.__miantanDriver.heard").await?;
            let heard = heard.as_array().cloned().unwrap_or_default();
            if heard.iter().any(|event| event["type"] == "click" && event["real"] == true) {
                return Ok(());
            }
            if Instant::now() > deadline {
                drop(hands);
                let what =
                    format!("the press on {name:?} at {x},{y} did not arrive; the page heard {heard:?}");
                return Err(self.failure(&what).await);
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the control can be pressed and rests.
    pub(crate) async fn reach(&self, name: &str, near: Option<&str>) -> Result<Point> {
        let started = Instant::now();
        let mut before: Option<Point> = None;
        loop {
            let answer = self.ask("probe", &[json!(name), json!(near)]).await?;
            let refused = match point_or_refusal(&answer) {
                Ok(now) if before.is_some_and(|before| rests(before, now)) => return Ok(now),
                Ok(now) => {
                    before = Some(now);
                    Refused::Moving
                }
                Err(refused) => {
                    before = None;
                    refused
                }
            };
            if started.elapsed() > self.settings.patience {
                let what = format!(
                    "cannot press {name:?}{} after {:.1} s: {refused}",
                    near.map(|near| format!(" near {near:?}")).unwrap_or_default(),
                    started.elapsed().as_secs_f64()
                );
                return Err(self.failure(&what).await.context(refused));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// From CSS pixels of the viewport to pixels of the X window (they differ on a scaled display).
    async fn on_window(&self, at: Point) -> Result<(i32, i32)> {
        let [_, _, width, height, _] = numbers::<5>(&self.ask("place", &[]).await?);
        let place = self.running()?.pointer.place()?;
        // What the window has more than the page (a menu bar) stands above the page.
        let scale = f64::from(place.width) / width;
        let above = f64::from(place.height) - height * scale;
        Ok(((at.x * scale).round() as i32, (above + at.y * scale).round() as i32))
    }
}

fn rests(before: Point, now: Point) -> bool {
    (before.x - now.x).abs() < REST && (before.y - now.y).abs() < REST
}
