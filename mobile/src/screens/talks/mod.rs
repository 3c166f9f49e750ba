//! The talk hall (T1-T4) and a candidate's 洽谈: list and open conversation.

use dioxus::prelude::*;

#[component]
pub fn TalkList() -> Element {
    rsx! { main { class: "screen" } }
}

#[component]
pub fn Conversation() -> Element {
    rsx! { main { class: "screen" } }
}
