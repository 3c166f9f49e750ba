//! One candidate as a recruiter reads them before ringing: presence, device check, résumé, texts, outcome.

use super::call_sheets::Marking;
use super::queue_row::{ready_look, special};
use super::talks::{ResumeBody, ResumeFiles, TalkSheet, TicketMessages};
use super::{queue_of, recruiter};
use crate::bridge::use_hall;
use crate::format::hour;
use crate::parts::{Avatar, Button, Glyph, Icon, Kind, PresenceMark, Sheet, Spinner};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::Loadable;
use miantan_domain::ids::TicketId;
use miantan_domain::model::{IdentityRule, Presence, ReadinessLight, Side, Stage, StepOutcome};
use miantan_domain::rules::check_in::{STEPS, is_tried_out};
use miantan_domain::rules::readiness::readiness;
use miantan_domain::rules::round::{Ticket, TicketStatus};

/// Why an interview cannot be started now; `None`: it can.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cannot {
    /// The round is not at its interviews.
    Stage,
    Offline,
    InCall,
}

fn cannot_start(stage: Stage, ticket: &Ticket, presence: Presence) -> Option<Cannot> {
    if stage != Stage::Interview {
        Some(Cannot::Stage)
    } else if matches!(ticket.status, TicketStatus::InCall { .. }) {
        Some(Cannot::InCall)
    } else if presence == Presence::Offline {
        Some(Cannot::Offline)
    } else {
        None
    }
}

#[component]
pub fn CandidateSheetView(ticket: TicketId, onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut talking = use_signal(|| None);
    let (Some(recruiter), Some(queue)) = (recruiter(&view), queue_of(&view)) else { return rsx! {} };
    let Some(found) = queue.state.tickets.get(&ticket).cloned() else { return rsx! {} };
    let presence = queue.presence.get(&ticket).copied().unwrap_or_default();
    let sheet = recruiter.sheet.clone().filter(|(of, _)| *of == ticket).map(|(_, sheet)| sheet);
    let cannot = cannot_start(queue.state.stage, &found, presence);
    let special = special(l, &found, hall.offset());
    rsx! {
        Sheet { test: "candidate-sheet", title: found.card.name.clone(), tall: true, onclose: move |()| onclose.call(()),
            div { class: "candidate-head",
                Avatar { name: found.card.name.clone(), large: true }
                div { class: "row-text",
                    p { class: "row-title", "{found.card.position}" }
                    p { class: "row-more", "{found.card.headline}" }
                    p { class: "row-tags",
                        PresenceMark { lang: l, presence }
                        if let Some((kind, words)) = special {
                            span { class: "tag {kind}", "{words}" }
                        }
                    }
                }
            }
            div { class: "start-box",
                Button {
                    test: "start-interview",
                    label: if matches!(found.status, TicketStatus::CutOff { .. }) { l.tr("call-again") } else { l.tr("start-interview") },
                    glyph: Glyph::Phone,
                    kind: Kind::Go,
                    disabled: cannot.is_some(),
                    onpress: move |()| {
                        // After the call the queue is there again, not this sheet.
                        hall.send(Intent::CloseSheet);
                        hall.send(Intent::Ring(ticket));
                    },
                }
                if let Some(cannot) = cannot {
                    p { class: "aside", "data-test": "cannot-start",
                        {match cannot {
                            Cannot::Stage => l.tr("cannot-stage"),
                            Cannot::Offline => l.tr("cannot-offline"),
                            Cannot::InCall => l.tr("cannot-in-call"),
                        }}
                    }
                } else if presence != Presence::Ready {
                    p { class: "aside", {l.tr("not-ready")} }
                }
            }
            Section { title: l.tr("outcome"),
                Marking { ticket: Box::new(found.clone()) }
                if let Some(announced) = &found.announced {
                    p { class: "aside",
                        {match &announced.confirmation {
                            None => l.tr("status-announced"),
                            Some(confirmation) if confirmation.accepted => l.tr("status-confirmed"),
                            Some(_) => l.tr("status-refused"),
                        }}
                    }
                    if let Some(confirmation) = announced.confirmation.as_ref().filter(|c| !c.comment.is_empty()) {
                        p { class: "quote", "{confirmation.comment}" }
                    }
                }
            }
            Section { title: l.tr("check-section"),
                ReadyCard { ticket: Box::new(found.clone()), rule: queue.state.info.identity }
            }
            match sheet {
                None | Some(Loadable::Loading) => rsx! {
                    div { class: "empty", role: "status",
                        Spinner {}
                        p { {l.tr("loading")} }
                    }
                },
                Some(Loadable::Failed(problem)) => rsx! {
                    div { class: "callout bad", role: "alert",
                        Icon { glyph: Glyph::Warning }
                        span { {words::problem(l, problem.code)} }
                    }
                    Button {
                        test: "sheet-retry",
                        label: l.tr("retry"),
                        kind: Kind::Secondary,
                        onpress: move |()| hall.send(Intent::OpenSheet(ticket)),
                    }
                },
                Some(Loadable::Ready(sheet)) => rsx! {
                    if !sheet.attachments.is_empty() {
                        ResumeFiles { files: sheet.attachments.clone() }
                    }
                    ResumeBody { resume: sheet.resume.clone() }
                },
            }
            Section { title: l.tr("notes"),
                TicketMessages {
                    ticket,
                    mine: Side::Recruiter,
                    notes: found.notes.clone(),
                    pending: recruiter.pending.to_vec(),
                    onopen: move |conversation| talking.set(Some(conversation)),
                }
            }
        }
        if let Some(conversation) = talking() {
            TalkSheet { conversation, onclose: move |()| talking.set(None) }
        }
    }
}

