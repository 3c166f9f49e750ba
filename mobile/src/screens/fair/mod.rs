//! Fairs (F1, F2): list, page, stand, position.

use dioxus::prelude::*;

#[component]
pub fn FairHome() -> Element {
    rsx! { main { class: "screen" } }
}
