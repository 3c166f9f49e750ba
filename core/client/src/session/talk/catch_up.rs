//! Keeps conversations complete: brings them from the store when something is about them, fetches what
//! is missing, and does what their mirrors left to be done.

use super::super::app::App;
use super::known::Todo;
use crate::platform::LocalNote;
use miantan_domain::ids::ConversationId;
use miantan_domain::rules::outbox;
use std::sync::Arc;

impl App {
    /// Brings a conversation from the store, where it is there.
    pub async fn know(&mut self, id: ConversationId) -> bool {
        let Some(talk) = self.talk() else { return false };
        if talk.known.contains_key(&id) {
            return true;
        }
        let owner = Arc::clone(&talk.owner);
        let kept = self.parts.store.talk(&owner, id).await;
        let Some(talk) = self.talk() else { return false };
        match kept {
            Ok(Some(kept)) => {
                talk.insert(kept);
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::error!(%error, "a stored conversation cannot be read");
                false
            }
        }
    }

    /// Tells of what the other side said while nobody looked.
    pub fn talk_came(&mut self, news: Option<LocalNote>) {
        if let Some(note) = news.filter(|_| !(self.foreground && self.in_front))
            && let Err(unavailable) = self.services.notifier.show(&note)
        {
            tracing::info!(what = unavailable.what, "the system does not show it");
        }
    }

    /// Fetches entries that are missing here, one conversation at a time, the newest first.
    pub async fn catch_up(&mut self) {
        loop {
            let now = self.clock.now();
            let Some(talk) = self.talk() else { return };
            if !talk.live {
                return;
            }
            if let Some(id) = talk.catching {
                if talk.known.get(&id).is_some_and(|known| known.mirror.is_asking()) {
                    return;
                }
                talk.catching = None;
            }
            let next = talk.behind.iter().filter(|(id, _)| !talk.active.contains(*id));
            let Some(id) = next.max_by_key(|(_, pos)| **pos).map(|(id, _)| *id) else { return };
            let known = self.know(id).await;
            let Some(talk) = self.talk() else { return };
            if known {
                talk.activate(now, id);
                talk.catching = Some(id);
            } else {
                talk.behind.remove(&id);
            }
        }
    }

    /// Does what is left.
    pub fn talk_do(&mut self) {
        while let Some(todo) = self.talk().and_then(|talk| talk.todo.pop_front()) {
            match todo {
                Todo::Send(frame) => {
                    self.send(frame);
                }
                Todo::Entries(conversation, ask) => self.ask_entries(conversation, ask),
                Todo::Head(conversation) => self.ask_head(conversation),
                Todo::Came(id, seq) => {
                    if self.account.as_ref().is_some_and(|account| account.changes.contains_key(&id)) {
                        self.outbox(outbox::Input::Accepted { id, seq });
                    }
                }
            }
        }
    }
}
