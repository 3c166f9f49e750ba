//! The invitation dialog (T3): day, time, length, round, a word; what is taken on that day, and a warning before a clash.

use super::answers::TextArea;
use super::busy::Strip;
use super::times::{DAY_MS, appointment_day, date_value, day_span, moment, same_day};
use super::{open_talk, use_desk};
use crate::bridge::use_hall;
use crate::format::{hour, span};
use crate::i18n::Lang;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::{AppView, Loadable, WhoView};
use miantan_domain::ids::RoundId;
use miantan_domain::model::{InvitationCard, InvitationStatus, InvitationTerms, RoundInfo, TalkHead};
use miantan_domain::rules::invitation::{MINUTES_MAX, MINUTES_MIN, check_terms};
use miantan_domain::time::WallTime;
use miantan_domain::wire::ProblemCode;
use miantan_domain::wire::rest::Busy;
use std::sync::Arc;
use time::UtcOffset;

/// Lengths to choose from, in minutes.
const LENGTHS: [u16; 4] = [15, 30, 45, 60];

/// What was filled in, as the page has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Form {
    date: String,
    clock: String,
    minutes: String,
    round: Option<RoundId>,
    note: String,
}

impl Form {
    fn new(card: Option<&InvitationCard>, now: WallTime, offset: UtcOffset) -> Self {
        match card {
            Some(card) => Self {
                date: date_value(card.terms.starts, offset),
                clock: hour(card.terms.starts, offset),
                minutes: card.terms.minutes.to_string(),
                round: card.terms.round,
                note: card.terms.note.clone(),
            },
            None => Self {
                date: date_value(now.after(DAY_MS), offset),
                clock: "10:00".to_owned(),
                minutes: "30".to_owned(),
                round: None,
                note: String::new(),
            },
        }
    }

    /// `None`: day, time or length cannot be read.
    fn terms(&self, offset: UtcOffset) -> Option<InvitationTerms> {
        let starts = moment(&self.date, &self.clock, offset)?;
        let minutes = self.minutes.trim().parse().ok()?;
        Some(InvitationTerms { starts, minutes, note: self.note.trim().to_owned(), round: self.round })
    }
}

/// Who is taken at that time: the candidate, the own side. The time of the invitation being changed does not count.
fn clashes(terms: &InvitationTerms, busy: &[Busy], old: Option<&InvitationTerms>) -> (bool, bool) {
    let mut found = (false, false);
    for taken in busy {
        let own_old = old.is_some_and(|old| old.starts == taken.from && old.ends() == taken.to);
        if terms.starts < taken.to && taken.from < terms.ends() && !own_old {
            if taken.candidate { found.0 = true } else { found.1 = true }
        }
    }
    found
}

/// The rounds of that day, of which there may be a part in each list.
fn rounds_of(view: &AppView, date: &str, offset: UtcOffset) -> Vec<RoundInfo> {
    let WhoView::Recruiter(recruiter) = &view.who else { return Vec::new() };
    let Some((from, _)) = day_span(date, offset) else { return Vec::new() };
    let own = match &recruiter.office.rounds {
        Some(Loadable::Ready(rounds)) => rounds.to_vec(),
        _ => Vec::new(),
    };
    let todays = match &recruiter.rounds {
        Loadable::Ready(rounds) => rounds.to_vec(),
        Loadable::Loading | Loadable::Failed(_) => Vec::new(),
    };
    let mut found: Vec<RoundInfo> = Vec::new();
    for summary in own.into_iter().chain(todays) {
        let known = found.iter().any(|round| round.id == summary.round.id);
        if same_day(summary.round.starts, from, offset) && !known {
            found.push(summary.round);
        }
    }
    found.sort_by_key(|round| round.starts);
    found
}

