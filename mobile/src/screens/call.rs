//! The call (Q3, Q4): the other side's picture, the own one in the corner, time, network in words, and the
//! controls. End stands apart from mute, with another control between them, and asks before it ends.

use super::call_sheets::{EndSheet, Marking, NotesSheet};
use super::{queue_of, ring::with_whom};
use crate::bridge::use_hall;
use crate::format::{clock, seconds_left};
use crate::parts::{Button, Glyph, Icon, IconButton, Kind, Picture, PictureOf, Spinner};
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{CallQuality, CallScreen};
use miantan_domain::model::Side;
use miantan_domain::rules::call::Interruption;
use miantan_domain::rules::call::client::CallStage;
use miantan_domain::rules::link::LinkView;
use miantan_domain::time::Timestamp;

/// Connected time now, in milliseconds; it stands still while the call does.
pub(super) fn talked(stage: CallStage, now: Timestamp) -> u64 {
    match stage {
        CallStage::Connected { heard, talked_ms } => talked_ms + now.since(heard),
        CallStage::Interrupted { talked_ms, .. } | CallStage::Ended { talked_ms, .. } => talked_ms,
        CallStage::Placing
        | CallStage::RingingOut { .. }
        | CallStage::RingingIn { .. }
        | CallStage::Connecting => 0,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Nothing,
    Notes,
    End,
}

#[component]
pub fn InCall() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let mut over = use_signal(|| Over::Nothing);
    let mut corner = use_signal(|| 0_usize);
    // How many texts were there when the sheet was last open: more than that is news.
    let mut read = use_signal(|| 0_usize);
    let Some(call) = view.call.clone() else { return rsx! {} };
    let with = with_whom(&view);
    let recruiter = call.view.side == Side::Recruiter;
    let marked = queue_of(&view).and_then(|queue| queue.state.tickets.get(&call.view.ticket)).cloned();
    let connecting = call.view.stage == CallStage::Connecting;
    let absent = if connecting {
        Some(l.tr("connecting"))
    } else if call.remote_video {
        None
    } else {
        Some(words::no_remote_picture(l, call.remote_pause, &with))
    };
    let ticket = call.view.ticket;
    let of_notes = call.notes.iter().skip(read()).filter(|note| note.from != call.view.side).count();
    let unread = super::talks::unread_beside(&view).unwrap_or(of_notes);
    rsx! {
        main { class: "screen call", "data-side": if recruiter { "recruiter" } else { "candidate" },
            Picture { of: PictureOf::Remote, name: l.tr_with("picture-of", &[("name", with.clone().into())]), absent }
            CallHead { call: HeadOf(call.clone()), with: with.clone() }
            button {
                r#type: "button",
                class: "own-corner corner-{corner}",
                "data-test": "own-corner",
                "aria-label": l.tr("move-own-picture"),
                onclick: move |_| corner.set((corner() + 1) % 4),
                Picture {
                    of: PictureOf::Own,
                    name: l.tr("own-picture"),
                    small: true,
                    absent: (!call.camera_on).then(|| l.tr("camera-is-off")),
                }
            }
            if let CallStage::Interrupted { mine, why, until, .. } = call.view.stage {
                Standstill { mine, why, left: seconds_left(until.left(hall.now())) }
            }
            footer { class: "call-foot",
                if call.camera_on && let Some(less) = words::sending(l, call.sending) {
                    p { class: "call-calm", role: "status", "data-test": "call-ladder", "{less}" }
                }
                for problem in call.problems.iter().copied() {
                    p { key: "{problem:?}", class: "call-problem", role: "alert",
                        Icon { glyph: Glyph::Warning }
                        {words::device_problem(l, problem)}
                    }
                }
                if recruiter && let Some(ticket) = marked.clone() {
                    Marking { ticket: Box::new(ticket) }
                }
                div { class: "controls",
                    IconButton {
                        test: "mute",
                        name: if call.muted { l.tr("unmute") } else { l.tr("mute") },
                        caption: l.tr("mute"),
                        glyph: if call.muted { Glyph::MicrophoneOff } else { Glyph::Microphone },
                        pressed: call.muted,
                        class: "control",
                        onpress: move |()| hall.send(Intent::SetMuted(!call.muted)),
                    }
                    IconButton {
                        test: "camera",
                        name: if call.camera_on { l.tr("camera-turn-off") } else { l.tr("camera-turn-on") },
                        caption: l.tr("camera-short"),
                        glyph: if call.camera_on { Glyph::Camera } else { Glyph::CameraOff },
                        pressed: !call.camera_on,
                        class: "control",
                        onpress: move |()| hall.send(Intent::SetCamera(!call.camera_on)),
                    }
                    IconButton {
                        test: "switch-camera",
                        name: l.tr("switch-camera"),
                        caption: l.tr("switch-camera-short"),
                        glyph: Glyph::Flip,
                        class: "control",
                        disabled: !call.camera_on,
                        onpress: move |()| hall.send(Intent::SwitchCamera),
                    }
                    IconButton {
                        test: "notes",
                        name: l.tr("notes"),
                        caption: if unread > 0 { l.tr_with("notes-new", &[("n", unread.into())]) } else { l.tr("notes") },
                        glyph: Glyph::Chat,
                        class: if unread > 0 { "control news" } else { "control" },
                        onpress: move |()| over.set(Over::Notes),
                    }
                    IconButton {
                        test: "end",
                        name: if recruiter { l.tr("end-interview") } else { l.tr("leave-call") },
                        caption: if recruiter { l.tr("end-interview-short") } else { l.tr("leave-call-short") },
                        glyph: Glyph::PhoneDown,
                        class: "control end",
                        onpress: move |()| over.set(Over::End),
                    }
                }
            }
        }
        match over() {
            Over::Nothing => rsx! {},
            Over::Notes => rsx! {
                NotesSheet {
                    ticket,
                    side: call.view.side,
                    notes: call.notes.to_vec(),
                    onclose: move |count: usize| {
                        read.set(count);
                        over.set(Over::Nothing);
                    },
                }
            },
            Over::End => rsx! {
                EndSheet {
                    side: call.view.side,
                    with,
                    ticket: marked.map(Box::new),
                    onclose: move |()| over.set(Over::Nothing),
                }
            },
        }
    }
}

