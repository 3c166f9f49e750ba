//! How a registration stands: its licence on the way, waiting, approved, rejected with the reason.

use super::{DRAFT, Draft, Sent, back, sent, state_word};
use crate::bridge::{Way, use_hall};
use crate::format::{day, hour};
use crate::parts::{Button, Glyph, Icon, Kind, NotPicked, Pick, Spinner, TopBar, pick_file};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::OfficeIntent;
use miantan_client::view::WhoView;
use miantan_domain::model::RegistrationState;
use miantan_domain::wire::rest::FILE_MAX_BYTES;

#[component]
pub fn Standing() -> Element {
    let mut hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut refused = use_signal(|| None::<String>);
    use_hook(|| {
        DRAFT.write().password.clear();
        hall.send(Intent::Office(OfficeIntent::CheckRegistration));
    });
    // The licence of the form goes as soon as there is something to put it to.
    use_effect(move || {
        let view = hall.view();
        let Some(standing) = &view.registration else { return };
        let waits = standing.registration.state == RegistrationState::LicenceMissing;
        // taken out before anything is done with it: the draft is not written while it is read
        let file = DRAFT.peek().licence.clone();
        if let (true, None, Some(file)) = (waits, standing.uploading, file) {
            DRAFT.write().licence = None;
            let bytes = file.bytes.into();
            hall.send(Intent::Office(OfficeIntent::Licence { name: file.name, bytes }));
        }
    });
    let Some(standing) = view.registration.clone() else { return rsx! {} };
    let registration = &standing.registration;
    let offset = hall.offset();
    let (glyph, kind) = match (&registration.state, standing.uploading) {
        (RegistrationState::LicenceMissing, Some(_)) => (Glyph::Document, "quiet"),
        (RegistrationState::LicenceMissing, None) => (Glyph::Warning, "warn"),
        (RegistrationState::Waiting, _) => (Glyph::Hourglass, "quiet"),
        (RegistrationState::Approved, _) => (Glyph::Check, "done"),
        (RegistrationState::Rejected { .. }, _) => (Glyph::Close, "bad"),
    };
    let more = match (&registration.state, standing.uploading) {
        (RegistrationState::LicenceMissing, Some(_)) => l.tr("register-uploading-more"),
        (RegistrationState::LicenceMissing, None) => l.tr("register-licence-missing-more"),
        (RegistrationState::Waiting, _) => l.tr("register-waiting-more"),
        (RegistrationState::Approved, _) => l.tr("register-approved-more"),
        (RegistrationState::Rejected { .. }, _) => l.tr("register-rejected-more"),
    };
    let problem = match (sent(&view), refused()) {
        (_, Some(refused)) => Some(refused),
        (Sent::Failed(problem), None) => Some(words::problem(l, problem.code)),
        (Sent::Idle | Sent::Busy, None) => None,
    };
    let facts = [
        (l.tr("register-name"), registration.name.clone()),
        (l.tr("register-uscc"), registration.uscc.clone()),
        (l.tr("register-contact"), registration.contact.clone()),
        (
            l.tr("register-at"),
            format!("{} {}", day(l, registration.at, offset), hour(registration.at, offset)),
        ),
    ];
    let pick = move |()| {
        refused.set(None);
        spawn(async move {
            match pick_file(Pick::Licence, FILE_MAX_BYTES).await {
                Ok(file) => hall.send(Intent::Office(OfficeIntent::Licence {
                    name: file.name,
                    bytes: file.bytes.into(),
                })),
                Err(NotPicked::Nothing) => {}
                Err(NotPicked::TooLarge) => refused.set(Some(l.tr("problem-file-too-large"))),
                Err(NotPicked::Unreadable) => refused.set(Some(l.tr("problem-file-broken"))),
            }
        });
    };
    let again = {
        let registration = registration.clone();
        move |()| {
            let kept = DRAFT.peek().clone();
            *DRAFT.write() = Draft {
                name: registration.name.clone(),
                uscc: registration.uscc.clone(),
                contact: registration.contact.clone(),
                ..kept
            };
            hall.way.set(Way::Register(registration.fair));
            hall.send(Intent::Office(OfficeIntent::ForgetRegistration));
        }
    };
    rsx! {
        main { class: "screen entrance register", "data-test": "registration-page",
            TopBar { title: l.tr("fair-register"), onback: move |()| back(hall), span {} }
            div { class: "register-state",
                span { class: "register-icon {kind}", Icon { glyph } }
                h1 { role: "status", "data-test": "registration-state",
                    {if standing.uploading.is_some() { l.tr("register-uploading") } else { state_word(l, &registration.state) }}
                }
                p { class: "lead", "{more}" }
                if let RegistrationState::Rejected { reason } = &registration.state {
                    p { class: "quote", "data-test": "registration-reason", "{reason}" }
                }
                if let Some(percent) = standing.uploading {
                    div {
                        class: "progress",
                        role: "progressbar",
                        "aria-label": l.tr("register-uploading"),
                        "aria-valuemin": "0",
                        "aria-valuemax": "100",
                        "aria-valuenow": "{percent}",
                        span { style: "width:{percent}%" }
                    }
                    p { class: "over figures",
                        Spinner {}
                        " {percent}%"
                    }
                }
            }
            dl { class: "card fair-facts",
                div {
                    dt { {l.tr("register-fair")} }
                    dd { "{registration.fair_title}" }
                }
                for (name , value) in facts {
                    div { key: "{name}",
                        dt { "{name}" }
                        dd { "{value}" }
                    }
                }
            }
            div { role: "alert",
                if let Some(problem) = problem {
                    p { class: "callout bad register-problem", "data-test": "register-problem",
                        Icon { glyph: Glyph::Warning }
                        span { "{problem}" }
                    }
                }
            }
            div { class: "grow" }
            div { class: "actions",
                match &registration.state {
                    RegistrationState::LicenceMissing => rsx! {
                        Button {
                            test: "licence-pick",
                            label: l.tr("register-licence-pick"),
                            kind: if standing.uploading.is_some() { Kind::Secondary } else { Kind::Primary },
                            glyph: Glyph::Image,
                            onpress: pick,
                        }
                    },
                    RegistrationState::Waiting => rsx! {
                        Button {
                            test: "registration-check",
                            label: l.tr("register-check"),
                            kind: Kind::Secondary,
                            onpress: move |()| hall.send(Intent::Office(OfficeIntent::CheckRegistration)),
                        }
                        p { class: "aside",
                            {l.tr_with("register-checked", &[("time", hour(standing.checked, offset).into())])}
                        }
                    },
                    RegistrationState::Approved if matches!(view.who, WhoView::Recruiter(_)) => rsx! {
                        Button {
                            test: "registration-done",
                            label: l.tr("register-done"),
                            onpress: move |()| {
                                hall.way.set(Way::Start);
                                hall.send(Intent::Office(OfficeIntent::ForgetRegistration));
                            },
                        }
                    },
                    RegistrationState::Approved => rsx! {
                        Button {
                            test: "registration-sign-in",
                            label: l.tr("register-sign-in"),
                            onpress: move |()| {
                                hall.way.set(Way::Employer);
                                hall.send(Intent::Office(OfficeIntent::ForgetRegistration));
                            },
                        }
                    },
                    RegistrationState::Rejected { .. } => rsx! {
                        Button { test: "registration-again", label: l.tr("register-again"), onpress: again }
                    },
                }
            }
        }
    }
}
