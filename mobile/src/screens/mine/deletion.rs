//! Deleting the account: what goes, what stays and why, asked twice; until when it can be taken back, and taking it
//! back with one press.

use super::privacy::at;
use super::{form, mine};
use crate::bridge::use_hall;
use crate::parts::{
    Button, Confirm, FailedPart, FormProblem, Glyph, Icon, Kind, LoadingPart, SubPage, use_form,
};
use dioxus::prelude::*;
use miantan_client::view::Loadable;
use miantan_client::{Intent, intent::AccountIntent};

/// How far the asking is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    No,
    Once,
    Twice,
}

#[component]
pub(super) fn DeletionPage(onback: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let load = move || hall.send(Intent::Account(AccountIntent::LoadPrivacy));
    let sent = use_form(form, Intent::Account(AccountIntent::FormSeen));
    let mut asking = use_signal(|| Asking::No);
    let privacy = match mine(&view).and_then(|mine| mine.privacy.as_ref()) {
        Some(Loadable::Ready(privacy)) => privacy.clone(),
        Some(Loadable::Failed(problem)) => {
            return rsx! {
                SubPage { test: "deletion", title: l.tr("deletion"), onback,
                    FailedPart { problem: problem.clone(), onretry: move |()| load() }
                }
            };
        }
        Some(Loadable::Loading) | None => {
            return rsx! {
                SubPage { test: "deletion", title: l.tr("deletion"), onback, LoadingPart {} }
            };
        }
    };
    let by = privacy.deletion.by.or(privacy.deletion.asked);
    rsx! {
        SubPage {
            test: "deletion",
            title: l.tr("deletion"),
            onback,
            foot: rsx! {
                if by.is_some() {
                    Button {
                        test: "deletion-take-back",
                        label: l.tr("deletion-take-back"),
                        busy: sent.busy("back"),
                        onpress: move |()| {
                            sent.clear();
                            sent.send("back", Intent::Account(AccountIntent::Deletion(false)));
                        },
                    }
                } else {
                    Button {
                        test: "deletion-ask",
                        label: l.tr("deletion-ask"),
                        kind: Kind::Danger,
                        busy: sent.busy("ask"),
                        onpress: move |()| asking.set(Asking::Once),
                    }
                    Button { test: "deletion-keep", label: l.tr("deletion-keep"), kind: Kind::Plain, onpress: move |()| onback.call(()) }
                }
            },
            FormProblem { problem: sent.problem() }
            if let Some(by) = by {
                section { class: "card told", role: "status", "data-test": "deletion-state",
                    span { class: "place-icon", Icon { glyph: Glyph::Clock } }
                    h2 { {l.tr("deletion-asked")} }
                    p { {l.tr_with("deletion-by", &[("when", at(l, by, hall.offset()).into())])} }
                    p { class: "aside", {l.tr("deletion-by-more")} }
                }
            } else {
                section { class: "card told",
                    h2 { {l.tr("deletion-goes")} }
                    ul { class: "plain-list",
                        li { {l.tr("deletion-goes-account")} }
                        li { {l.tr("deletion-goes-resume")} }
                        li { {l.tr("deletion-goes-talks")} }
                    }
                    h2 { {l.tr("deletion-stays")} }
                    ul { class: "plain-list",
                        li { {l.tr("deletion-stays-record")} }
                    }
                    p { class: "aside", {l.tr("deletion-lead")} }
                }
            }
        }
        if asking() == Asking::Once {
            Confirm {
                test: "deletion-first",
                title: l.tr("deletion-first"),
                body: l.tr("deletion-first-lead"),
                yes: l.tr("deletion-first-yes"),
                danger: true,
                onyes: move |()| asking.set(Asking::Twice),
                onno: move |()| asking.set(Asking::No),
            }
        }
        if asking() == Asking::Twice {
            Confirm {
                test: "deletion-second",
                title: l.tr("deletion-second"),
                body: l.tr("deletion-second-lead"),
                yes: l.tr("deletion-second-yes"),
                danger: true,
                onyes: move |()| {
                    asking.set(Asking::No);
                    sent.clear();
                    sent.send("ask", Intent::Account(AccountIntent::Deletion(true)));
                },
                onno: move |()| asking.set(Asking::No),
            }
        }
    }
}
