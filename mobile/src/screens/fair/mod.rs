//! Fairs (F1, F2): list, page, stand, position, applying. For anybody; what was seen last time is shown at once.
//!
//! A stand lies over its fair and a position over both, so that each is found again where it was left.

mod apply;
mod list;
mod page;
mod position;
mod share;
mod stand;
mod stands;
mod window;
pub(in crate::screens) mod words;

use crate::bridge::{Hall, Way, use_hall};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::FairIntent;
use miantan_client::view::{AppView, FairScreen};
use miantan_domain::model::FairCard;
use miantan_domain::time::WallTime;

/// Fairs in a candidate's first tab.
#[component]
pub fn FairHome() -> Element {
    rsx! { Layers { alone: false } }
}

/// Fairs for somebody who is not signed in, or over a recruiter's tabs: with a way back.
#[component]
pub fn FairsAlone() -> Element {
    rsx! { Layers { alone: true } }
}

#[component]
fn Layers(alone: bool) -> Element {
    let mut hall = use_hall();
    let view = hall.view();
    let Some(open) = &view.fairs.open else {
        return rsx! {
            list::FairList { onback: alone.then(|| EventHandler::new(move |()| hall.way.set(Way::Start))) }
        };
    };
    let (stand, position) = (open.stand.is_some(), open.position.is_some());
    rsx! {
        div { class: "fair-layers",
            div { class: "fair-layer", inert: (stand || position).then_some(""),
                page::FairPageView { key: "{open.fair}" }
            }
            if stand {
                div { class: "fair-layer upper", inert: position.then_some(""), stand::StandPage {} }
            }
            if position {
                div { class: "fair-layer upper", position::PositionPage {} }
            }
            apply::Applying {}
        }
    }
}

fn fair_open(view: &AppView) -> Option<&FairScreen> {
    view.fairs.open.as_deref()
}

fn ask(hall: Hall, intent: FairIntent) {
    hall.send(Intent::Fair(intent));
}

/// Where in its time a fair is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Upcoming,
    Running,
    Over,
}

fn phase(fair: &FairCard, now: WallTime) -> Phase {
    if now < fair.starts {
        Phase::Upcoming
    } else if now < fair.ends {
        Phase::Running
    } else {
        Phase::Over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::FairId;

    #[test]
    fn a_fair_runs_from_its_start_to_its_end() {
        let fair = FairCard {
            id: FairId::from_parts(1, &[0; 10]),
            title: String::new(),
            kind: String::new(),
            starts: WallTime(10),
            ends: WallTime(20),
            city: String::new(),
            district: String::new(),
            employers: 0,
            positions: 0,
        };
        let phases = [9, 10, 19, 20].map(|at| phase(&fair, WallTime(at)));
        assert_eq!(phases, [Phase::Upcoming, Phase::Running, Phase::Running, Phase::Over]);
    }
}