/// Name, round, running time, and how the network is, in a word.
#[component]
fn CallHead(call: HeadOf, with: String) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let call = call.0;
    let class = match call.quality {
        CallQuality::Unknown => "unknown",
        CallQuality::Good => "good",
        CallQuality::Fair => "fair",
        CallQuality::Poor => "poor",
        CallQuality::Lost => "lost",
    };
    let connected = matches!(call.view.stage, CallStage::Connected { .. });
    rsx! {
        header { class: "call-head",
            div {
                h1 { "data-test": "call-with", "{with}" }
                p { "data-test": "round-name", "{call.round_name}" }
                if let Some(to) = &call.sound_to {
                    p { class: "sound-to", "data-test": "sound-to", {words::sound_to(l, to)} }
                }
            }
            div { class: "call-facts",
                p { class: "timer figures", role: "timer", "data-test": "call-timer",
                    {clock(talked(call.view.stage, hall.now()))}
                }
                if connected {
                    p { class: "quality {class}", role: "status", "data-test": "quality",
                        span { class: "bars", "aria-hidden": "true",
                            span {}
                            span {}
                            span {}
                        }
                        {words::quality(l, call.quality)}
                    }
                } else if call.view.stage == CallStage::Connecting {
                    p { class: "quality", "data-test": "quality", {l.tr("connecting-short")} }
                }
            }
        }
    }
}

/// A call screen as a component takes it; two are the same when they show the same.
#[derive(Debug, Clone)]
struct HeadOf(CallScreen);

impl PartialEq for HeadOf {
    fn eq(&self, other: &Self) -> bool {
        self.0.view == other.0.view
            && self.0.quality == other.0.quality
            && self.0.round_name == other.0.round_name
            && self.0.sound_to == other.0.sound_to
    }
}

/// The call stands still: on which side, why, for how long it is kept, and what the person can do.
#[component]
fn Standstill(mine: bool, why: Interruption, left: u64) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let (title, more) = words::interruption(l, why, mine, hall.view().link == LinkView::Live);
    rsx! {
        section { class: "standstill", role: "status", "aria-live": "assertive", "data-test": "interrupted",
            Spinner {}
            h2 { "{title}" }
            p { "{more}" }
            p { class: "left figures", "data-test": "interrupted-left",
                {l.tr_with("cut-left", &[("time", clock(left * 1000).into())])}
            }
            if mine && why == Interruption::Network {
                Button {
                    test: "reconnect",
                    label: l.tr("reconnect-now"),
                    kind: Kind::Secondary,
                    onpress: move |()| hall.send(Intent::NetworkChanged { up: true }),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use miantan_domain::rules::call::EndReason;

    #[test]
    fn the_timer_runs_only_while_connected() {
        let at = Timestamp(10_000);
        let connected = CallStage::Connected { heard: Timestamp(4_000), talked_ms: 60_000 };
        assert_eq!(talked(connected, at), 66_000);
        let interrupted = CallStage::Interrupted {
            mine: true,
            why: Interruption::Network,
            until: Timestamp(40_000),
            talked_ms: 66_000,
        };
        assert_eq!(talked(interrupted, at), 66_000);
        assert_eq!(talked(CallStage::Ended { reason: EndReason::Lost, talked_ms: 7 }, at), 7);
        assert_eq!(talked(CallStage::Connecting, at), 0);
    }
}
