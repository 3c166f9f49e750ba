//! [`Talks`] in SQLite. `change` is the transaction in which a rule decides and its decision is kept;
//! `state` the row it looks at; `apply` and `invite` what applications and invitations need besides;
//! `heads` and `lists` read; `jobs` is what must still happen outside; `people` what is asked of
//! candidates and files.
//!
//! The running number `pos` is counted here, on the writer's thread: numbers of changes that were not
//! kept are left out.

mod apply;
mod change;
mod heads;
mod invite;
mod jobs;
mod lists;
mod people;
mod state;
mod whose;

pub(super) use whose::{changed, merge};

use super::Sqlite;
use super::row::failed;
use super::writer::Undo;
use crate::store::*;
use async_trait::async_trait;
use change::Kept;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::LaneGuard;
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::{Lane, TalkCommand};
use miantan_domain::wire::rest::{Busy, MarkChange, MyApplication, ReportLine};
use miantan_domain::wire::{Problem, ProblemCode};
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The running number, and who hears what is kept.
#[derive(Default)]
pub(super) struct Memory {
    /// The last number given; 0: not known yet.
    pos: AtomicU64,
    listener: OnceLock<Arc<dyn TalkListener>>,
}

impl Memory {
    /// The next running number. Only the writer's thread asks.
    fn next_pos(&self, c: &Connection) -> Stored<u64> {
        let last = match self.pos.load(Ordering::Relaxed) {
            0 => c
                .query_row(
                    "SELECT max((SELECT pos FROM talk_counter WHERE only = 1),
                                (SELECT coalesce(max(pos), 0) FROM conversation))",
                    [],
                    |r| r.get::<_, i64>(0),
                )
                .map_err(failed)? as u64,
            known => known,
        };
        self.pos.store(last + 1, Ordering::Relaxed);
        Ok(last + 1)
    }

    fn tell(&self, news: &[TalkNews]) {
        if !news.is_empty()
            && let Some(listener) = self.listener.get()
        {
            listener.told(news);
        }
    }
}

/// Holds the lane when the store could not do it.
fn hold(guard: &Mutex<LaneGuard>, lane: Lane, id: ChangeId) {
    let problem: Problem = ProblemCode::ServerStorage.into();
    guard.lock().unwrap_or_else(PoisonError::into_inner).refused(lane, id, &problem);
}

const fn lane(wish: &TalkWish) -> Lane {
    match wish {
        TalkWish::Command { conversation, .. } => Lane::Talk(*conversation),
        TalkWish::Apply { .. } => Lane::Own,
    }
}

/// What is said is looked at before anything is written.
const fn undo(wish: &TalkWish) -> Undo {
    match wish {
        TalkWish::Command { command: TalkCommand::Say { .. }, .. } => Undo::Nothing,
        TalkWish::Command { .. } | TalkWish::Apply { .. } => Undo::Savepoint,
    }
}

impl Sqlite {
    /// A change whose news are told after the commit.
    pub(super) async fn keep<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &Memory) -> Stored<(T, Vec<TalkNews>)> + Send + 'static,
    ) -> Stored<T> {
        let (memory, telling) = (Arc::clone(&self.0.talks), Arc::clone(&self.0.talks));
        let answer = self
            .0
            .writer
            .submit(
                Undo::Savepoint,
                move |c| work(c, &memory),
                move |done: &mut Stored<(T, Vec<TalkNews>)>| {
                    if let Ok((_, news)) = done {
                        telling.tell(news);
                    }
                },
            )
            .await?;
        answer.await.map_err(|_| StoreError::Closed)?.map(|(value, _)| value)
    }
}

#[async_trait]
impl Talks for Sqlite {
    fn listen(&self, listener: Arc<dyn TalkListener>) {
        let _ = self.0.talks.listener.set(listener);
    }

