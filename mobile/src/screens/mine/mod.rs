//! A candidate's own things: 我的投递, 我的面试, résumé, privacy.

use dioxus::prelude::*;

#[component]
pub fn MineHome() -> Element {
    rsx! { main { class: "screen" } }
}
