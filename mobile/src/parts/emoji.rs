//! The emoji picker: the system's own characters in categories, and those used lately. No pictures, no fonts.

use crate::bridge::use_hall;
use crate::i18n::Lang;
use dioxus::prelude::*;

/// Emoji kept as used lately.
const RECENT_MAX: usize = 16;

/// A category with its characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Category {
    Recent,
    Faces,
    Gestures,
    Work,
    Life,
    Signs,
}

impl Category {
    const ALL: [Self; 6] = [Self::Recent, Self::Faces, Self::Gestures, Self::Work, Self::Life, Self::Signs];

    fn label(self, l: Lang) -> String {
        match self {
            Self::Recent => l.tr("emoji-recent"),
            Self::Faces => l.tr("emoji-faces"),
            Self::Gestures => l.tr("emoji-gestures"),
            Self::Work => l.tr("emoji-work"),
            Self::Life => l.tr("emoji-life"),
            Self::Signs => l.tr("emoji-signs"),
        }
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Recent => "🕘",
            Self::Faces => "😀",
            Self::Gestures => "👍",
            Self::Work => "💼",
            Self::Life => "🌿",
            Self::Signs => "✅",
        }
    }

    const fn test(self) -> &'static str {
        match self {
            Self::Recent => "emoji-of-recent",
            Self::Faces => "emoji-of-faces",
            Self::Gestures => "emoji-of-gestures",
            Self::Work => "emoji-of-work",
            Self::Life => "emoji-of-life",
            Self::Signs => "emoji-of-signs",
        }
    }

    /// Separated by spaces.
    const fn characters(self) -> &'static str {
        match self {
            Self::Recent => "",
            Self::Faces => {
                "😀 😃 😄 😁 😆 😅 😂 🙂 😉 😊 😇 😍 😘 😋 😎 🤗 🤔 🤓 😐 😶 🙄 😏 😮 😯 😴 😌 😔 😕 🙃 😲 😖 😟 😢 😭 😨 😰 😱 😳 😡 😤"
            }
            Self::Gestures => {
                "👍 👎 👌 🙏 👏 🤝 💪 ✌️ 🤞 👋 🙌 👐 ✋ 🖐️ 👆 👇 👈 👉 ☝️ ✊ 👊 🤙 🙋 🙆 🙅 🙇 🤦 🤷 👀 ❤️"
            }
            Self::Work => {
                "💼 💻 📱 ☎️ 📞 📧 📄 📑 📊 📈 📉 📅 📌 📎 ✏️ 📝 📖 🎓 🏫 🏢 ⏰ ⌛ 🔔 🔍 🔑 💡 🔧 🧪 🎯 🏆"
            }
            Self::Life => {
                "🌿 🌸 🌻 🍀 🌞 🌙 ⭐ ⛅ ☔ ❄️ 🔥 🎉 🎁 🎂 🍎 🍉 🍜 🍚 ☕ 🍵 🚗 🚌 🚄 ✈️ 🏠 ⚽ 🏀 🎵 🎬 🐱"
            }
            Self::Signs => "✅ ❌ ❗ ❓ ⚠️ 💯 ➕ ➖ ➡️ ⬅️ ⬆️ ⬇️ 🔴 🟢 🔵 🟡 1️⃣ 2️⃣ 3️⃣ 🆗 🆕 ♻️ ✨ 💬",
        }
    }
}

static RECENT: GlobalSignal<Vec<String>> = Signal::global(Vec::new);

/// Puts a character first among those used lately.
fn used(recent: &mut Vec<String>, character: &str) {
    recent.retain(|other| other != character);
    recent.insert(0, character.to_owned());
    recent.truncate(RECENT_MAX);
}

#[component]
pub fn EmojiPicker(onpick: EventHandler<String>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    use_hook(|| {
        if RECENT.peek().is_empty() {
            *RECENT.write() = hall.recent_emoji().into_iter().take(RECENT_MAX).collect();
        }
    });
    let mut at = use_signal(|| if RECENT.peek().is_empty() { Category::Faces } else { Category::Recent });
    // Those used lately keep their places while they are being picked from.
    let recent = use_hook(|| RECENT.peek().clone());
    let shown: Vec<String> = match at() {
        Category::Recent => recent.clone(),
        category => category.characters().split(' ').map(str::to_owned).collect(),
    };
    rsx! {
        div { class: "emoji-picker", "data-test": "emoji-picker",
            div { class: "emoji-kinds", role: "tablist", "aria-label": l.tr("emoji"),
                for category in Category::ALL.into_iter().filter(|c| *c != Category::Recent || !recent.is_empty()) {
                    button {
                        key: "{category:?}",
                        r#type: "button",
                        role: "tab",
                        "data-test": category.test(),
                        "aria-label": category.label(l),
                        "aria-selected": at() == category,
                        onclick: move |_| at.set(category),
                        {category.sign()}
                    }
                }
            }
            div { class: "emoji-grid", role: "group", "aria-label": at().label(l),
                for character in shown {
                    button {
                        key: "{character}",
                        r#type: "button",
                        "data-test": "emoji-{character}",
                        // the field keeps the focus and the place of its caret
                        onmousedown: |event| event.prevent_default(),
                        onclick: {
                            let character = character.clone();
                            move |_| {
                                used(&mut RECENT.write(), &character);
                                hall.keep_recent_emoji(RECENT.peek().clone());
                                onpick.call(character.clone());
                            }
                        },
                        "{character}"
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_hold_single_characters_once() {
        for category in Category::ALL {
            let all: Vec<&str> = category.characters().split(' ').filter(|c| !c.is_empty()).collect();
            for each in &all {
                assert!(each.chars().count() <= 3 && !each.is_ascii(), "{each}");
            }
            let once: std::collections::BTreeSet<_> = all.iter().collect();
            assert_eq!(once.len(), all.len(), "{category:?}");
        }
    }

    #[test]
    fn the_newest_is_first_and_few_are_kept() {
        let mut recent = Vec::new();
        for n in 0..30 {
            used(&mut recent, &n.to_string());
        }
        used(&mut recent, "28");
        assert_eq!(recent.len(), RECENT_MAX);
        assert_eq!(recent[..3], ["28", "29", "27"]);
    }
}