    async fn change(&self, change: TalkChange) -> Stored<Answer<u64>> {
        let (memory, telling) = (Arc::clone(&self.0.talks), Arc::clone(&self.0.talks));
        let (caller, answer) = tokio::sync::oneshot::channel();
        let (guard, held) = (Arc::clone(&change.guard), Arc::clone(&change.guard));
        let (lane, id) = (lane(&change.wish), change.id);
        self.0
            .writer
            .submit(
                undo(&change.wish),
                move |c| {
                    let admitted = guard.lock().unwrap_or_else(PoisonError::into_inner).admit(lane, id);
                    match admitted {
                        Ok(()) => change::make(c, &memory, change),
                        Err(problem) => Ok(Err(problem)),
                    }
                },
                move |done: &mut Stored<Result<Kept, Problem>>| {
                    let told = match done {
                        Ok(Ok(kept)) => {
                            telling.tell(&kept.news);
                            Ok(Ok(kept.seq))
                        }
                        Ok(Err(problem)) => Ok(Err(problem.clone())),
                        Err(error) => {
                            hold(&held, lane, id);
                            Err(error.clone())
                        }
                    };
                    // a caller that went away does not undo the change
                    let _ = caller.send(told);
                },
            )
            .await?;
        Ok(answer)
    }

    async fn see(&self, by: Talker, conversation: ConversationId, seen: Seen) -> Stored<Answer<SeenAnswer>> {
        let (memory, telling) = (Arc::clone(&self.0.talks), Arc::clone(&self.0.talks));
        let (caller, answer) = tokio::sync::oneshot::channel();
        self.0
            .writer
            .submit(
                Undo::Nothing,
                move |c| change::see(c, &memory, by.party, conversation, seen),
                move |done: &mut Stored<Result<(SeenAnswer, Vec<TalkNews>), Problem>>| {
                    if let Ok(Ok((_, news))) = done {
                        telling.tell(news);
                    }
                    let told = done.as_ref().map(|result| match result {
                        Ok((answer, _)) => Ok(*answer),
                        Err(problem) => Err(problem.clone()),
                    });
                    let _ = caller.send(told.map_err(Clone::clone));
                },
            )
            .await?;
        Ok(answer)
    }

    async fn parties(&self, party: Party, conversation: ConversationId) -> Stored<Option<(Parties, bool)>> {
        self.read(move |c| {
            let row = state::Row::of(c, party, conversation)?;
            Ok(row.map(|row| (row.parties, row.state.blocked)))
        })
        .await
    }

    async fn pos(&self, party: Party) -> Stored<u64> {
        self.read(move |c| heads::pos(c, party)).await
    }

    async fn heads_since(&self, party: Party, since: u64, limit: u32) -> Stored<Vec<TalkHead>> {
        self.read(move |c| heads::since(c, party, since, limit)).await
    }

    async fn list(&self, party: Party, query: TalkQuery) -> Stored<TalkList> {
        self.read(move |c| lists::list(c, party, &query)).await
    }

    async fn head(&self, party: Party, conversation: ConversationId) -> Stored<Option<TalkHead>> {
        self.read(move |c| {
            let Some(row) = state::Row::of(c, party, conversation)? else { return Ok(None) };
            heads::head(c, row.key, party.side())
        })
        .await
    }

    async fn entries(
        &self,
        party: Party,
        conversation: ConversationId,
        stretch: Stretch,
        limit: u32,
    ) -> Stored<Option<Vec<Entry>>> {
        self.read(move |c| {
            let Some(row) = state::Row::of(c, party, conversation)? else { return Ok(None) };
            lists::entries(c, row.key, stretch, limit).map(Some)
        })
        .await
    }

    async fn marks(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
    ) -> Stored<Option<Vec<MarkChange>>> {
        self.read(move |c| {
            let row = state::Row::of(c, Party::Employer(employer), conversation)?;
            row.map(|row| lists::marks(c, row.key)).transpose()
        })
        .await
    }

