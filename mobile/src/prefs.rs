//! What this device's person chose for the interface: language, light or dark, size of text. Kept in a small
//! file in the app's folder; nothing about a person or a server is in it.

use crate::i18n::Lang;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Value of `data-theme`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

/// Sizes of text to choose from, in percent of the system's own.
pub const TEXT_SIZES: [u16; 4] = [100, 125, 150, 200];

/// The choices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Prefs {
    pub lang: Lang,
    pub theme: Theme,
    /// Percent; kept within 80 to 200.
    pub text: u16,
}

impl Default for Prefs {
    fn default() -> Self {
        Self { lang: Lang::default(), theme: Theme::default(), text: 100 }
    }
}

impl Prefs {
    pub fn text_percent(&self) -> u16 {
        self.text.clamp(80, 200)
    }
}

/// Where the choices are kept; without a folder they last for this run.
#[derive(Debug, Clone, Default)]
pub struct PrefsFile(Option<PathBuf>);

impl PrefsFile {
    pub fn in_folder(folder: &Path) -> Self {
        Self(Some(folder.join("interface.json")))
    }

    /// What is stored. A file that cannot be read counts as none; `first` is what holds then.
    pub fn load(&self, first: Prefs) -> Prefs {
        let read = self.0.as_deref().and_then(|path| std::fs::read(path).ok());
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(first)
    }

    /// Stores the choices: a new file takes the old one's place, so that a killed app leaves a whole one. Blocks
    /// for as long as a small file takes; call it away from the interface.
    pub fn store(&self, prefs: &Prefs) -> std::io::Result<()> {
        match self.0.as_deref() {
            Some(path) => write(path, &serde_json::to_vec(prefs)?),
            None => Ok(()),
        }
    }

    /// Emoji picked lately, the newest first; they say nothing about anybody.
    pub fn load_emoji(&self) -> Vec<String> {
        let read = self.emoji().and_then(|path| std::fs::read(path).ok());
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// As [`PrefsFile::store`].
    pub fn store_emoji(&self, recent: &[String]) -> std::io::Result<()> {
        match self.emoji() {
            Some(path) => write(&path, &serde_json::to_vec(recent)?),
            None => Ok(()),
        }
    }

    fn emoji(&self) -> Option<PathBuf> {
        Some(self.0.as_deref()?.with_file_name("emoji.json"))
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, bytes)?;
    std::fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_come_back_and_rubbish_does_not_hurt() {
        let folder = std::env::temp_dir().join(format!("miantan-prefs-{}", std::process::id()));
        let file = PrefsFile::in_folder(&folder);
        let first = Prefs { lang: Lang::En, ..Prefs::default() };
        assert_eq!(file.load(first), first);
        let chosen = Prefs { lang: Lang::Zh, theme: Theme::Dark, text: 150 };
        file.store(&chosen).expect("a folder to write in");
        assert_eq!(file.load(first), chosen);
        std::fs::write(folder.join("interface.json"), "{").expect("a folder to write in");
        assert_eq!(file.load(first), first);
        std::fs::write(folder.join("interface.json"), r#"{"theme":"light","later":1}"#).expect("written");
        assert_eq!(file.load(first), Prefs { theme: Theme::Light, ..Prefs::default() });
        assert_eq!(file.load_emoji(), Vec::<String>::new());
        file.store_emoji(&["👍".into(), "🙏".into()]).expect("a folder to write in");
        assert_eq!(file.load_emoji(), ["👍", "🙏"]);
        std::fs::remove_dir_all(&folder).expect("our own folder");
    }

    #[test]
    fn text_stays_readable() {
        assert_eq!(Prefs { text: 0, ..Prefs::default() }.text_percent(), 80);
        assert_eq!(Prefs { text: 900, ..Prefs::default() }.text_percent(), 200);
    }

    #[test]
    fn themes_have_names() {
        for theme in Theme::ALL {
            assert_eq!(Theme::from_name(theme.name()), Some(theme));
        }
        assert_eq!(Theme::from_name("sepia"), None);
    }
}
