//! The two languages of the interface, from the Fluent files in `assets/strings`.
//!
//! A [`Lang`] is a plain value that every component gets from the context, so that every sentence can
//! be tested without a window. A missing key shows as itself; a test makes sure that none is missing.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::OnceLock;
use unic_langid::LanguageIdentifier;

/// One language's strings: a file for each part of the app.
macro_rules! strings {
    ($lang:literal) => {
        concat!(
            include_str!(concat!("../../assets/strings/", $lang, ".ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/problems.ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/fair.ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/talk.ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/account.ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/office.ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/identity.ftl")),
            "\n",
            include_str!(concat!("../../assets/strings/", $lang, "/call.ftl")),
        )
    };
}

/// The strings, as they stand in the files.
pub const SOURCES: [(Lang, &str); 2] = [(Lang::Zh, strings!("zh-CN")), (Lang::En, strings!("en"))];

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub enum Lang {
    #[default]
    #[serde(rename = "zh-CN")]
    Zh,
    #[serde(rename = "en")]
    En,
}

type Bundle = FluentBundle<FluentResource>;

impl Lang {
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// BCP 47, for the page's `lang`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Its own name, the same in every language.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }

    /// From a locale name (`zh_CN.UTF-8`, `en-GB`): Chinese for Chinese, else English; `None` where it says
    /// nothing (`C`, `POSIX`, empty).
    pub fn from_locale(name: &str) -> Option<Self> {
        let language = name.split(['-', '_', '.', '@']).next().unwrap_or_default().to_ascii_lowercase();
        match language.as_str() {
            "" | "c" | "posix" => None,
            "zh" => Some(Self::Zh),
            _ => Some(Self::En),
        }
    }

    /// The sentence of a key.
    pub fn tr(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The sentence of a key with its variables filled in.
    pub fn tr_with<'a>(self, key: &str, variables: &[(&'a str, FluentValue<'a>)]) -> String {
        let mut args = FluentArgs::with_capacity(variables.len());
        for (name, value) in variables {
            args.set(*name, value.clone());
        }
        self.format(key, Some(&args))
    }

    fn format(self, key: &str, args: Option<&FluentArgs<'_>>) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::warn!(key, lang = self.code(), "no such string");
            return key.to_owned();
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::warn!(key, lang = self.code(), "a variable of this string is missing");
        }
        text
    }

    fn bundle(self) -> &'static Bundle {
        static BUNDLES: OnceLock<[Bundle; 2]> = OnceLock::new();
        let bundles = BUNDLES.get_or_init(|| SOURCES.map(|(lang, source)| bundle(lang, source)));
        match self {
            Self::Zh => &bundles[0],
            Self::En => &bundles[1],
        }
    }
}

/// A file with a faulty entry still gives all its other entries.
fn bundle(lang: Lang, source: &str) -> Bundle {
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::warn!(lang = lang.code(), count = errors.len(), "faulty strings");
            resource
        }
    };
    let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // The marks around variables would be read aloud and compared by tests; both languages run left to right.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Key → variables, for files that keep to one message a line (continuation lines are indented).
    fn messages(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut messages = BTreeMap::<String, BTreeSet<String>>::new();
        let mut key = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if !line.starts_with(' ') {
                let (left, _) = line.split_once('=').expect("key = text");
                left.trim().clone_into(&mut key);
                assert!(messages.insert(key.clone(), BTreeSet::new()).is_none(), "{key} stands twice");
            }
            let variables = messages.get_mut(&key).expect("a message before its continuation");
            for part in line.split('$').skip(1) {
                variables
                    .insert(part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect());
            }
        }
        messages
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let [zh, en] = SOURCES.map(|(_, source)| messages(source));
        let differ: Vec<_> = zh.iter().filter(|&(key, uses)| en.get(key) != Some(uses)).collect();
        assert!(differ.is_empty(), "{differ:?}");
        assert_eq!(zh.len(), en.len());
        assert!(zh.len() > 100);
    }

    #[test]
    fn no_file_has_a_faulty_entry() {
        for (lang, source) in SOURCES {
            if let Err((_, errors)) = FluentResource::try_new(source.to_owned()) {
                panic!("{}: {errors:?}", lang.code());
            }
        }
    }

    #[test]
    fn every_key_named_in_the_code_exists() {
        let known = messages(SOURCES[0].1);
        let mut named = 0;
        for file in rust_files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
            let text = std::fs::read_to_string(&file).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for call in [".tr(\"", ".tr_with(\""] {
                for rest in code.split(call).skip(1) {
                    let key = rest.split('"').next().unwrap_or_default();
                    assert!(known.contains_key(key), "{}: {key}", file.display());
                    named += 1;
                }
            }
        }
        assert!(named > 100, "{named}");
    }

    #[test]
    fn no_string_is_left_over() {
        let files = rust_files(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")));
        let code: String =
            files.iter().map(|file| std::fs::read_to_string(file).expect("a source file")).collect();
        for key in messages(SOURCES[0].1).keys() {
            assert!(code.contains(&format!("\"{key}\"")), "{key} is not used");
        }
    }

    fn rust_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                files.extend(rust_files(&path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
        files
    }

    #[test]
    fn locales_choose_a_language() {
        for (name, lang) in [
            ("zh_CN.UTF-8", Some(Lang::Zh)),
            ("zh-Hans-CN", Some(Lang::Zh)),
            ("en_GB", Some(Lang::En)),
            ("de_DE.UTF-8@euro", Some(Lang::En)),
            ("C.UTF-8", None),
            ("", None),
        ] {
            assert_eq!(Lang::from_locale(name), lang, "{name}");
        }
    }
}
