//! An employer's office (F5, F6): stand, positions, members, rounds.

use dioxus::prelude::*;

#[component]
pub fn OfficeHome() -> Element {
    rsx! { main { class: "screen" } }
}
