//! The positions at a fair: open or closed with one press, written on a page of their own.

use super::{OfficePage, form, may_write, office};
use crate::bridge::use_hall;
use crate::format::salary;
use crate::parts::{
    Button, FailedPart, FormProblem, Glyph, Icon, LoadingPart, NothingPart, Spinner, SubPage, use_form,
};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::Loadable;
use miantan_domain::ids::{FairId, PositionId};
use miantan_domain::model::{PositionDetails, PositionEdit};

/// What a position says of itself, to be written back with one thing changed.
pub(super) fn edit_of(details: &PositionDetails) -> PositionEdit {
    PositionEdit {
        title: details.card.title.clone(),
        salary: details.card.salary,
        city: details.card.city.clone(),
        openings: details.card.openings,
        description: details.description.clone(),
        requirements: details.requirements.clone(),
        open: details.card.open,
    }
}

/// The list has no descriptions: a switch fetches the position first, then writes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Flip {
    position: PositionId,
    open: bool,
    sent: bool,
}

#[component]
pub(super) fn Positions(fair: FairId, ongo: EventHandler<OfficePage>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Office(OfficeIntent::OpenStand(fair)));
    use_hook(load);
    let sent = use_form(form, Intent::Office(OfficeIntent::FormSeen));
    let mut flip = use_signal(|| None::<Flip>);
    let mut failed = use_signal(|| None);
    let mut end_flip = move || {
        flip.set(None);
        hall.send(Intent::Office(OfficeIntent::ClosePosition));
    };
    use_effect(move || {
        let view = hall.view();
        let Some(now) = *flip.peek() else { return };
        match office(&view).and_then(|office| office.position.as_ref()) {
            Some(Loadable::Ready(details)) if details.card.id == now.position && !now.sent => {
                let edit = PositionEdit { open: now.open, ..edit_of(details) };
                flip.set(Some(Flip { sent: true, ..now }));
                sent.clear();
                let wish =
                    OfficeIntent::SavePosition { fair, position: Some(now.position), edit: Box::new(edit) };
                sent.send("flip", Intent::Office(wish));
            }
            Some(Loadable::Failed(problem)) if !now.sent => {
                failed.set(Some(problem.clone()));
                end_flip();
            }
            Some(Loadable::Ready(_) | Loadable::Loading | Loadable::Failed(_)) | None => {}
        }
    });
    use_effect(move || {
        if sent.done("flip") || sent.problem().is_some() {
            failed.set(sent.problem());
            sent.clear();
            end_flip();
        }
    });
    let Some(office) = office(&view) else { return rsx! {} };
    let writes = may_write(&view);
    let stand = office.stand.as_ref().filter(|(of, _)| *of == fair).map(|(_, stand)| stand);
    let subtitle = match stand {
        Some(Loadable::Ready(stand)) => stand.fair_title.clone(),
        Some(Loadable::Loading | Loadable::Failed(_)) | None => String::new(),
    };
    rsx! {
        SubPage {
            test: "positions",
            title: l.tr("office-positions"),
            subtitle,
            onback: move |()| ongo.call(OfficePage::Home),
            foot: rsx! {
                if writes && matches!(stand, Some(Loadable::Ready(_))) {
                    Button {
                        test: "position-add",
                        label: l.tr("own-position-add"),
                        glyph: Glyph::Plus,
                        onpress: move |()| ongo.call(OfficePage::Position(fair, None)),
                    }
                }
            },
            FormProblem { problem: failed() }
            match stand {
                None | Some(Loadable::Loading) => rsx! { LoadingPart {} },
                Some(Loadable::Failed(problem)) => rsx! {
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                },
                Some(Loadable::Ready(stand)) if stand.positions.is_empty() => rsx! {
                    NothingPart { glyph: Glyph::Document, title: l.tr("own-positions-none"), more: l.tr("own-positions-none-more") }
                },
                Some(Loadable::Ready(stand)) => rsx! {
                    ul { class: "card list",
                        for card in stand.positions.iter().cloned() {
                            li { key: "{card.id}", class: "row own-position", "data-open": card.open,
                                button {
                                    r#type: "button",
                                    class: "row-text",
                                    "data-test": "position-{card.id}",
                                    onclick: move |_| ongo.call(OfficePage::Position(fair, Some(card.id))),
                                    span { class: "row-title", "{card.title}" }
                                    span { class: "pay figures", {salary(l, card.salary)} }
                                    span { class: "row-more",
                                        if !card.city.is_empty() { "{card.city} · " }
                                        {l.tr_with("own-position-openings", &[("n", card.openings.into())])}
                                    }
                                }
                                div { class: "own-position-switch",
                                    if writes {
                                        button {
                                            r#type: "button",
                                            role: "switch",
                                            "data-test": "position-open-{card.id}",
                                            "aria-checked": card.open,
                                            "aria-label": l.tr_with("own-position-open-named", &[("title", card.title.clone().into())]),
                                            "aria-busy": flip().is_some_and(|flip| flip.position == card.id),
                                            disabled: flip().is_some() || sent.any_busy(),
                                            onclick: move |_| {
                                                failed.set(None);
                                                flip.set(Some(Flip { position: card.id, open: !card.open, sent: false }));
                                                hall.send(Intent::Office(OfficeIntent::OpenPosition(card.id)));
                                            },
                                            span { class: "switch" }
                                        }
                                    }
                                    span { class: "switch-word",
                                        if flip().is_some_and(|flip| flip.position == card.id) {
                                            Spinner {}
                                        } else if card.open {
                                            {l.tr("own-position-open")}
                                        } else {
                                            {l.tr("own-position-closed")}
                                        }
                                    }
                                }
                                if !writes {
                                    Icon { glyph: Glyph::Forward }
                                }
                            }
                        }
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::ids::EmployerId;
    use miantan_domain::model::{PositionCard, Salary};

    #[test]
    fn a_position_is_written_back_as_it_was() {
        let details = PositionDetails {
            card: PositionCard {
                id: PositionId::from_parts(1, &[1; 10]),
                title: "会计".into(),
                salary: Salary { from: 6000, to: 8000 },
                city: "无锡".into(),
                openings: 3,
                open: true,
                applied: false,
            },
            fair: FairId::from_parts(1, &[1; 10]),
            fair_title: String::new(),
            fair_open: true,
            employer: EmployerId::from_parts(1, &[1; 10]),
            employer_name: String::new(),
            description: "做账".into(),
            requirements: "细心".into(),
        };
        let edit = edit_of(&details);
        assert_eq!((edit.title.as_str(), edit.openings, edit.open), ("会计", 3, true));
        assert_eq!((edit.description.as_str(), edit.requirements.as_str()), ("做账", "细心"));
        assert_eq!(edit.check(), Ok(()));
    }
}
