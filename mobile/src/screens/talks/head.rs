//! What stands over the messages: who it is, and what a recruiter does with an applicant.

use super::row::{MarkBadge, OtherAvatar};
use super::{Over, use_desk, words};
use crate::bridge::use_hall;
use crate::parts::{Glyph, Icon, IconButton};
use dioxus::prelude::*;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_domain::model::{Mark, Side, TalkHead};
use std::sync::Arc;

#[component]
pub fn Head(head: Arc<TalkHead>, typing: bool) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let name = words::other_name(&head).to_owned();
    rsx! {
        header { class: "talk-head",
            IconButton {
                test: "back",
                name: l.tr("back"),
                glyph: Glyph::Back,
                class: "quiet",
                onpress: move |()| hall.send(Intent::Talk(TalkIntent::Close)),
            }
            OtherAvatar { name: name.clone(), person: head.side == Side::Recruiter }
            div { class: "talk-who",
                h1 { "data-test": "talk-with", "{name}" }
                p { class: "talk-about", "data-test": "talk-about", "aria-live": "polite",
                    if typing {
                        span { class: "typing-word", {l.tr("talk-typing")} }
                    } else {
                        {words::about(&head)}
                    }
                }
            }
            IconButton {
                test: "talk-menu",
                name: l.tr("talk-more"),
                glyph: Glyph::More,
                class: "quiet",
                onpress: move |()| desk.show(Over::Menu),
            }
        }
    }
}

/// 简历, 面试邀约, 状态标记.
#[component]
pub fn Actions(head: Arc<TalkHead>) -> Element {
    let hall = use_hall();
    let desk = use_desk();
    let l = hall.lang();
    let conversation = head.id;
    rsx! {
        div { class: "talk-actions",
            button {
                r#type: "button",
                class: "talk-action",
                "data-test": "talk-resume",
                onclick: move |_| hall.send(Intent::Talk(TalkIntent::OpenResume(conversation))),
                Icon { glyph: Glyph::Document }
                span { {l.tr("resume")} }
            }
            button {
                r#type: "button",
                class: "talk-action",
                "data-test": "talk-invite",
                disabled: head.blocked,
                onclick: move |_| desk.show(Over::Invite(None)),
                Icon { glyph: Glyph::Calendar }
                span { {l.tr("talk-invitation")} }
            }
            button {
                r#type: "button",
                class: "talk-action",
                "data-test": "talk-mark",
                "aria-label": l.tr_with("mark-now", &[("mark", words::mark(l, head.mark).into())]),
                onclick: move |_| desk.show(Over::Mark),
                if head.mark == Mark::Unmarked {
                    Icon { glyph: Glyph::Tag }
                    span { {l.tr("mark")} }
                } else {
                    MarkBadge { mark: head.mark }
                }
            }
        }
    }
}
