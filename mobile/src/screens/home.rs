//! A candidate's account: fairs, conversations, one's own things, in three tabs.

use super::{FairHome, MineHome, TalkList};
use crate::bridge::use_hall;
use crate::parts::{Glyph, Tab, TabBar};
use dioxus::prelude::*;

/// The tabs of a candidate's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HomeTab {
    #[default]
    Fairs,
    Talks,
    Mine,
}

#[component]
pub fn Home() -> Element {
    let mut hall = use_hall();
    let l = hall.lang();
    let unread = hall.view().talk.unread;
    let tab = (hall.home_tab)();
    let tabs = vec![
        Tab {
            test: "tab-fairs",
            glyph: Glyph::Megaphone,
            label: l.tr("tab-fairs"),
            badge: 0,
            on: tab == HomeTab::Fairs,
        },
        Tab {
            test: "tab-talks",
            glyph: Glyph::Chat,
            label: l.tr("tab-talks"),
            badge: unread,
            on: tab == HomeTab::Talks,
        },
        Tab {
            test: "tab-mine",
            glyph: Glyph::Person,
            label: l.tr("tab-mine"),
            badge: 0,
            on: tab == HomeTab::Mine,
        },
    ];
    rsx! {
        div { class: "tabbed",
            match tab {
                HomeTab::Fairs => rsx! { FairHome {} },
                HomeTab::Talks => rsx! { TalkList {} },
                HomeTab::Mine => rsx! { MineHome {} },
            }
            TabBar {
                tabs,
                onpick: move |at| hall.home_tab.set([HomeTab::Fairs, HomeTab::Talks, HomeTab::Mine][at]),
            }
        }
    }
}
