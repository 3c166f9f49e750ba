//! The sheets in which a candidate says no to an invitation or asks for another time.

use crate::bridge::use_hall;
use crate::format::hour;
use crate::parts::{Area, Button, Kind, Line, Remark, Sheet, Takes};
use crate::screens::talks::times::{date_value, moment};
use dioxus::prelude::*;
use miantan_client::{Intent, intent::TalkIntent};
use miantan_domain::model::{InvitationCard, MOVE_TIMES_MAX, TEXT_MAX_CHARS};
use miantan_domain::time::WallTime;
use time::UtcOffset;

/// What is being answered: another time, or no.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answering {
    pub card: InvitationCard,
    pub moving: bool,
}

/// One proposed time, as its two fields have it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Proposal {
    day: String,
    clock: String,
}

/// The times of the fields that are filled in; `None`: one is half filled in, or lies in the past.
fn proposed(all: &[Proposal], now: WallTime, offset: UtcOffset) -> Option<Vec<WallTime>> {
    all.iter()
        .filter(|each| !each.day.is_empty() || !each.clock.is_empty())
        .map(|each| moment(&each.day, &each.clock, offset).filter(|at| *at > now))
        .collect()
}

#[component]
pub(super) fn Answer(with: Answering, onclose: EventHandler<()>) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let Answering { card, moving } = with;
    let offset = hall.offset();
    let mut words = use_signal(String::new);
    let tomorrow = card.terms.starts.after(24 * 3_600_000);
    let mut proposals =
        use_signal(|| vec![Proposal { day: date_value(tomorrow, offset), clock: hour(tomorrow, offset) }]);
    let mut tried = use_signal(|| false);
    let times = proposed(&proposals.read(), hall.wall(), offset);
    let too_long = words.read().chars().count() > TEXT_MAX_CHARS;
    let good = !too_long && (!moving || times.is_some());
    let (conversation, invitation, revision) = (card.conversation, card.id, card.revision);
    let send = move |()| {
        tried.set(true);
        if good {
            let said = words.peek().trim().to_owned();
            hall.send(Intent::Talk(if moving {
                let times = times.clone().unwrap_or_default();
                TalkIntent::AskToMove { conversation, invitation, revision, note: said, times }
            } else {
                TalkIntent::Decline { conversation, invitation, revision, reason: said }
            }));
            onclose.call(());
        }
    };
    rsx! {
        Sheet {
            test: if moving { "move-sheet" } else { "decline-sheet" },
            title: if moving { l.tr("answer-move-title") } else { l.tr("answer-decline-title") },
            onclose: move |()| onclose.call(()),
            div { class: "stack",
                p { class: "lead",
                    if moving { {l.tr("answer-move-lead")} } else { {l.tr("answer-decline-lead")} }
                }
                if moving {
                    for (at , each) in proposals().into_iter().enumerate() {
                        div { key: "{at}", class: "two-fields",
                            Line {
                                test: "move-day-{at}",
                                label: l.tr_with("answer-move-day", &[("n", (at + 1).into())]),
                                initial: each.day.clone(),
                                takes: Takes::Date,
                                oninput: move |text| proposals.write()[at].day = text,
                            }
                            Line {
                                test: "move-clock-{at}",
                                label: l.tr("answer-move-clock"),
                                initial: each.clock.clone(),
                                takes: Takes::Clock,
                                oninput: move |text| proposals.write()[at].clock = text,
                            }
                        }
                    }
                    if tried() && !good {
                        p { class: "remark error", role: "alert", {l.tr("answer-move-times-bad")} }
                    }
                    if proposals.read().len() < MOVE_TIMES_MAX {
                        Button {
                            test: "move-more",
                            label: l.tr("answer-move-more"),
                            kind: Kind::Plain,
                            onpress: move |()| proposals.write().push(Proposal::default()),
                        }
                    }
                }
                Area {
                    test: "answer-words",
                    label: if moving { l.tr("answer-move-note") } else { l.tr("answer-decline-reason") },
                    rows: 3,
                    limit: TEXT_MAX_CHARS,
                    tone: Remark::Hint,
                    oninput: move |text| words.set(text),
                }
            }
            div { class: "actions",
                Button {
                    test: "answer-send",
                    label: if moving { l.tr("answer-move-send") } else { l.tr("answer-decline-send") },
                    kind: if moving { Kind::Primary } else { Kind::Danger },
                    disabled: too_long,
                    onpress: send,
                }
                Button { test: "answer-cancel", label: l.tr("cancel"), kind: Kind::Plain, onpress: move |()| onclose.call(()) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::offset;

    #[test]
    fn only_whole_times_ahead_are_proposed() {
        // 2026-11-24 14:05 in China
        let now = WallTime(1_795_500_300_000);
        let each = |day: &str, clock: &str| Proposal { day: day.into(), clock: clock.into() };
        let times = |all: &[Proposal]| proposed(all, now, offset!(+8));
        assert_eq!(times(&[each("2026-11-24", "14:06"), each("", "")]), Some(vec![now.after(60_000)]));
        assert_eq!(times(&[each("2026-11-24", "14:05")]), None, "not ahead");
        assert_eq!(times(&[each("2026-11-25", "")]), None, "half");
        assert_eq!(times(&[each("", "")]), Some(vec![]));
    }
}
