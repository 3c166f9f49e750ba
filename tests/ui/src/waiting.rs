//! Waiting for something to be on the screen, or to leave it: polled, with a deadline that tells what was there
//! instead. It never sleeps for a fixed time.
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::app::App;

/// How often the screen is looked at.
pub(crate) const POLL: Duration = Duration::from_millis(50);
/// An event that was sent arrives in the page within this.
pub(crate) const ARRIVE: Duration = Duration::from_secs(5);

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// `app.see("等候中").within(20).await?`
#[derive(Debug)]
#[must_use = "it waits only when awaited"]
pub struct See<'a> {
    app: &'a App,
    text: &'a str,
    within: Duration,
}

impl<'a> See<'a> {
    pub(crate) fn new(app: &'a App, text: &'a str) -> Self {
        Self { app, text, within: app.patience() }
    }

    /// Waits for at most so many seconds instead of the app's patience.
    pub fn within(mut self, seconds: u64) -> Self {
        self.within = Duration::from_secs(seconds);
        self
    }
}

impl<'a> IntoFuture for See<'a> {
    type Output = Result<()>;
    type IntoFuture = Waiting<'a>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(wait(self.app, self.text, self.within, true))
    }
}

/// `app.not_see("响铃中").within(5).await?`
#[derive(Debug)]
#[must_use = "it waits only when awaited"]
pub struct NotSee<'a> {
    app: &'a App,
    text: &'a str,
    within: Duration,
}

impl<'a> NotSee<'a> {
    pub(crate) fn new(app: &'a App, text: &'a str) -> Self {
        Self { app, text, within: app.patience() }
    }

    /// Waits for at most so many seconds instead of the app's patience.
    pub fn within(mut self, seconds: u64) -> Self {
        self.within = Duration::from_secs(seconds);
        self
    }
}

impl<'a> IntoFuture for NotSee<'a> {
    type Output = Result<()>;
    type IntoFuture = Waiting<'a>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(wait(self.app, self.text, self.within, false))
    }
}

async fn wait(app: &App, text: &str, within: Duration, wanted: bool) -> Result<()> {
    let deadline = Instant::now() + within;
    loop {
        let missing = app.missing(text).await?;
        if missing.is_none() == wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            let what = match missing {
                Some(reason) => format!("does not see {text:?} within {} s: {reason}", within.as_secs()),
                None => format!("still sees {text:?} after {} s", within.as_secs()),
            };
            return Err(app.failure(&what).await);
        }
        tokio::time::sleep(POLL).await;
    }
}
