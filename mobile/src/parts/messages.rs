//! What every list of messages is made of, in conversations, in the waiting room and in a call: a bubble with its state,
//! and the line to write in.

use super::{Button, Glyph, Icon, IconButton, Kind};
use crate::bridge::use_hall;
use crate::i18n::Lang;
use crate::words;
use dioxus::prelude::*;
use miantan_domain::model::TEXT_MAX_CHARS;
use miantan_domain::wire::ProblemCode;
use std::sync::atomic::{AtomicU64, Ordering};

/// From so many characters on, the composer says how many there are.
const COUNT_FROM: usize = TEXT_MAX_CHARS - 200;

/// How far an own message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// The other side's: nothing to say.
    #[default]
    None,
    /// On this device, until there is a connection.
    Waiting,
    /// Percent.
    Uploading(u8),
    Sending,
    Sent,
    Delivered,
    Read,
}

impl Progress {
    /// For those who do not see the mark.
    pub fn words(self, l: Lang) -> String {
        match self {
            Self::None => String::new(),
            Self::Waiting => l.tr("note-waiting"),
            Self::Uploading(percent) => l.tr_with("talk-uploading", &[("percent", percent.into())]),
            Self::Sending => l.tr("talk-sending"),
            Self::Sent => l.tr("talk-sent"),
            Self::Delivered => l.tr("talk-delivered"),
            Self::Read => l.tr("talk-read"),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Waiting => "waiting",
            Self::Uploading(_) => "uploading",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// Not with the server yet: always shown.
    pub const fn under_way(self) -> bool {
        matches!(self, Self::Waiting | Self::Uploading(_) | Self::Sending)
    }
}

#[component]
fn ProgressMark(lang: Lang, progress: Progress) -> Element {
    let words = progress.words(lang);
    rsx! {
        span {
            class: "progress-mark",
            "data-test": "talk-state",
            "data-state": progress.name(),
            role: "img",
            "aria-label": words.clone(),
            match progress {
                Progress::None => rsx! {},
                Progress::Waiting => rsx! {
                    Icon { glyph: Glyph::Clock }
                    span { class: "mark-words", "{words}" }
                },
                Progress::Uploading(percent) => rsx! {
                    svg { class: "upload-ring", view_box: "0 0 24 24", "aria-hidden": "true",
                        circle { class: "track", cx: "12", cy: "12", r: "9", fill: "none", stroke_width: "3" }
                        circle {
                            class: "part",
                            cx: "12",
                            cy: "12",
                            r: "9",
                            fill: "none",
                            stroke_width: "3",
                            "pathLength": "100",
                            stroke_dasharray: "{percent} 100",
                        }
                    }
                    span { class: "mark-words figures", "{percent}%" }
                },
                Progress::Sending => rsx! { Icon { glyph: Glyph::Clock } },
                Progress::Sent => rsx! { Icon { glyph: Glyph::Check } },
                Progress::Delivered | Progress::Read => rsx! { Icon { glyph: Glyph::Ticks } },
            }
        }
    }
}

/// A message. Its text or picture are the children.
#[component]
pub fn Bubble(
    mine: bool,
    /// The first and the last of a group by one person in one minute.
    #[props(default = true)]
    first: bool,
    #[props(default = true)] last: bool,
    /// Who speaks for the other side, over the first of a group.
    #[props(default)]
    by: String,
    when: String,
    #[props(default)] progress: Progress,
    /// Why it was refused for good.
    #[props(default)]
    failed: Option<String>,
    /// Around a picture or a card: no padding.
    #[props(default)]
    bare: bool,
    /// Name of the controls of a refused one: `{test}-retry`, `{test}-delete`.
    #[props(default = "note".to_owned())]
    test: String,
    #[props(default)] onretry: Option<EventHandler<()>>,
    #[props(default)] ondelete: Option<EventHandler<()>>,
    children: Element,
) -> Element {
    let l = use_hall().lang();
    let whose = if mine { "mine" } else { "theirs" };
    let bare = if bare { "bare" } else { "" };
    let waiting = if progress.under_way() { "waiting" } else { "" };
    let refused = if failed.is_some() { "refused" } else { "" };
    rsx! {
        div { class: "note {whose} {waiting} {refused}", "data-first": first, "data-last": last,
            if first && !by.is_empty() {
                p { class: "by", "{by}" }
            }
            div { class: "bubble {bare}", {children} }
            if let Some(failed) = failed {
                p { class: "when failed", role: "alert",
                    Icon { glyph: Glyph::Warning }
                    span { "{failed}" }
                }
                div { class: "note-actions",
                    if let Some(onretry) = onretry {
                        Button {
                            test: "{test}-retry",
                            label: l.tr("retry"),
                            kind: Kind::Plain,
                            small: true,
                            onpress: move |()| onretry.call(()),
                        }
                    }
                    if let Some(ondelete) = ondelete {
                        Button {
                            test: "{test}-delete",
                            label: l.tr("delete"),
                            kind: Kind::Plain,
                            small: true,
                            onpress: move |()| ondelete.call(()),
                        }
                    }
                }
            } else if last || progress.under_way() {
                p { class: "when",
                    span { class: "figures", "{when}" }
                    if progress != Progress::None {
                        ProgressMark { lang: l, progress }
                    }
                }
            }
        }
    }
}

/// An id for a field that no other one in the page has.
pub fn use_field_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    use_hook(|| format!("compose-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}

/// Writes where the caret of a field is, as if it was typed.
pub fn insert_into(field: &str, text: &str) {
    let (field, text) = (quoted(field), quoted(text));
    document::eval(&format!(
        r"
        const field = document.getElementById({field});
        if (field) {{
            field.setRangeText({text}, field.selectionStart, field.selectionEnd, 'end');
            field.dispatchEvent(new Event('input', {{ bubbles: true }}));
        }}
        "
    ));
}

/// Empties a field and gives what was in it: in one step of the page, so that nothing typed meanwhile is lost.
async fn take(field: &str) -> Option<String> {
    let field = quoted(field);
    let mut page = document::eval(&format!(
        r"
        const field = document.getElementById({field});
        const text = field ? field.value : '';
        if (field) {{ field.value = ''; field.style.height = ''; field.focus(); }}
        dioxus.send(text);
        "
    ));
    page.recv::<String>().await.ok()
}

/// Lets a field grow with what is typed; its style says how far.
fn grow(field: &str) {
    let field = quoted(field);
    document::eval(&format!(
        r"
        const field = document.getElementById({field});
        const fit = () => {{
            field.style.height = 'auto';
            field.style.height = (field.scrollHeight + field.offsetHeight - field.clientHeight) + 'px';
        }};
        if (field) {{ field.addEventListener('input', fit); if (field.value) fit(); }}
        "
    ));
}

/// Whether Enter sends: not on phones, whose keyboards have no other way to begin a new line.
const ENTER_SENDS: bool = !cfg!(any(target_os = "android", target_os = "ios"));

/// The line to write in. The text is the page's until it is sent.
#[component]
pub fn Composer(
    /// `{test}-text`, `{test}-send`.
    test: String,
    /// From [`use_field_id`].
    field: String,
    placeholder: String,
    /// What stood there when it was left.
    #[props(default)]
    draft: String,
    /// Everything typed, at each key.
    #[props(default)]
    ontyped: Option<EventHandler<String>>,
    onsend: EventHandler<String>,
    /// Before the field.
    #[props(default)]
    before: Option<Element>,
    /// Inside, at its end.
    #[props(default)]
    inside: Option<Element>,
    #[props(default)] disabled: bool,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let start = use_hook(|| draft.clone());
    let mut count = use_signal(|| start.trim().chars().count());
    let mounted = field.clone();
    let send = {
        let field = field.clone();
        move || {
            if (1..=TEXT_MAX_CHARS).contains(&*count.peek()) {
                let field = field.clone();
                spawn(async move {
                    let Some(text) = take(&field).await else { return };
                    count.set(0);
                    if let Some(ontyped) = ontyped {
                        ontyped.call(String::new());
                    }
                    if !text.trim().is_empty() {
                        onsend.call(text.trim().to_owned());
                    }
                });
            }
        }
    };
    let enter = send.clone();
    let long = count() > TEXT_MAX_CHARS;
    rsx! {
        div { class: "composer",
            if let Some(before) = before {
                {before}
            }
            div { class: "compose-field",
                textarea {
                    id: "{field}",
                    "data-test": "{test}-text",
                    "aria-label": placeholder.clone(),
                    placeholder: placeholder.clone(),
                    rows: "1",
                    autocomplete: "off",
                    enterkeyhint: if ENTER_SENDS { "send" } else { "enter" },
                    disabled,
                    initial_value: "{start}",
                    onmounted: move |_| grow(&mounted),
                    oninput: move |event| {
                        let text = event.value();
                        count.set(text.trim().chars().count());
                        if let Some(ontyped) = ontyped {
                            ontyped.call(text);
                        }
                    },
                    onkeydown: move |event| {
                        let sends = ENTER_SENDS && !event.modifiers().shift() && !event.is_composing();
                        if sends && event.key() == Key::Named(NamedKey::Enter) {
                            event.prevent_default();
                            enter();
                        }
                    },
                }
                if let Some(inside) = inside {
                    {inside}
                }
            }
            IconButton {
                test: "{test}-send",
                name: l.tr("send"),
                glyph: Glyph::Send,
                class: "accent",
                disabled: disabled || count() == 0 || long,
                onpress: move |()| send(),
            }
        }
        if count() > COUNT_FROM {
            p { class: if long { "remark error compose-count" } else { "remark compose-count" }, role: "status",
                span { class: "figures", "{count} / {TEXT_MAX_CHARS} " }
                if long {
                    {words::problem(l, ProblemCode::TextTooLong)}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_progress_is_said() {
        for l in Lang::ALL {
            let mut said = std::collections::BTreeSet::new();
            for progress in [
                Progress::Waiting,
                Progress::Uploading(40),
                Progress::Sending,
                Progress::Sent,
                Progress::Delivered,
                Progress::Read,
            ] {
                assert!(said.insert(progress.words(l)), "{progress:?}");
            }
            assert!(Progress::Uploading(40).words(l).contains("40"));
        }
    }

    #[test]
    fn what_goes_into_a_script_cannot_leave_its_quotes() {
        assert_eq!(quoted("a\"b\\\n</script>"), r#""a\"b\\\n</script>""#);
    }
}
