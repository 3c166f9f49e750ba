//! What people do in conversations, and what they see of them.

use crate::person::Phone;
use crate::seen;
use miantan_client::Intent;
use miantan_client::intent::TalkIntent;
use miantan_client::view::*;
use miantan_domain::ids::*;
use std::path::Path;
use std::sync::Arc;

impl Phone {
    pub fn talk(&self, intent: TalkIntent) {
        self.wants(Intent::Talk(intent));
    }

    /// Opens a conversation and waits until it is on screen.
    pub async fn opens_talk(&self, id: ConversationId) {
        self.talk(TalkIntent::Open(id));
        self.sees("the conversation is open", |v| seen::conversation(v).is_some_and(|c| c.head.id == id))
            .await;
    }

    pub fn says(&self, text: &str) {
        self.talk(TalkIntent::Say { text: text.into() });
    }

    /// Waits until this can be read off the screen.
    pub async fn is_shown<T>(&self, what: &str, look: impl Fn(&AppView) -> Option<T>) -> T {
        let view = self.sees(what, |v| look(v).is_some()).await;
        look(&view).expect("just seen")
    }

    /// A line of the open conversation.
    pub async fn sees_item(&self, what: &str, is: impl Fn(&TalkItem) -> bool) -> TalkItem {
        self.is_shown(what, |v| seen::items(v).iter().find(|item| is(item)).cloned()).await
    }

    /// The other side's words, in the open conversation.
    pub async fn hears(&self, text: &str) -> TalkItem {
        self.sees_item(text, |item| item.state == SendState::Received && seen::is_text(item, text)).await
    }

    /// Own words have come so far.
    pub async fn knows(&self, text: &str, state: &SendState) {
        self.sees_item(&format!("{text}: {state:?}"), |item| {
            item.state == *state && seen::is_text(item, text)
        })
        .await;
    }

    /// Everything in the open conversation was on screen.
    pub fn reads_all(&self) {
        let seq = seen::items(&self.view()).iter().map(|item| item.seq).max().unwrap_or_default();
        self.talk(TalkIntent::Seen { seq });
    }

    /// Waits for the news that a file is there, and reads it. Older news are dismissed.
    pub async fn finds_saved(&self, asks: TalkIntent) -> (String, Vec<u8>) {
        let before = self.view().notices.iter().map(|notice| notice.id).max().unwrap_or_default();
        self.talk(asks);
        let saved = |v: &AppView| {
            v.notices.iter().filter(|notice| notice.id > before).find_map(|notice| match &notice.what {
                NoticeWhat::Saved { name, path } => Some((name.clone(), Arc::clone(path))),
                _ => None,
            })
        };
        let (name, path) = self.is_shown("a file was saved", saved).await;
        assert!(path.starts_with(self.saved()), "in the person's own folder");
        (name, read(&path))
    }
}

/// A file that a view names.
pub fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file that the screen shows is there")
}
