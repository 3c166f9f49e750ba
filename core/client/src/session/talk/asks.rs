//! What is asked of the server for conversations, and what came of it. Each answer carries the number
//! of the sign-in it was asked for, so that nothing of one person reaches another.

use super::super::app::App;
use super::super::event::Event;
use super::files::Prepared;
use crate::rest::Server;
use crate::view::{Loadable, NoticeWhat};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::RefusalClass;
use miantan_domain::rules::talk::Ask;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use std::path::Path;
use std::sync::Arc;

/// News for conversations.
pub enum TalkNews {
    Page {
        ask: u64,
        result: Result<TalkPage, Problem>,
    },
    Head {
        conversation: ConversationId,
        result: Result<TalkHead, Problem>,
    },
    Entries {
        conversation: ConversationId,
        ask: Ask,
        result: Result<Vec<Entry>, Problem>,
    },
    Found {
        conversation: ConversationId,
        query: String,
        entries: Vec<Entry>,
    },
    Marks {
        conversation: ConversationId,
        result: Result<Vec<MarkChange>, Problem>,
    },
    Resume {
        conversation: ConversationId,
        result: Result<ResumeView, Problem>,
    },
    Busy {
        conversation: ConversationId,
        result: Result<Vec<Busy>, Problem>,
    },
    Reported(Result<(), Problem>),
    /// A file is in the app's folder, ready to be sent.
    Prepared {
        change: ChangeId,
        result: Result<Prepared, Problem>,
    },
    /// So many bytes of it are on the server.
    Sent {
        object: ObjectId,
        bytes: u64,
        of: u64,
    },
    Uploaded {
        object: ObjectId,
        result: Result<(), Problem>,
    },
    /// A picture is in the app's folder, or is not to be had now.
    Thumb {
        object: ObjectId,
        result: Result<Arc<Path>, Problem>,
    },
    Full {
        object: ObjectId,
        result: Result<Arc<Path>, Problem>,
    },
    /// A file is where the person finds it.
    Saved(Result<(String, Arc<Path>), Problem>),
}

pub fn talk_event(account: u64, news: TalkNews) -> Event {
    Event::Talk { account, news: Box::new(news) }
}

impl App {
    pub fn talk_account(&self) -> u64 {
        self.account.as_ref().map_or(0, |account| account.number)
    }

    /// Asks the server as whoever is signed in.
    pub fn talk_later<F>(&self, ask: impl FnOnce(Server) -> F)
    where
        F: Future<Output = TalkNews> + Send + 'static,
    {
        let Some(server) = self.rest() else { return };
        let (account, asked) = (self.talk_account(), ask(server));
        self.later(async move { talk_event(account, asked.await) });
    }

    pub fn ask_entries(&self, conversation: ConversationId, ask: Ask) {
        self.talk_later(move |server| async move {
            TalkNews::Entries { conversation, ask, result: server.entries(conversation, ask).await }
        });
    }

    pub fn ask_head(&self, conversation: ConversationId) {
        self.talk_later(move |server| async move {
            TalkNews::Head { conversation, result: server.talk(conversation).await }
        });
    }

    pub fn report(&mut self, reason: String) {
        let (unix_ms, random) = self.id_parts();
        let Some(conversation) = self.talk().and_then(|talk| talk.open.as_ref()).map(|open| open.id) else {
            return;
        };
        let report = Report { id: ChangeId::from_parts(unix_ms, &random), conversation, reason };
        self.talk_later(move |server| async move { TalkNews::Reported(server.report(&report).await) });
    }

    pub async fn talk_news(&mut self, account: u64, news: TalkNews) {
        if self.account.as_ref().is_none_or(|current| current.number != account) {
            return;
        }
        let now = self.clock.now();
        match news {
            TalkNews::Page { ask, result } => self.talks_came(ask, result).await,
            TalkNews::Head { conversation, result } => self.head_came(conversation, result).await,
            TalkNews::Entries { conversation, ask, result } => {
                let Some(talk) = self.talk() else { return };
                match result {
                    Ok(entries) => talk.page(now, conversation, ask, &entries),
                    Err(problem) if problem.code == ProblemCode::NotFound => talk.forget(conversation),
                    Err(problem) => {
                        tracing::info!(code = %problem.code, "entries were not fetched");
                        talk.ask_failed(now, conversation, ask);
                    }
                }
            }
            TalkNews::Found { conversation, query, entries } => {
                self.talk_found(conversation, &query, entries);
            }
            TalkNews::Marks { conversation, result } => {
                self.beside(conversation, |open| load(&mut open.marks, result));
            }
            TalkNews::Resume { conversation, result } => {
                self.beside(conversation, |open| load(&mut open.resume, result));
            }
            TalkNews::Busy { conversation, result } => {
                self.beside(conversation, |open| load(&mut open.busy, result));
            }
            TalkNews::Reported(result) => {
                if let Err(problem) = result {
                    self.notices.tell(NoticeWhat::Refused(problem));
                }
            }
            TalkNews::Prepared { change, result } => self.prepared(change, result),
            TalkNews::Sent { object, bytes, of } => self.part_sent(object, bytes, of),
            TalkNews::Uploaded { object, result } => self.uploaded(object, result),
            TalkNews::Thumb { object, result } => self.thumb_came(object, result),
            TalkNews::Full { object, result } => self.full_came(object, result),
            TalkNews::Saved(result) => match result {
                Ok((name, path)) => self.notices.tell(NoticeWhat::Saved { name, path }),
                Err(problem) => self.notices.tell(NoticeWhat::Refused(problem)),
            },
        }
        self.talk_do();
    }

    async fn head_came(&mut self, id: ConversationId, result: Result<TalkHead, Problem>) {
        let now = self.clock.now();
        let Some(talk) = self.talk() else { return };
        let wanted = talk.opening == Some(id);
        match result {
            Ok(head) => {
                let news = talk.head(now, head);
                self.talk_came(news);
                if wanted {
                    self.talk_open(id).await;
                }
            }
            Err(problem) => {
                tracing::info!(code = %problem.code, "a conversation was not fetched");
                if RefusalClass::of(problem.code) == RefusalClass::ForGood {
                    talk.fetching.remove(&id);
                    talk.tickets.gone(id);
                }
                if wanted {
                    talk.opening = None;
                    self.notices.tell(NoticeWhat::Refused(problem));
                }
            }
        }
    }

    /// Something beside the open conversation came.
    fn beside(&mut self, id: ConversationId, put: impl FnOnce(&mut super::open::Open)) {
        if let Some(open) = self.talk().and_then(|talk| talk.open.as_mut()).filter(|open| open.id == id) {
            put(open);
            self.talk_changed();
        }
    }
}

/// What is shown stays where it cannot be loaded again.
fn load<T>(slot: &mut Option<Loadable<Arc<T>>>, result: Result<T, Problem>) {
    match (result, &slot) {
        (Ok(value), Some(_)) => *slot = Some(Loadable::Ready(Arc::new(value))),
        (Err(problem), Some(Loadable::Loading)) => *slot = Some(Loadable::Failed(problem)),
        // Closed meanwhile, or there already.
        (Ok(_) | Err(_), _) => {}
    }
}