#[component]
pub fn InviteSheet(head: Arc<TalkHead>, card: Option<Box<InvitationCard>>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let offset = hall.offset();
    let mut form = use_signal(|| Form::new(card.as_deref(), hall.peek_view().wall, offset));
    // Counts up when a chip fills in day and time: the fields begin anew.
    let mut filled = use_signal(|| 0_u32);
    let mut own_length =
        use_signal(|| form.peek().minutes.parse().is_ok_and(|minutes: u16| !LENGTHS.contains(&minutes)));
    let mut problem = use_signal(|| None::<ProblemCode>);
    // Sending goes on in spite of a clash only after it was seen.
    let mut warned = use_signal(|| false);
    let day = use_memo(move || day_span(&form.read().date, offset));
    use_effect(move || {
        if let Some((from, to)) = day() {
            hall.send(Intent::Talk(TalkIntent::LoadBusy { from, to }));
        }
    });
    let view = hall.view();
    let busy = open_talk(&view).and_then(|open| open.busy.clone());
    let terms = form.read().terms(offset);
    let taken = match &busy {
        Some(Loadable::Ready(busy)) => busy.clone(),
        _ => Arc::default(),
    };
    let old = card.as_deref().map(|card| card.terms.clone());
    let clash = terms.as_ref().map_or((false, false), |terms| clashes(terms, &taken, old.as_ref()));
    let rounds = rounds_of(&view, &form.read().date, offset);
    let round_ids: Vec<RoundId> = rounds.iter().map(|round| round.id).collect();
    let asked = match card.as_deref().map(|card| &card.status) {
        Some(InvitationStatus::MoveAsked { times, .. }) => times.clone(),
        _ => Vec::new(),
    };
    let wanted = card.as_deref().map(|card| (card.id, card.revision));
    let mut send = move || {
        let Some(terms) = form.peek().terms(offset) else {
            return problem.set(Some(ProblemCode::InvitationTermsBad));
        };
        if let Err(why) = check_terms(&terms, hall.peek_view().wall) {
            return problem.set(Some(why.code));
        }
        let (candidate, own) = clash;
        if (candidate || own) && !*warned.peek() {
            return warned.set(true);
        }
        hall.send(Intent::Talk(match wanted {
            Some((invitation, revision)) => TalkIntent::Amend { invitation, revision, terms },
            None => TalkIntent::Invite { terms },
        }));
        desk.close();
    };
    let mut changed = move || {
        problem.set(None);
        warned.set(false);
    };
    let name = head.candidate_name.clone();
    let title = if card.is_some() { l.tr("invite-amend-title") } else { l.tr("talk-invitation") };
    let minutes = form.read().minutes.clone();
    let chosen_round = form.read().round.map(|id| id.to_string()).unwrap_or_default();
    rsx! {
        Sheet { test: "invite-sheet", title, tall: true, onclose: move |()| desk.close(),
            p { class: "lead", {l.tr_with("invite-lead", &[("name", name.into())])} }
            div { class: "form",
                if !asked.is_empty() {
                    div { class: "form-part",
                        p { class: "form-label", {l.tr("invite-asked")} }
                        div { class: "chips-line",
                            for time in asked {
                                button {
                                    key: "{time.0}",
                                    r#type: "button",
                                    class: "pick-chip",
                                    "data-test": "invite-asked",
                                    onclick: move |_| {
                                        let mut form = form.write();
                                        form.date = date_value(time, offset);
                                        form.clock = hour(time, offset);
                                        filled += 1;
                                        changed();
                                    },
                                    {appointment_day(l, time, hall.wall(), offset)}
                                    " {hour(time, offset)}"
                                }
                            }
                        }
                    }
                }
                for turn in [filled()] {
                    div { key: "{turn}", class: "when-row",
                        div { class: "field grow-2",
                            label { r#for: "field-invite-date", {l.tr("invite-date")} }
                            input {
                                id: "field-invite-date",
                                class: "date-input",
                                r#type: "date",
                                "data-test": "invite-date",
                                initial_value: "{form.peek().date}",
                                oninput: move |event| {
                                    form.write().date = event.value();
                                    form.write().round = None;
                                    changed();
                                },
                            }
                        }
                        div { class: "field",
                            label { r#for: "field-invite-time", {l.tr("invite-time")} }
                            input {
                                id: "field-invite-time",
                                class: "time-input",
                                r#type: "time",
                                "data-test": "invite-time",
                                initial_value: "{form.peek().clock}",
                                oninput: move |event| {
                                    form.write().clock = event.value();
                                    changed();
                                },
                            }
                        }
                    }
                }
                div { class: "form-part",
                    p { class: "form-label", {l.tr("invite-length-minutes")} }
                    div { class: "chips-line lengths", role: "radiogroup", "aria-label": l.tr("invite-length-minutes"),
                        for each in LENGTHS {
                            button {
                                key: "{each}",
                                r#type: "button",
                                role: "radio",
                                class: "pick-chip",
                                "data-test": "length-{each}",
                                "aria-label": l.tr_with("invite-minutes", &[("n", each.into())]),
                                "aria-checked": !own_length() && minutes == each.to_string(),
                                onclick: move |_| {
                                    form.write().minutes = each.to_string();
                                    own_length.set(false);
                                    changed();
                                },
                                span { class: "figures", "{each}" }
                            }
                        }
                        button {
                            r#type: "button",
                            role: "radio",
                            class: "pick-chip",
                            "data-test": "length-own",
                            "aria-checked": own_length(),
                            onclick: move |_| own_length.set(true),
                            {l.tr("invite-length-own")}
                        }
                    }
                    if own_length() {
                        div { class: "field",
                            input {
                                r#type: "number",
                                class: "length-input",
                                "data-test": "invite-minutes",
                                "aria-label": l.tr("invite-length-minutes"),
                                inputmode: "numeric",
                                min: "{MINUTES_MIN}",
                                max: "{MINUTES_MAX}",
                                initial_value: "{minutes}",
                                oninput: move |event| {
                                    form.write().minutes = event.value();
                                    changed();
                                },
                            }
                        }
                    }
                }
                Strip { day: day(), terms: terms.clone(), busy: taken, loading: matches!(busy, Some(Loadable::Loading)) }
                div { class: "field",
                    label { r#for: "field-invite-round", {l.tr("invite-round")} }
                    div { class: "select-box",
                    select {
                        id: "field-invite-round",
                        "data-test": "invite-round",
                        value: "{chosen_round}",
                        onchange: move |event| {
                            form.write().round =
                                round_ids.iter().copied().find(|id| id.to_string() == event.value());
                        },
                        option { value: "", selected: chosen_round.is_empty(),
                            {if rounds.is_empty() { l.tr("invite-round-new") } else { l.tr("invite-round-any") }}
                        }
                        for round in rounds {
                            option {
                                key: "{round.id}",
                                value: "{round.id}",
                                selected: chosen_round == round.id.to_string(),
                                "{round.name} {span(round.starts, round.ends, offset)}"
                            }
                        }
                    }
                    Icon { glyph: Glyph::Down }
                    }
                }
                TextArea {
                    test: "invite-note",
                    label: l.tr("invite-note"),
                    placeholder: l.tr("invite-note-placeholder"),
                    initial: form.peek().note.clone(),
                    oninput: move |text| form.write().note = text,
                }
                if clash.0 || clash.1 {
                    p { class: "callout warn", role: "alert", "data-test": "invite-clash",
                        Icon { glyph: Glyph::Warning }
                        {clash_words(l, clash)}
                    }
                }
                if let Some(code) = problem() {
                    p { class: "callout bad", role: "alert", "data-test": "invite-problem",
                        Icon { glyph: Glyph::Warning }
                        {crate::words::problem(l, code)}
                    }
                }
            }
            div { class: "actions stuck",
                Button {
                    test: "invite-send",
                    label: if warned() { l.tr("invite-send-anyway") } else { l.tr("invite-send") },
                    kind: if warned() { Kind::Danger } else { Kind::Primary },
                    onpress: move |()| send(),
                }
                p { class: "aside", {l.tr("invite-sms")} }
            }
        }
    }
}

fn clash_words(l: Lang, clash: (bool, bool)) -> String {
    match clash {
        (true, true) => l.tr("clash-both"),
        (true, false) => l.tr("clash-candidate"),
        (false, _) => l.tr("clash-own"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::times::MINUTE_MS;
    use super::*;
    use time::macros::offset;

    const CHINA: UtcOffset = offset!(+8);

    fn form(date: &str, clock: &str, minutes: &str) -> Form {
        Form {
            date: date.into(),
            clock: clock.into(),
            minutes: minutes.into(),
            round: None,
            note: " 请准备作品 ".into(),
        }
    }

    #[test]
    fn a_form_becomes_terms() {
        let terms = form("2026-11-25", "10:00", "45").terms(CHINA).expect("readable");
        assert_eq!((hour(terms.starts, CHINA).as_str(), terms.minutes), ("10:00", 45));
        assert_eq!(terms.note, "请准备作品");
        for (date, clock, minutes) in
            [("", "10:00", "45"), ("2026-11-25", "", "45"), ("2026-11-25", "10:00", "long")]
        {
            assert_eq!(form(date, clock, minutes).terms(CHINA), None);
        }
    }

    #[test]
    fn a_clash_says_whose_and_not_ones_own_old_time() {
        let terms = form("2026-11-25", "10:00", "30").terms(CHINA).expect("readable");
        let busy = |from: i64, to: i64, candidate| Busy {
            from: terms.starts.after(from * MINUTE_MS),
            to: terms.starts.after(to * MINUTE_MS),
            candidate,
        };
        assert_eq!(clashes(&terms, &[], None), (false, false));
        // one that ends when it begins is none
        assert_eq!(clashes(&terms, &[busy(-30, 0, true), busy(30, 60, false)], None), (false, false));
        assert_eq!(clashes(&terms, &[busy(-30, 1, true)], None), (true, false));
        assert_eq!(clashes(&terms, &[busy(10, 20, false), busy(29, 60, true)], None), (true, true));
        assert_eq!(clashes(&terms, &[busy(0, 30, true)], Some(&terms)), (false, false));
    }
}
