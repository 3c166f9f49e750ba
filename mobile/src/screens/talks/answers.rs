//! Questions about an invitation: why it is declined or withdrawn, which other times would do.

use super::times::{DAY_MS, date_value, moment};
use super::use_desk;
use crate::bridge::use_hall;
use crate::format::hour;
use crate::parts::{Button, Glyph, Icon, Kind, Sheet};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_domain::model::{InvitationCard, MOVE_TIMES_MAX};
use miantan_domain::time::WallTime;

/// A longer text with its name.
#[component]
pub fn TextArea(
    test: String,
    label: String,
    #[props(default)] placeholder: String,
    #[props(default)] initial: String,
    oninput: EventHandler<String>,
) -> Element {
    rsx! {
        div { class: "field",
            label { r#for: "field-{test}", "{label}" }
            textarea {
                id: "field-{test}",
                "data-test": "{test}",
                rows: "3",
                maxlength: "2000",
                placeholder,
                initial_value: "{initial}",
                oninput: move |event| oninput.call(event.value()),
            }
        }
    }
}

#[component]
pub fn Decline(card: Box<InvitationCard>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let mut reason = use_signal(String::new);
    let (conversation, invitation, revision) = (card.conversation, card.id, card.revision);
    rsx! {
        Sheet { test: "decline-sheet", title: l.tr("decline-title"), onclose: move |()| desk.close(),
            p { class: "lead", {l.tr("decline-lead")} }
            div { class: "form",
                TextArea { test: "decline-reason", label: l.tr("reason-optional"), oninput: move |text| reason.set(text) }
            }
            div { class: "actions",
                Button {
                    test: "decline-yes",
                    label: l.tr("invite-decline"),
                    kind: Kind::Danger,
                    onpress: move |()| {
                        let reason = reason.peek().trim().to_owned();
                        hall.send(Intent::Talk(TalkIntent::Decline { conversation, invitation, revision, reason }));
                        desk.close();
                    },
                }
                Button { test: "decline-no", label: l.tr("cancel"), kind: Kind::Plain, onpress: move |()| desk.close() }
            }
        }
    }
}

#[component]
pub fn Withdraw(card: Box<InvitationCard>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let mut reason = use_signal(String::new);
    let invitation = card.id;
    rsx! {
        Sheet { test: "withdraw-sheet", title: l.tr("withdraw-title"), onclose: move |()| desk.close(),
            p { class: "lead", {l.tr("withdraw-lead")} }
            div { class: "form",
                TextArea { test: "withdraw-reason", label: l.tr("reason-optional"), oninput: move |text| reason.set(text) }
            }
            div { class: "actions",
                Button {
                    test: "withdraw-yes",
                    label: l.tr("invite-withdraw"),
                    kind: Kind::Danger,
                    onpress: move |()| {
                        let reason = reason.peek().trim().to_owned();
                        hall.send(Intent::Talk(TalkIntent::Withdraw { invitation, reason }));
                        desk.close();
                    },
                }
                Button { test: "withdraw-no", label: l.tr("cancel"), kind: Kind::Plain, onpress: move |()| desk.close() }
            }
        }
    }
}

/// What is wrong with the times named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Unreadable,
    Past,
}

/// The times of the filled lines, in order and each once.
fn named(lines: &[(String, String)], now: WallTime, offset: time::UtcOffset) -> Result<Vec<WallTime>, Wrong> {
    let mut times = Vec::new();
    for (date, clock) in lines.iter().filter(|(date, clock)| !(date.is_empty() && clock.is_empty())) {
        let time = moment(date, clock, offset).ok_or(Wrong::Unreadable)?;
        if time <= now {
            return Err(Wrong::Past);
        }
        times.push(time);
    }
    times.sort_unstable();
    times.dedup();
    Ok(times)
}

/// Up to three times that would do, and a word about it.
#[component]
pub fn AskToMove(card: Box<InvitationCard>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let offset = hall.offset();
    let mut note = use_signal(String::new);
    let first = card.terms.starts.after(DAY_MS);
    let mut lines = use_signal(|| vec![(date_value(first, offset), hour(first, offset))]);
    let mut wrong = use_signal(|| None::<Wrong>);
    let (conversation, invitation, revision) = (card.conversation, card.id, card.revision);
    let count = lines.read().len();
    rsx! {
        Sheet { test: "move-sheet", title: l.tr("move-title"), tall: true, onclose: move |()| desk.close(),
            p { class: "lead", {l.tr("move-lead")} }
            div { class: "form",
                for at in 0..count {
                    fieldset { key: "{at}", class: "when-row",
                        legend { class: "unseen", {l.tr_with("move-time", &[("n", (at + 1).into())])} }
                        input {
                            r#type: "date",
                            class: "date-input",
                            "data-test": "move-date-{at}",
                            "aria-label": l.tr("invite-date"),
                            initial_value: "{lines.peek()[at].0}",
                            oninput: move |event| {
                                lines.write()[at].0 = event.value();
                                wrong.set(None);
                            },
                        }
                        input {
                            r#type: "time",
                            class: "time-input",
                            "data-test": "move-time-{at}",
                            "aria-label": l.tr("invite-time"),
                            initial_value: "{lines.peek()[at].1}",
                            oninput: move |event| {
                                lines.write()[at].1 = event.value();
                                wrong.set(None);
                            },
                        }
                    }
                }
                if count < MOVE_TIMES_MAX {
                    Button {
                        test: "move-add",
                        label: l.tr("move-add"),
                        glyph: Glyph::Plus,
                        kind: Kind::Plain,
                        small: true,
                        onpress: move |()| {
                            let last = lines.peek().last().cloned().unwrap_or_default();
                            lines.write().push(last);
                        },
                    }
                }
                TextArea { test: "move-note", label: l.tr("move-note"), oninput: move |text| note.set(text) }
                if let Some(wrong) = wrong() {
                    p { class: "callout bad", role: "alert", "data-test": "move-wrong",
                        Icon { glyph: Glyph::Warning }
                        {match wrong {
                            Wrong::Unreadable => l.tr("invite-time-unreadable"),
                            Wrong::Past => l.tr("invite-time-past"),
                        }}
                    }
                }
            }
            div { class: "actions",
                Button {
                    test: "move-send",
                    label: l.tr("move-send"),
                    onpress: move |()| {
                        match named(&lines.peek(), hall.wall(), offset) {
                            Ok(times) => {
                                let note = note.peek().trim().to_owned();
                                hall.send(Intent::Talk(TalkIntent::AskToMove {
                                    conversation,
                                    invitation,
                                    revision,
                                    note,
                                    times,
                                }));
                                desk.close();
                            }
                            Err(why) => wrong.set(Some(why)),
                        }
                    },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    #[test]
    fn times_are_named_in_order_and_once() {
        let now = WallTime(1_795_500_300_000);
        let line = |date: &str, clock: &str| (date.to_owned(), clock.to_owned());
        let named = |lines: &[(String, String)]| named(lines, now, offset!(+8));
        let later = line("2026-11-26", "10:00");
        let sooner = line("2026-11-25", "10:00");
        let times = named(&[later.clone(), sooner.clone(), line("", ""), later.clone()]).expect("all good");
        assert_eq!(times.len(), 2);
        assert!(times[0] < times[1]);
        assert_eq!(named(&[line("2026-11-24", "14:05")]), Err(Wrong::Past));
        assert_eq!(named(&[later, line("2026-11-25", "")]), Err(Wrong::Unreadable));
        assert_eq!(named(&[]), Ok(Vec::new()));
    }
}
