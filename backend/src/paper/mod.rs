//! An online résumé on paper: a PDF (A4) that shows Chinese, with text that can be selected and searched.
//!
//! [`fonts`] finds the typefaces on this machine, [`breaks`] decides where a line may end, [`shape`] turns text
//! into glyphs, [`layout`] sets the sections, [`pages`] ends the pages, [`draw`] writes them. The same sheet and fonts give the same
//! bytes: no clock and no randomness are in it.
//!
//! Architecture Invariant: nothing here knows who may read a résumé. What must not be seen (a phone number before
//! an invitation is accepted, a name in a blind exam) is not put into the [`Sheet`].

mod blocks;
mod breaks;
mod draw;
mod fonts;
mod layout;
mod pages;
mod shape;
mod sheet;
#[cfg(test)]
mod tests;
mod text;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub use fonts::Fonts;
pub use sheet::{Language, Sheet};

/// Most pages; what does not fit on them is left out with a word about it.
pub const MAX_PAGES: usize = 120;

/// Why there is no paper.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    #[error(
        "no typeface with Chinese characters was found; install one (Debian, Ubuntu: apt-get install fonts-noto-cjk) \
         or name its file in the settings; looked for {looked}"
    )]
    NoFont { looked: String },
    #[error("the typeface {path} cannot be used ({why}); name another file in the settings")]
    BadFont { path: String, why: &'static str },
    /// A fault of ours or of the typeface, not of the résumé.
    #[error("the PDF could not be written: {0}")]
    Write(String),
    #[error("the printing of a résumé broke off")]
    Stopped,
}

/// Lays out and writes `sheet`. Takes some ten milliseconds a page: call it through [`Press`] from async code.
///
/// # Errors
/// [`PaperError::Write`].
pub fn print(sheet: &Sheet, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
    let book = layout::lay_out(sheet, fonts);
    draw::write(&book, sheet, fonts)
}

/// Prints on blocking threads, a few at a time.
#[derive(Clone)]
pub struct Press {
    fonts: Arc<Fonts>,
    turns: Arc<Semaphore>,
}

impl Press {
    /// `at_once` sheets are printed together, the others wait.
    pub fn new(fonts: Fonts, at_once: usize) -> Self {
        Self { fonts: Arc::new(fonts), turns: Arc::new(Semaphore::new(at_once.max(1))) }
    }

    /// As [`print`].
    ///
    /// # Errors
    /// As there; [`PaperError::Stopped`] when the thread ended early.
    pub async fn print(&self, sheet: Sheet) -> Result<Vec<u8>, PaperError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| PaperError::Stopped)?;
        let fonts = Arc::clone(&self.fonts);
        let work = tokio::task::spawn_blocking(move || {
            // The turn lasts as long as the work, also when the one who asked has gone.
            let _turn = turn;
            print(&sheet, &fonts)
        });
        work.await.unwrap_or(Err(PaperError::Stopped))
    }
}
