//! A candidate's own things: 我的投递, 我的面试, résumé, privacy. It shows what the session has and sends wishes; it
//! never keeps anything but what is half typed.

mod answers;
mod applications;
mod deletion;
mod files;
mod home;
mod interviews;
mod link;
mod privacy;
mod resume;

pub(super) use link::RoomAccount;

use crate::bridge::use_hall;
use dioxus::prelude::*;
use miantan_client::view::{AccountView, AppView, MineView, OfficeForm, WhoView};

/// Where one is within 我的.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MinePage {
    #[default]
    Home,
    Applications,
    Interviews,
    Resume,
    Files,
    Privacy,
    Policy,
    Deletion,
}

/// The account that is signed in, in no room.
fn account(view: &AppView) -> Option<&AccountView> {
    match &view.who {
        WhoView::Account(account) => Some(account),
        WhoView::SignedOut { .. } | WhoView::Candidate(_) | WhoView::Recruiter(_) => None,
    }
}

fn mine(view: &AppView) -> Option<&MineView> {
    match &view.who {
        WhoView::Account(account) => Some(&account.mine),
        WhoView::Candidate(candidate) => candidate.mine.as_deref(),
        WhoView::SignedOut { .. } | WhoView::Recruiter(_) => None,
    }
}

fn form(view: &AppView) -> OfficeForm {
    mine(view).map(|mine| mine.form.clone()).unwrap_or_default()
}

#[component]
pub fn MineHome() -> Element {
    let mut hall = use_hall();
    let mut go = move |page| hall.mine_page.set(page);
    match (hall.mine_page)() {
        MinePage::Home => rsx! { home::Home { ongo: go } },
        MinePage::Applications => {
            rsx! { applications::Applications { onback: move |()| go(MinePage::Home) } }
        }
        MinePage::Interviews => rsx! { interviews::Interviews { onback: move |()| go(MinePage::Home) } },
        MinePage::Resume => rsx! { resume::Resume { onback: move |()| go(MinePage::Home) } },
        MinePage::Files => rsx! { files::Files { onback: move |()| go(MinePage::Home) } },
        MinePage::Privacy => rsx! { privacy::Privacy { ongo: go } },
        MinePage::Policy => rsx! { privacy::PolicyPage { onback: move |()| go(MinePage::Privacy) } },
        MinePage::Deletion => rsx! { deletion::DeletionPage { onback: move |()| go(MinePage::Privacy) } },
    }
}
