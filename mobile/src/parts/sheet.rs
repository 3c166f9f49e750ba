//! Sheets that slide up over a screen, questions before something that cannot be taken back, and rows of choices.

use super::{Button, Glyph, IconButton, Kind};
use crate::bridge::use_hall;
use dioxus::prelude::*;

/// Keeps Tab inside the sheet that has the focus, and gives the focus back to what had it before. One listener for all
/// sheets: the innermost one that holds the focus counts.
const TRAP: &str = r"
if (!window.__miantanTrap) {
    window.__miantanTrap = true;
    const REACHED = 'button, a[href], input, select, textarea, summary, [tabindex]';
    document.addEventListener('keydown', (event) => {
        if (event.key !== 'Tab') return;
        const rooms = document.querySelectorAll('.sheet-room');
        const sheet = document.activeElement?.closest('.sheet') ?? rooms[rooms.length - 1]?.querySelector('.sheet');
        if (!sheet) return;
        const all = [...sheet.querySelectorAll(REACHED)].filter((one) =>
            one.tabIndex >= 0 && !one.disabled && one.getClientRects().length > 0);
        if (!all.length) { event.preventDefault(); sheet.focus(); return; }
        const [first, last, at] = [all[0], all[all.length - 1], document.activeElement];
        const outside = !sheet.contains(at);
        if (event.shiftKey ? at === first || at === sheet || outside : at === last || outside) {
            event.preventDefault();
            (event.shiftKey ? last : first).focus();
        }
    }, true);
}
const before = document.activeElement;
await dioxus.recv();
if (before && before.isConnected && !document.activeElement?.closest('.sheet')) before.focus({ preventScroll: true });
";

/// The trap for as long as a sheet stands.
fn use_focus_kept() {
    let page = use_hook(|| CopyValue::new(document::eval(TRAP)));
    use_drop(move || {
        // Err: the page is gone.
        let _ = page.peek().send(0);
    });
}

/// A sheet over the screen. The dark around it, Escape and the cross close it; Tab stays in it.
#[component]
pub fn Sheet(
    test: String,
    title: String,
    #[props(default)] tall: bool,
    onclose: EventHandler<()>,
    children: Element,
) -> Element {
    let l = use_hall().lang();
    use_focus_kept();
    let size = if tall { "tall" } else { "" };
    rsx! {
        div {
            class: "sheet-room",
            onkeydown: move |event| if event.key() == Key::Named(NamedKey::Escape) {
                event.stop_propagation();
                onclose.call(());
            },
            div { class: "scrim", onclick: move |_| onclose.call(()) }
            section {
                class: "sheet {size}",
                role: "dialog",
                "aria-modal": "true",
                "aria-label": title.clone(),
                "data-test": test,
                tabindex: "-1",
                onmounted: move |event| async move {
                    let _ = event.set_focus(true).await;
                },
                header { class: "sheet-head",
                    h2 { "{title}" }
                    IconButton {
                        test: "sheet-close",
                        name: l.tr("close"),
                        glyph: Glyph::Close,
                        class: "quiet",
                        onpress: move |()| onclose.call(()),
                    }
                }
                div { class: "sheet-body", {children} }
            }
        }
    }
}

/// A question before an action that ends or announces something.
#[component]
pub fn Confirm(
    test: String,
    title: String,
    body: String,
    yes: String,
    /// What the other button says; usually "cancel".
    #[props(default)]
    no: String,
    #[props(default)] danger: bool,
    onyes: EventHandler<()>,
    onno: EventHandler<()>,
) -> Element {
    let l = use_hall().lang();
    rsx! {
        Sheet { test: test.clone(), title, onclose: move |()| onno.call(()),
            p { class: "lead", "{body}" }
            div { class: "actions",
                Button {
                    test: "{test}-yes",
                    label: yes,
                    kind: if danger { Kind::Danger } else { Kind::Primary },
                    onpress: move |()| onyes.call(()),
                }
                Button {
                    test: "{test}-no",
                    label: if no.is_empty() { l.tr("cancel") } else { no },
                    kind: Kind::Plain,
                    onpress: move |()| onno.call(()),
                }
            }
        }
    }
}

/// One choice in a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// A few choices side by side, one of them taken.
#[component]
pub fn Segmented(
    test: String,
    name: String,
    choices: Vec<Choice>,
    chosen: String,
    onchoose: EventHandler<String>,
) -> Element {
    rsx! {
        div { class: "segmented", role: "radiogroup", "aria-label": name,
            for choice in choices {
                button {
                    key: "{choice.value}",
                    r#type: "button",
                    role: "radio",
                    "data-test": "{test}-{choice.value}",
                    "aria-checked": choice.value == chosen,
                    onclick: {
                        let value = choice.value.clone();
                        move |_| onchoose.call(value.clone())
                    },
                    "{choice.label}"
                }
            }
        }
    }
}
