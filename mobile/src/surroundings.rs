//! What the environment says, read once at the start. Made-up devices exist only with the feature `synthetic`; without
//! it their variables are not even looked at.

use miantan_mobile::i18n::Lang;
use miantan_mobile::prefs::{Prefs, Theme};
use miantan_mobile::window::Place;
use std::path::PathBuf;

/// The environment as the app understands it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub data: PathBuf,
    pub server: Option<String>,
    pub place: Place,
    /// Until the person chooses.
    pub prefs: Prefs,
    pub camera: Option<String>,
    pub microphone: Option<String>,
    pub speaker: Option<String>,
}

impl Surroundings {
    pub fn read() -> Self {
        Self::from(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
    }

    fn from(variable: impl Fn(&str) -> Option<String>) -> Self {
        let lang = variable("MIANTAN_LANG")
            .or_else(|| variable("LC_ALL"))
            .or_else(|| variable("LANG"))
            .and_then(|name| Lang::from_locale(&name))
            .unwrap_or_default();
        let theme = variable("MIANTAN_THEME").and_then(|name| Theme::from_name(&name)).unwrap_or_default();
        let device = |name: &str| if cfg!(feature = "synthetic") { variable(name) } else { None };
        Self {
            data: variable("MIANTAN_APP_DATA").map_or_else(|| usual_folder(&variable), PathBuf::from),
            server: variable("MIANTAN_SERVER"),
            place: variable("MIANTAN_WINDOW").and_then(|text| Place::parse(&text)).unwrap_or_default(),
            prefs: Prefs { lang, theme, ..Prefs::default() },
            camera: device("MIANTAN_CAMERA"),
            microphone: device("MIANTAN_MICROPHONE"),
            speaker: device("MIANTAN_SPEAKER"),
        }
    }

    /// Picture or sound are made by the program: said on screen.
    pub fn demo_devices(&self) -> bool {
        [&self.camera, &self.microphone, &self.speaker]
            .into_iter()
            .any(|device| device.as_deref().is_some_and(|name| name.starts_with("synthetic")))
    }
}

/// Where this system wants an app's data, outside of what it backs up where it makes a difference.
fn usual_folder(variable: &impl Fn(&str) -> Option<String>) -> PathBuf {
    let home = || variable("HOME").map_or_else(std::env::temp_dir, PathBuf::from);
    if cfg!(target_os = "android") {
        // Android keeps HOME unset; the app's own folder is the parent of its cache folder.
        variable("TMPDIR").map_or_else(std::env::temp_dir, PathBuf::from).join("../no_backup/miantan")
    } else if cfg!(any(target_os = "ios", target_os = "macos")) {
        home().join("Library/Application Support/miantan")
    } else {
        variable("XDG_DATA_HOME").map_or_else(|| home().join(".local/share"), PathBuf::from).join("miantan")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)]) -> Surroundings {
        Surroundings::from(|name| {
            variables.iter().find(|(of, _)| *of == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_demo_says_everything() {
        let found = around(&[
            ("MIANTAN_APP_DATA", "/tmp/a"),
            ("MIANTAN_SERVER", "http://127.0.0.1:8080"),
            ("MIANTAN_WINDOW", "390x844+20+30"),
            ("MIANTAN_LANG", "en"),
            ("MIANTAN_THEME", "dark"),
            ("MIANTAN_CAMERA", "synthetic"),
        ]);
        assert_eq!(found.data, PathBuf::from("/tmp/a"));
        assert_eq!(found.server.as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(found.place.at, Some((20.0, 30.0)));
        assert_eq!(found.prefs, Prefs { lang: Lang::En, theme: Theme::Dark, text: 100 });
        assert_eq!(found.demo_devices(), cfg!(feature = "synthetic"));
    }

    #[test]
    fn nothing_said_means_chinese_on_a_phone() {
        let found = around(&[("HOME", "/home/lin"), ("LANG", "C.UTF-8")]);
        assert_eq!(found.prefs, Prefs::default());
        assert_eq!(found.place, Place::default());
        assert!(!found.demo_devices());
        assert!(found.data.starts_with("/home/lin"));
    }

    #[test]
    fn the_systems_language_counts_unless_told_otherwise() {
        assert_eq!(around(&[("LANG", "en_GB.UTF-8")]).prefs.lang, Lang::En);
        assert_eq!(around(&[("LANG", "en_GB.UTF-8"), ("MIANTAN_LANG", "zh-CN")]).prefs.lang, Lang::Zh);
    }
}
