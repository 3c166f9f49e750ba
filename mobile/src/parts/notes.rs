//! Short texts between the two sides of a ticket (消息), with those that still wait to be sent.

use super::{Button, Glyph, IconButton, Kind};
use crate::bridge::use_hall;
use crate::format::hour;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{PendingChange, PendingWhat};
use miantan_domain::ids::TicketId;
use miantan_domain::model::{Side, TEXT_MAX_CHARS};
use miantan_domain::wire::live::NoteView;

/// The texts in their order and a line to write in.
#[component]
pub fn Notes(
    ticket: TicketId,
    mine: Side,
    notes: Vec<NoteView>,
    pending: Vec<PendingChange>,
    placeholder: String,
    empty: String,
    /// Begins at the newest text; otherwise only a text that comes later is brought into sight.
    #[props(default)]
    at_end: bool,
) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let mut typed = use_signal(String::new);
    // A new key empties the field after sending; the new field takes the focus.
    let mut sent = use_signal(|| 0_u32);
    let waiting: Vec<_> = pending
        .into_iter()
        .filter_map(|change| match change.what {
            PendingWhat::Note { ticket: of, text } if of == ticket => Some((change.id, text, change.failed)),
            _ => None,
        })
        .filter(|(id, ..)| notes.iter().all(|note| note.id != *id))
        .collect();
    let send = move || {
        let text = typed.peek().trim().to_owned();
        if !text.is_empty() && text.chars().count() <= TEXT_MAX_CHARS {
            hall.send(Intent::SendNote { ticket, text });
            typed.set(String::new());
            sent += 1;
        }
    };
    let mut enter = send;
    let mut press = send;
    let count = typed.read().chars().count();
    let nothing = notes.is_empty() && waiting.is_empty();
    let total = notes.len() + waiting.len();
    let first = use_hook(|| if at_end { 0 } else { total });
    rsx! {
        section { class: "notes", "aria-label": l.tr("notes"),
            div { class: "note-list", role: "log", "aria-live": "polite",
                if nothing {
                    p { class: "note-empty", "{empty}" }
                }
                for note in notes {
                    div { key: "{note.id}", class: if note.from == mine { "note mine" } else { "note theirs" },
                        p { class: "bubble", "{note.text}" }
                        p { class: "when", {hour(note.at, hall.offset())} }
                    }
                }
                for (id , text , failed) in waiting {
                    div { key: "{id}", class: "note mine waiting",
                        p { class: "bubble", "{text}" }
                        if let Some(failed) = failed {
                            p { class: "when failed", role: "alert", {words::problem(l, failed.code)} }
                            div { class: "note-actions",
                                Button {
                                    test: "note-retry",
                                    label: l.tr("retry"),
                                    kind: Kind::Plain,
                                    small: true,
                                    onpress: move |()| hall.send(Intent::RetryChange(id)),
                                }
                                Button {
                                    test: "note-delete",
                                    label: l.tr("delete"),
                                    kind: Kind::Plain,
                                    small: true,
                                    onpress: move |()| hall.send(Intent::DeleteChange(id)),
                                }
                            }
                        } else {
                            p { class: "when", {l.tr("note-waiting")} }
                        }
                    }
                }
                // Made anew for each text, and each time brought into sight.
                for end in (total > first).then_some(total) {
                    div {
                        key: "{end}",
                        class: "note-end",
                        onmounted: move |event| async move {
                            let _ = event.scroll_to(ScrollBehavior::Instant).await;
                        },
                    }
                }
            }
            div { class: "composer",
                // A list of one: its key makes the field anew.
                for field in [sent()] {
                    input {
                        key: "{field}",
                        "data-test": "note-text",
                        "aria-label": placeholder.clone(),
                        placeholder: placeholder.clone(),
                        autocomplete: "off",
                        enterkeyhint: "send",
                        onmounted: move |event| async move {
                            if *sent.peek() > 0 {
                                let _ = event.set_focus(true).await;
                            }
                        },
                        oninput: move |event| typed.set(event.value()),
                        onkeydown: move |event| if event.key() == Key::Named(NamedKey::Enter) && !event.is_composing() {
                            enter();
                        },
                    }
                }
                IconButton {
                    test: "note-send",
                    name: l.tr("send"),
                    glyph: Glyph::Send,
                    class: "accent",
                    disabled: count == 0 || count > TEXT_MAX_CHARS,
                    onpress: move |()| press(),
                }
            }
            if count > TEXT_MAX_CHARS {
                p { class: "remark error", role: "alert", {words::problem(l, miantan_domain::wire::ProblemCode::TextTooLong)} }
            }
        }
    }
}
