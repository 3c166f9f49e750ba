//! 单位: who one is here, and the way to everything that can be set.

use super::OfficePage;
use crate::bridge::use_hall;
use crate::parts::{Confirm, Glyph, Icon, NavRow, TopBar};
use crate::screens::recruiter;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::{Loadable, OfficeView};
use miantan_domain::model::MemberRole;

/// The one fair to go to at once; else the choice of fairs comes between.
fn page(office: &OfficeView, positions: bool) -> OfficePage {
    match &office.fairs {
        Some(Loadable::Ready(fairs)) if fairs.len() == 1 => {
            if positions {
                OfficePage::Positions(fairs[0].id)
            } else {
                OfficePage::Stand(fairs[0].id)
            }
        }
        Some(Loadable::Ready(_) | Loadable::Loading | Loadable::Failed(_)) | None => {
            OfficePage::Fairs { positions }
        }
    }
}

#[component]
pub(super) fn Home(ongo: EventHandler<OfficePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut leaving = use_signal(|| false);
    use_hook(move || hall.send(Intent::Office(OfficeIntent::LoadFairs)));
    let Some(recruiter) = recruiter(&view) else { return rsx! {} };
    let office = &recruiter.office;
    let (stand, positions) = (page(office, false), page(office, true));
    let owner = recruiter.member.role == MemberRole::Owner;
    let row = move |page: OfficePage| move |()| ongo.call(page);
    rsx! {
        main { class: "screen office",
            TopBar {}
            header { class: "office-head",
                span { class: "office-mark", Icon { glyph: Glyph::Building } }
                h1 { "data-test": "office-name", "{recruiter.employer_name}" }
                p { "data-test": "office-member",
                    "{recruiter.member.name}"
                    span { class: "pill", {words::role(l, recruiter.member.role)} }
                }
                if recruiter.member.role == MemberRole::Panellist {
                    p { class: "aside", "data-test": "office-read-only", {l.tr("office-read-only")} }
                }
            }
            ul { class: "card list",
                li {
                    NavRow { test: "office-stand", glyph: Glyph::Megaphone, label: l.tr("office-stand"), more: l.tr("office-stand-more"), onpress: row(stand) }
                }
                li {
                    NavRow { test: "office-positions", glyph: Glyph::Document, label: l.tr("office-positions"), more: l.tr("office-positions-more"), onpress: row(positions) }
                }
                li {
                    NavRow { test: "office-rounds", glyph: Glyph::Calendar, label: l.tr("office-rounds"), more: l.tr("office-rounds-more"), onpress: row(OfficePage::Rounds) }
                }
            }
            ul { class: "card list",
                if owner {
                    li {
                        NavRow { test: "office-members", glyph: Glyph::Person, label: l.tr("office-members"), onpress: row(OfficePage::Members) }
                    }
                }
                li {
                    NavRow { test: "office-password", glyph: Glyph::Key, label: l.tr("office-password"), onpress: row(OfficePage::Password) }
                }
                li {
                    NavRow { test: "office-settings", glyph: Glyph::Gear, label: l.tr("settings"), onpress: move |()| hall.open_settings() }
                }
            }
            ul { class: "card list",
                li {
                    NavRow { test: "office-sign-out", label: l.tr("sign-out"), danger: true, ends: true, onpress: move |()| leaving.set(true) }
                }
            }
        }
        if leaving() {
            Confirm {
                test: "sign-out",
                title: l.tr("sign-out-title"),
                body: l.tr("sign-out-recruiter"),
                yes: l.tr("sign-out"),
                danger: true,
                onyes: move |()| {
                    leaving.set(false);
                    hall.send(Intent::SignOut);
                },
                onno: move |()| leaving.set(false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::FairId;
    use miantan_domain::model::FairCard;
    use miantan_domain::time::WallTime;
    use std::sync::Arc;

    fn with(fairs: u8) -> OfficeView {
        let fair = |n| FairCard {
            id: FairId::from_parts(1, &[n; 10]),
            title: String::new(),
            kind: String::new(),
            starts: WallTime(0),
            ends: WallTime(0),
            city: String::new(),
            district: String::new(),
            employers: 0,
            positions: 0,
        };
        OfficeView {
            fairs: Some(Loadable::Ready(Arc::new((0..fairs).map(fair).collect()))),
            ..OfficeView::default()
        }
    }

    #[test]
    fn a_single_fair_needs_no_choice() {
        let only = FairId::from_parts(1, &[0; 10]);
        assert_eq!(page(&with(1), false), OfficePage::Stand(only));
        assert_eq!(page(&with(1), true), OfficePage::Positions(only));
        for office in [with(0), with(2), OfficeView::default()] {
            assert_eq!(page(&office, true), OfficePage::Fairs { positions: true });
        }
    }
}
