//! What is half written in a conversation is there again after a restart, in its own conversation only.

use crate::device::*;
use crate::talk::{lin_in_talk, open, opened};
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::ConversationId;

fn draft(view: &AppView) -> Option<&str> {
    view.talk.open.as_deref().map(|open| &*open.draft)
}

fn writes(phone: &Phone, conversation: ConversationId, text: &str) {
    phone.wants(Intent::Talk(TalkIntent::Draft { conversation, text: text.into() }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_outlives_the_app_and_goes_when_it_was_sent() {
    let (hall, mut phone, id) = lin_in_talk().await;
    let other = hall.desk(|desk| desk.begin(2, "南屿科技"));
    phone.sees("nothing written", |view| draft(view) == Some("")).await;
    writes(&phone, id, "周五下午\n可以");
    phone.sees("kept", |view| draft(view) == Some("周五下午\n可以")).await;
    phone.killed().await;
    phone.start().await;
    phone.wants(open(id));
    phone.sees("there again", |view| opened(view, id) && draft(view) == Some("周五下午\n可以")).await;
    phone.wants(open(other));
    phone.sees("another is empty", |view| opened(view, other) && draft(view) == Some("")).await;
    // also for a conversation that is not the open one: its screen was just left
    writes(&phone, id, "周五");
    phone.wants(open(id));
    phone.sees("the later one", |view| opened(view, id) && draft(view) == Some("周五")).await;
    writes(&phone, id, " ");
    phone.sees("emptied", |view| draft(view) == Some(" ")).await;
    phone.killed().await;
    phone.start().await;
    phone.wants(open(id));
    phone.sees("nothing is left", |view| opened(view, id) && draft(view) == Some("")).await;
}
