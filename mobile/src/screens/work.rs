//! A recruiter's app outside a queue: today's rounds, conversations, the employer's office, in three tabs.

use super::{OfficeHome, Rounds, TalkList};
use crate::bridge::use_hall;
use crate::parts::{Glyph, Tab, TabBar};
use dioxus::prelude::*;

/// The tabs of a recruiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorkTab {
    #[default]
    Rounds,
    Talks,
    Office,
}

#[component]
pub fn Work() -> Element {
    let mut hall = use_hall();
    let l = hall.lang();
    let unread = hall.view().talk.unread;
    let tab = (hall.work_tab)();
    let tabs = vec![
        Tab {
            test: "tab-rounds",
            glyph: Glyph::Camera,
            label: l.tr("tab-rounds"),
            badge: 0,
            on: tab == WorkTab::Rounds,
        },
        Tab {
            test: "tab-talks",
            glyph: Glyph::Chat,
            label: l.tr("tab-hall"),
            badge: unread,
            on: tab == WorkTab::Talks,
        },
        Tab {
            test: "tab-office",
            glyph: Glyph::Building,
            label: l.tr("tab-office"),
            badge: 0,
            on: tab == WorkTab::Office,
        },
    ];
    rsx! {
        div { class: "tabbed",
            match tab {
                WorkTab::Rounds => rsx! { Rounds {} },
                WorkTab::Talks => rsx! { TalkList {} },
                WorkTab::Office => rsx! { OfficeHome {} },
            }
            TabBar {
                tabs,
                onpick: move |at| hall.work_tab.set([WorkTab::Rounds, WorkTab::Talks, WorkTab::Office][at]),
            }
        }
    }
}
