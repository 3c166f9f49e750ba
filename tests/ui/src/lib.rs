//! Drives the app's real window the way a person does: it finds a control by the name a person reads, makes sure
//! that it can really be reached, and presses it with X events; it reads only what is drawn on the screen.
//!
//! It never calls into the app's code, never reads its files, and never waits for a fixed time: every wait is polled
//! and ends with an error that tells what was on the screen instead.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use miantan_ui::{App, AppSettings, Display};
//! let display = Display::start(800, 900)?;
//! let mut lin = App::start(AppSettings::new("lin", "/path/to/app", &display)).await?;
//! lin.type_into("邀请码", "ABCD-EFGH").await?;
//! lin.tap("进入面谈房间").await?;
//! lin.see("等候中").within(20).await?;
//! # Ok(()) }
//! ```
mod app;
mod arguments;
mod display;
pub mod film;
mod hands;
mod inspector;
mod page;
pub mod people;
mod pointer;
mod process;
mod running;
mod settings;
mod story;
mod waiting;

pub use app::App;
pub use arguments::Arguments;
pub use display::Display;
pub use inspector::Inspector;
pub use page::{Refused, SmallTarget};
pub use process::Group;
pub use settings::{AppSettings, Place};
pub use story::Story;
pub use waiting::{NotSee, See};
