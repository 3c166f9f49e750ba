//! An open conversation: who it is, the messages, the line to write in, and what opens over them.

use super::answers::{AskToMove, Decline, Withdraw};
use super::head::{Actions, Head};
use super::invite::InviteSheet;
use super::marks::{MarkHistory, MarkSheet};
use super::messages::MessagesPanel;
use super::more::{BlockSheet, LinkSheet, Menu, ReportSheet, SearchSheet};
use super::resume::ResumeSheet;
use super::viewer::Viewer;
use super::{Desk, Over, open_id, open_talk, use_desk};
use crate::bridge::use_hall;
use dioxus::prelude::*;
use miantan_domain::ids::ConversationId;
use miantan_domain::model::Side;

#[component]
pub fn Conversation() -> Element {
    let view = use_hall().view();
    let id = open_id(&view);
    rsx! {
        // A list of one: another conversation begins anew.
        for id in id {
            Talk { key: "{id}", id }
        }
    }
}

#[component]
fn Talk(id: ConversationId) -> Element {
    use_context_provider(|| Desk {
        over: Signal::new(Over::Nothing),
        goal: Signal::new(None),
        problem: Signal::new(None),
    });
    let view = use_hall().view();
    let Some(open) = open_talk(&view).filter(|open| open.head.id == id) else { return rsx! {} };
    let recruiter = open.head.side == Side::Recruiter;
    rsx! {
        main { class: "screen conversation",
            Head { head: open.head.clone(), typing: open.typing }
            if recruiter {
                Actions { head: open.head.clone() }
            }
            MessagesPanel { conversation: id }
        }
        Overs {}
        if open.resume.is_some() {
            ResumeSheet {}
        }
    }
}

/// Whatever lies over the conversation.
#[component]
pub fn Overs() -> Element {
    let desk = use_desk();
    let view = use_hall().view();
    let Some(open) = open_talk(&view) else { return rsx! {} };
    let head = open.head.clone();
    let close = move |()| desk.close();
    match (desk.over)() {
        Over::Nothing => rsx! {},
        Over::Menu => rsx! { Menu { head } },
        Over::Mark => rsx! {
            MarkSheet { head, onclose: close, onhistory: move |()| desk.show(Over::MarkHistory) }
        },
        Over::MarkHistory => rsx! { MarkHistory { onclose: close } },
        Over::Search => rsx! { SearchSheet {} },
        Over::Report => rsx! { ReportSheet { head } },
        Over::Block => rsx! { BlockSheet { head } },
        Over::Invite(card) => rsx! { InviteSheet { head, card } },
        Over::Decline(card) => rsx! { Decline { card } },
        Over::AskToMove(card) => rsx! { AskToMove { card } },
        Over::Withdraw(card) => rsx! { Withdraw { card } },
        Over::Picture(object) => rsx! { Viewer { object } },
        Over::Link(address) => rsx! { LinkSheet { address } },
    }
}
