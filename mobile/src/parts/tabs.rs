//! The bar at the bottom that switches between an account's parts.

use super::{Glyph, Icon};
use dioxus::prelude::*;

/// One tab.
#[derive(Debug, Clone, PartialEq)]
pub struct Tab {
    pub test: &'static str,
    pub glyph: Glyph,
    pub label: String,
    /// Things not read; 0 shows none, above 99 shows `99+`.
    pub badge: u32,
    pub on: bool,
}

#[component]
pub fn TabBar(tabs: Vec<Tab>, onpick: EventHandler<usize>) -> Element {
    rsx! {
        nav { class: "tab-bar", role: "tablist",
            for (at, tab) in tabs.into_iter().enumerate() {
                button {
                    key: "{tab.test}",
                    r#type: "button",
                    role: "tab",
                    class: "tab",
                    "data-test": tab.test,
                    "aria-selected": tab.on,
                    onclick: move |_| onpick.call(at),
                    span { class: "tab-icon",
                        Icon { glyph: tab.glyph }
                        if tab.badge > 0 {
                            span { class: "badge", "data-test": "{tab.test}-badge", {badge(tab.badge)} }
                        }
                    }
                    span { class: "tab-label", {tab.label} }
                }
            }
        }
    }
}

/// A count that fits on a badge.
pub fn badge(count: u32) -> String {
    if count > 99 { "99+".to_owned() } else { count.to_string() }
}