#[component]
fn Section(title: String, children: Element) -> Element {
    rsx! {
        section { class: "sheet-section",
            h3 { class: "section-title", "{title}" }
            {children}
        }
    }
}

/// Green or amber with every reason, how the identity was settled, and each step that was tried out.
#[component]
fn ReadyCard(ticket: Box<Ticket>, rule: IdentityRule) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let ready = readiness(rule, &ticket);
    let (light, sign) = ready_look(ready.light);
    let green = ready.light == ReadinessLight::Green;
    rsx! {
        div { class: "ready-card {light}", "data-test": "readiness-{light}",
            p {
                Icon { glyph: sign }
                span { {if green { l.tr("ready-green-more") } else { l.tr("ready-amber-more") }} }
            }
            if !green {
                ul {
                    for reason in ready.reasons {
                        li { key: "{reason:?}", "data-test": "amber-{reason:?}", {words::readiness(l, reason).1} }
                    }
                }
            }
        }
        if rule.required() || ticket.identity.is_some() {
            dl { class: "identity-how",
                dt { {l.tr("identity-how")} }
                dd { "data-test": "identity-how",
                    {match ticket.identity {
                        Some(mark) => l.tr_with("identity-how-at", &[
                            ("how", words::assurance(l, mark.assurance).into()),
                            ("time", hour(mark.at, hall.offset()).into()),
                        ]),
                        None => l.tr("identity-not-yet"),
                    }}
                }
            }
        }
        ul { class: "device-checks", "data-test": "device-check",
            for step in STEPS.into_iter().filter(|step| is_tried_out(*step)) {
                li { key: "{step:?}",
                    match ticket.checked.iter().find(|(of, _)| *of == step).map(|(_, outcome)| *outcome) {
                        Some(StepOutcome::Passed) => rsx! {
                            span { class: "check-mark fully", Icon { glyph: Glyph::Check } {words::step(l, step)} }
                        },
                        Some(StepOutcome::Cannot) => rsx! {
                            span { class: "check-mark partly", Icon { glyph: Glyph::Warning } {words::step(l, step)} }
                        },
                        None => rsx! {
                            span { class: "check-mark not-yet", Icon { glyph: Glyph::Clock } {words::step(l, step)} }
                        },
                    }
                }
            }
        }
    }
}