    async fn busy(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
        from: WallTime,
        to: WallTime,
    ) -> Stored<Option<Vec<Busy>>> {
        self.read(move |c| {
            let row = state::Row::of(c, Party::Employer(employer), conversation)?;
            row.map(|row| lists::busy(c, row.parties, from, to)).transpose()
        })
        .await
    }

    async fn invitation(
        &self,
        party: Party,
        conversation: ConversationId,
        invitation: InvitationId,
    ) -> Stored<Option<InvitationFacts>> {
        self.read(move |c| {
            let facts = jobs::facts(c, invitation)?;
            Ok(facts.filter(|f| f.invitation.conversation == conversation && f.parties.has(party)))
        })
        .await
    }

    async fn open(&self, open: OpenTalk) -> Stored<Option<ConversationId>> {
        self.keep(move |c, memory| apply::open(c, memory, &open)).await
    }

    async fn resume_opened(
        &self,
        employer: EmployerId,
        conversation: ConversationId,
    ) -> Stored<Option<CandidateId>> {
        let whose = self
            .read(move |c| {
                let row = state::Row::of(c, Party::Employer(employer), conversation)?;
                let Some(row) = row else { return Ok(None) };
                Ok(Some((row.key, row.parties.candidate, apply::unseen(c, row.key)?)))
            })
            .await?;
        let Some((key, candidate, news)) = whose else { return Ok(None) };
        if news {
            self.write(move |c| apply::seen(c, key)).await?;
        }
        Ok(Some(candidate))
    }

    async fn report(&self, report: NewReport) -> Stored<bool> {
        self.write(move |c| lists::report(c, &report)).await
    }

    async fn reports(&self, limit: u32) -> Stored<Vec<ReportLine>> {
        self.read(move |c| lists::reports(c, limit)).await
    }

    async fn applications(&self, candidate: CandidateId) -> Stored<Vec<MyApplication>> {
        self.read(move |c| apply::mine(c, candidate)).await
    }

    async fn applied(
        &self,
        candidate: CandidateId,
        positions: Vec<PositionId>,
    ) -> Stored<BTreeSet<PositionId>> {
        self.read(move |c| apply::applied(c, candidate, &positions)).await
    }

    async fn interviews(&self, candidate: CandidateId) -> Stored<Vec<InvitationCard>> {
        self.read(move |c| heads::invitations(c, heads::Of::Candidate(candidate))).await
    }

    async fn entered(&self, invitation: InvitationId, id: ChangeId, now: WallTime) -> Stored<()> {
        // most codes come from the organiser's list: those who join all at once wait for no commit more
        if !self.read(move |c| change::is_open(c, invitation)).await? {
            return Ok(());
        }
        self.keep(move |c, memory| change::entered(c, memory, invitation, id, now)).await
    }

    async fn expire(&self, now: WallTime) -> Stored<u64> {
        self.keep(move |c, memory| change::expire(c, memory, now)).await
    }

    async fn due_jobs(&self, now: WallTime, limit: u32) -> Stored<Vec<TalkJob>> {
        self.read(move |c| jobs::due(c, now, limit)).await
    }

    async fn end_job(&self, job: i64, end: JobEnd, now: WallTime) -> Stored<()> {
        self.write(move |c| jobs::end(c, job, end, now)).await
    }

    async fn next_due(&self) -> Stored<Option<WallTime>> {
        self.read(jobs::next_due).await
    }

    async fn facts(&self, invitation: InvitationId) -> Stored<Option<InvitationFacts>> {
        self.read(move |c| jobs::facts(c, invitation)).await
    }

    async fn sessions(&self, invitation: InvitationId) -> Stored<Vec<SessionId>> {
        self.read(move |c| jobs::sessions(c, invitation)).await
    }

    async fn tidy_talks(&self, jobs_before: WallTime, changes_before: WallTime) -> Stored<u64> {
        self.write(move |c| jobs::tidy(c, jobs_before, changes_before)).await
    }
}
