//! What stands above every screen, in the flow so that it covers no control: connection, demo devices, things that
//! went wrong.

use super::{Glyph, Icon, IconButton, Spinner};
use crate::bridge::use_hall;
use crate::words;
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::view::{AppView, Notice, NoticeWhat, WhoView};
use miantan_domain::rules::link::{LinkView, SHOW_AFTER_MS};
use miantan_domain::time::Timestamp;
use std::time::Duration;

/// What to say of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Connection {
    Fine,
    Reconnecting,
    Offline,
}

/// A connection lost for less than a second is nobody's business; nor is one that nobody signed in needs.
fn connection(view: &AppView, now: Timestamp) -> Connection {
    if matches!(view.who, WhoView::SignedOut { .. }) {
        return Connection::Fine;
    }
    match view.link {
        LinkView::Live | LinkView::Stopped => Connection::Fine,
        LinkView::Connecting { since } if now.since(since) < SHOW_AFTER_MS => Connection::Fine,
        LinkView::Connecting { .. } | LinkView::Waiting { .. } => Connection::Reconnecting,
        LinkView::Offline => Connection::Offline,
    }
}

/// An identity is being checked with a synthetic camera: said over everything, in place of the line on demo devices.
fn simulated(view: &AppView) -> bool {
    match &view.who {
        WhoView::Candidate(candidate) => {
            candidate.identity.as_ref().is_some_and(|identity| identity.simulated)
        }
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Recruiter(_) => false,
    }
}

fn glyph(what: &NoticeWhat) -> Glyph {
    match what {
        NoticeWhat::Refused(_) => Glyph::Warning,
        NoticeWhat::Saved { .. } => Glyph::Check,
        NoticeWhat::SessionMoved
        | NoticeWhat::SessionOver
        | NoticeWhat::StorageFailed
        | NoticeWhat::StorageReplaced
        | NoticeWhat::CannotHere(_)
        | NoticeWhat::InterviewSoon { .. } => Glyph::Info,
    }
}

#[component]
pub fn Notices() -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let view = hall.view();
    let state = connection(&view, hall.now());
    rsx! {
        div { class: "notices",
            if simulated(&view) {
                p { class: "strip simulated", "data-test": "simulated",
                    Icon { glyph: Glyph::Camera }
                    {l.tr("simulated")}
                }
            } else if hall.demo_devices() {
                p { class: "strip demo", "data-test": "demo-devices", {l.tr("demo-devices")} }
            }
            div { role: "status", "aria-live": "polite",
                match state {
                    Connection::Fine => rsx! {},
                    Connection::Reconnecting => rsx! {
                        p { class: "strip warn", "data-test": "reconnecting",
                            Spinner {}
                            {l.tr("reconnecting")}
                        }
                    },
                    Connection::Offline => rsx! {
                        p { class: "strip warn", "data-test": "offline",
                            Icon { glyph: Glyph::WifiOff }
                            {l.tr("offline")}
                        }
                    },
                }
            }
            for notice in view.notices.iter().cloned() {
                NoticeLine { key: "{notice.id}", notice }
            }
        }
    }
}

/// Something that went well needs no answer and goes by itself; everything else stays until it was read.
fn goes_after(what: &NoticeWhat) -> Option<Duration> {
    match what {
        NoticeWhat::Saved { .. } => Some(Duration::from_secs(10)),
        NoticeWhat::Refused(_)
        | NoticeWhat::SessionMoved
        | NoticeWhat::SessionOver
        | NoticeWhat::StorageFailed
        | NoticeWhat::StorageReplaced
        | NoticeWhat::CannotHere(_)
        | NoticeWhat::InterviewSoon { .. } => None,
    }
}

#[component]
fn NoticeLine(notice: Notice) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let (id, after) = (notice.id, goes_after(&notice.what));
    use_future(move || async move {
        if let Some(after) = after {
            tokio::time::sleep(after).await;
            hall.send(Intent::DismissNotice(id));
        }
    });
    rsx! {
        div {
            class: if matches!(notice.what, NoticeWhat::Saved { .. }) { "notice good" } else { "notice" },
            role: "alert",
            "data-test": "notice",
            Icon { glyph: glyph(&notice.what) }
            p { {words::notice(l, &notice.what)} }
            IconButton {
                test: "notice-close-{id}",
                name: l.tr("close"),
                glyph: Glyph::Close,
                class: "quiet",
                onpress: move |()| hall.send(Intent::DismissNotice(id)),
            }
        }
    }
}
