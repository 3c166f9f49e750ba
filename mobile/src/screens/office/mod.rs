//! An employer's office (F5, F6): stand, positions, members, rounds. What is shown is what the server says; a form that
//! fails keeps what was typed. Panellists read, and change nothing but their own password.

mod fairs;
mod forms;
mod home;
mod members;
mod password;
mod position;
mod positions;
mod round;
mod rounds;
mod stand;

use super::recruiter;
use crate::bridge::use_hall;
use dioxus::prelude::*;
use miantan_client::view::{AppView, OfficeForm, OfficeView};
use miantan_domain::ids::{FairId, PositionId, RoundId};
use miantan_domain::model::MemberRole;

/// Where one is within 单位.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OfficePage {
    #[default]
    Home,
    /// Which fair's stand, or positions.
    Fairs {
        positions: bool,
    },
    Stand(FairId),
    Positions(FairId),
    /// `None`: a new one.
    Position(FairId, Option<PositionId>),
    Members,
    NewMember,
    Rounds,
    /// `None`: a new one.
    Round(Option<RoundId>),
    Password,
}

fn office(view: &AppView) -> Option<&OfficeView> {
    recruiter(view).map(|recruiter| &recruiter.office)
}

fn form(view: &AppView) -> OfficeForm {
    office(view).map(|office| office.form.clone()).unwrap_or_default()
}

/// Whether this member may write, and not only read.
fn may_write(view: &AppView) -> bool {
    recruiter(view).is_some_and(|recruiter| writes(recruiter.member.role))
}

const fn writes(role: MemberRole) -> bool {
    match role {
        MemberRole::Owner | MemberRole::Recruiter => true,
        MemberRole::Panellist => false,
    }
}

#[component]
pub fn OfficeHome() -> Element {
    let mut hall = use_hall();
    let mut go = move |page| hall.office_page.set(page);
    match (hall.office_page)() {
        OfficePage::Home => rsx! { home::Home { ongo: go } },
        OfficePage::Fairs { positions } => rsx! { fairs::Fairs { positions, ongo: go } },
        OfficePage::Stand(fair) => rsx! { stand::StandPage { fair, onback: move |()| go(OfficePage::Home) } },
        OfficePage::Positions(fair) => rsx! { positions::Positions { fair, ongo: go } },
        OfficePage::Position(fair, position) => rsx! {
            position::PositionPage { fair, position, onback: move |()| go(OfficePage::Positions(fair)) }
        },
        OfficePage::Members => rsx! { members::Members { ongo: go } },
        OfficePage::NewMember => rsx! { members::NewMember { onback: move |()| go(OfficePage::Members) } },
        OfficePage::Rounds => rsx! { rounds::OwnRounds { ongo: go } },
        OfficePage::Round(round) => rsx! {
            round::RoundPage { round, onback: move |()| go(OfficePage::Rounds) }
        },
        OfficePage::Password => rsx! { password::PasswordPage { onback: move |()| go(OfficePage::Home) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panellists_only_read() {
        assert!(writes(MemberRole::Owner) && writes(MemberRole::Recruiter));
        assert!(!writes(MemberRole::Panellist));
    }
}
