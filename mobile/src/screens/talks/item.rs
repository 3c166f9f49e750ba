//! One message: text, picture, file, invitation, or a line of the history. Texts are text: markup in them does nothing,
//! and an address opens only after a question.

use super::card::Card;
use super::lines::{Line, Part, parts};
use super::{Over, open_talk, use_desk, words};
use crate::bridge::use_hall;
use crate::parts::{Bubble, Glyph, Icon, IconButton, Progress, Spinner, local_picture};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::{AppView, ItemBody, Picture, SendState, WhoView};
use miantan_domain::ids::ObjectId;

/// The mark beside a message.
const fn progress(state: &SendState) -> Progress {
    match state {
        SendState::Received | SendState::Failed(_) => Progress::None,
        SendState::Waiting => Progress::Waiting,
        SendState::Uploading { percent } => Progress::Uploading(*percent),
        SendState::Sending => Progress::Sending,
        SendState::Sent => Progress::Sent,
        SendState::Delivered => Progress::Delivered,
        SendState::Read => Progress::Read,
    }
}

/// The signed-in member's name; `None`: a candidate.
fn own_name(view: &AppView) -> Option<&String> {
    match &view.who {
        WhoView::Recruiter(recruiter) => Some(&recruiter.member.name),
        WhoView::SignedOut { .. } | WhoView::Account(_) | WhoView::Candidate(_) => None,
    }
}

#[component]
pub fn Item(line: Line) -> Element {
    let l = use_hall().lang();
    rsx! {
        div { class: "talk-item", "data-item": "{line.item.id}", "data-seq": "{line.item.seq}",
            if let Some(day) = &line.day {
                p { class: "day-line", role: "separator", span { "{day}" } }
            }
            if line.news {
                p { class: "new-line", "data-unread": true, role: "separator", span { {l.tr("talk-new-below")} } }
            }
            Said { line: line.clone() }
        }
    }
}

#[component]
fn Said(line: Line) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let item = line.item;
    let id = item.id;
    let failed = match &item.state {
        SendState::Failed(problem) => Some(crate::words::problem(l, problem.code)),
        _ => None,
    };
    let bare = matches!(item.body, ItemBody::Image(_) | ItemBody::Invited(_));
    let inner = match item.body {
        ItemBody::Text(text) => rsx! { Text { text } },
        ItemBody::Image(picture) => rsx! { Image { picture } },
        ItemBody::File { object, name, size } => rsx! {
            File { object, name, size, ready: item.seq > 0 }
        },
        ItemBody::Invited(Some(card)) => rsx! { Card { card: Box::new(card) } },
        ItemBody::Invited(None) => rsx! {
            p { class: "card-loading", role: "status", Spinner {} {l.tr("invitation-loading")} }
        },
        ItemBody::Applied { position } => {
            return rsx! {
                p { class: "talk-event", {l.tr_with("talk-applied", &[("position", position.into())])} }
            };
        }
        ItemBody::InvitationMoved(to) => {
            let view = hall.view();
            let Some(open) = open_talk(&view) else { return rsx! {} };
            let words = words::moved(l, &to, line.mine, &open.head);
            return rsx! {
                p { class: "talk-event", "{words}" }
            };
        }
        ItemBody::Unknown => {
            return rsx! {
                p { class: "talk-event", {l.tr("talk-unknown")} }
            };
        }
    };
    rsx! {
        Bubble {
            mine: line.mine,
            first: line.first,
            last: line.last,
            by: if line.mine && Some(&item.by) == own_name(&hall.peek_view()) { String::new() } else { item.by },
            when: line.when,
            progress: if line.mine { progress(&item.state) } else { Progress::None },
            failed,
            bare,
            test: "talk",
            onretry: move |()| hall.send(Intent::RetryChange(id)),
            ondelete: move |()| hall.send(Intent::DeleteChange(id)),
            {inner}
        }
    }
}

#[component]
fn Text(text: String) -> Element {
    let desk = use_desk();
    rsx! {
        for (at , part) in parts(&text).into_iter().enumerate() {
            match part {
                Part::Plain(text) => rsx! { "{text}" },
                Part::Link(address) => rsx! {
                    button {
                        key: "{at}",
                        r#type: "button",
                        class: "text-link",
                        "data-test": "talk-link",
                        onclick: {
                            let address = address.clone();
                            move |_| desk.show(Over::Link(address.clone()))
                        },
                        "{address}"
                    }
                },
            }
        }
    }
}

/// The box a picture is shown in, in rem: its own shape within limits, so that it is known before the picture is there.
fn shown(width: u32, height: u32) -> (f64, f64) {
    const MOST: (f64, f64) = (14.0, 18.0);
    const LEAST: f64 = 4.0;
    let (w, h) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let scale = (MOST.0 / w).min(MOST.1 / h);
    ((w * scale).max(LEAST), (h * scale).max(LEAST))
}

#[component]
fn Image(picture: Picture) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let (width, height) = shown(picture.width, picture.height);
    let object = picture.object;
    let source = picture.thumb.as_ref().or(picture.full.as_ref()).map(local_picture);
    rsx! {
        button {
            r#type: "button",
            class: "talk-picture",
            style: "width:{width:.2}rem;aspect-ratio:{width:.2}/{height:.2}",
            "data-test": "talk-picture",
            "aria-label": l.tr("talk-picture-open"),
            onclick: move |_| {
                hall.send(Intent::Talk(TalkIntent::OpenPicture(object)));
                desk.show(Over::Picture(object));
            },
            if let Some(source) = source {
                img { src: "{source}", alt: l.tr("talk-picture"), draggable: "false" }
            } else {
                Icon { glyph: Glyph::Image }
            }
        }
    }
}

#[component]
fn File(object: ObjectId, name: String, size: u64, ready: bool) -> Element {
    let hall = use_hall();
    let l = hall.lang();
    let kind = words::kind_of(&name);
    let wanted = name.clone();
    rsx! {
        div { class: "talk-file",
            span { class: "file-kind", "aria-hidden": "true",
                Icon { glyph: Glyph::Document }
            }
            div { class: "file-words",
                p { class: "file-name", "{name}" }
                p { class: "file-size figures", "{kind} {words::size(size)}" }
            }
            if ready {
                IconButton {
                    test: "talk-download",
                    name: l.tr_with("download-named", &[("name", name.into())]),
                    glyph: Glyph::Download,
                    class: "quiet",
                    onpress: move |()| hall.send(Intent::Talk(TalkIntent::Download { object, name: wanted.clone() })),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_their_shape_within_limits() {
        assert_eq!(shown(1400, 700), (14.0, 7.0));
        assert_eq!(shown(1000, 4000), (4.5, 18.0));
        // a strip is shown as a bar one can press
        assert_eq!(shown(10_000, 10), (14.0, 4.0));
        let (width, height) = shown(0, 0);
        assert!((width - 14.0).abs() < 1e-9 && (height - 14.0).abs() < 1e-9);
    }
}
