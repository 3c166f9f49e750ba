//! What a socket has to do with conversations: changes on their way, what was missed, seen-marks,
//! typing.

use super::{Socket, Step};
use crate::bus::{Note, Topic, encode};
use crate::http::onlooker::Onlooker;
use crate::live::words::End;
use crate::store::{
    Answer, Guard, Parties, Party, Person, SeenAnswer, StoreError, Stored, TalkChange, TalkWish, Talker, Who,
};
use futures_util::FutureExt;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::LaneGuard;
use miantan_domain::wire::live::{Change, Lane, ServerFrame, TYPING_EVERY_MS};
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::{HashMap, VecDeque};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Changes and seen-marks on their way to the store; beyond that the socket is not read. A device of
/// ours has 32 changes unanswered.
const ON_THE_WAY: usize = 128;
/// Heads read at once for a device that was away.
const HEADS_AT_ONCE: u32 = 100;
/// Conversations whose sides a socket remembers, for those who type.
const KNOWN_MAX: usize = 64;

/// A part of the socket.
pub(super) struct Talk {
    /// Whoever has no conversations has none.
    talker: Option<Talker>,
    guard: Guard,
    on_the_way: VecDeque<OnTheWay>,
    /// Frames of conversations are passed on.
    follows: bool,
    /// Told up to here, and there is more.
    told: Option<u64>,
    /// Nothing is read before.
    reads_from: Option<Instant>,
    known: HashMap<ConversationId, (Parties, Option<Instant>)>,
}

/// Handed over and not answered yet.
enum OnTheWay {
    Change { id: ChangeId, answer: Answer<u64> },
    Seen { conversation: ConversationId, answer: Answer<SeenAnswer> },
}

/// An answer that has come.
pub(super) enum Answered {
    Change { id: ChangeId, result: Result<u64, Problem> },
    Seen { conversation: ConversationId, result: Result<SeenAnswer, Problem> },
}

/// What the store says in the words of the device.
fn settled<T>(
    answer: Result<Stored<Result<T, Problem>>, tokio::sync::oneshot::error::RecvError>,
) -> Result<T, Problem> {
    match answer {
        Ok(Ok(result)) => result,
        Ok(Err(error)) => Err(crate::hall::failed(error)),
        // the store was closed
        Err(_) => Err(crate::hall::failed(StoreError::Closed)),
    }
}

impl Talk {
    pub fn of(who: &Who) -> Self {
        Self {
            talker: crate::talk::talker(who),
            guard: Guard::default(),
            on_the_way: VecDeque::new(),
            follows: false,
            told: None,
            reads_from: None,
            known: HashMap::new(),
        }
    }

    fn guard(&self) -> MutexGuard<'_, LaneGuard> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn admit(&self, lane: Lane, id: ChangeId) -> Result<(), Problem> {
        self.guard().admit(lane, id)
    }

    pub fn refused(&self, lane: Lane, id: ChangeId, problem: &Problem) {
        self.guard().refused(lane, id, problem);
    }

    /// Where its conversations are told, once it follows them.
    pub fn topic(&self) -> Option<Topic> {
        self.talker.as_ref().filter(|_| self.follows).map(|talker| Topic::Talks(talker.party))
    }

    pub fn waits(&self) -> bool {
        !self.on_the_way.is_empty()
    }

    pub fn full(&self) -> bool {
        self.on_the_way.len() >= ON_THE_WAY
    }

    pub fn catches_up(&self) -> bool {
        self.told.is_some()
    }

    /// The next frame is read so much later.
    pub fn slow_down(&mut self, wait: Duration) {
        if !wait.is_zero() {
            self.reads_from = Some(Instant::now() + wait);
        }
    }

    pub fn reads_from(&self) -> Option<Instant> {
        self.reads_from
    }

    pub fn read_again(&mut self) {
        self.reads_from = None;
    }

    /// The answer to the first change on its way. Waits for ever when there is none. May be dropped and
    /// asked for again.
    pub async fn answered(&mut self) -> Answered {
        let Some(first) = self.on_the_way.front_mut() else { return std::future::pending().await };
        let answered = match first {
            OnTheWay::Change { id, answer } => Answered::Change { id: *id, result: settled(answer.await) },
            OnTheWay::Seen { conversation, answer } => {
                Answered::Seen { conversation: *conversation, result: settled(answer.await) }
            }
        };
        self.on_the_way.pop_front();
        answered
    }
}

impl Socket {
    /// A change in a conversation, or one of one's own.
    pub(super) async fn change(&mut self, id: ChangeId, change: Change) -> Step {
        let Some(by) = self.talk.talker.clone() else {
            return self.refuse(id, ProblemCode::NotAllowed.into()).await;
        };
        let wish = match change {
            Change::Talk { conversation, command } => {
                let plan = crate::talk::plan(&self.state, &command);
                TalkWish::Command { conversation, command, plan }
            }
            Change::Apply { application, position, resume } => {
                let fresh = crate::talk::fresh_conversation(&self.state);
                TalkWish::Apply { application, position, resume, fresh }
            }
            Change::Follow { fair, on } => return Box::pin(self.follow_fair(id, fair, on)).await,
            Change::Round { round, command } => return Box::pin(self.command(id, round, command)).await,
        };
        let at = self.state.clock.wall();
        let guard = Guard::clone(&self.talk.guard);
        match self.state.stores.talks.change(TalkChange { by, id, at, wish, guard }).await {
            Ok(answer) => {
                self.talk.on_the_way.push_back(OnTheWay::Change { id, answer });
                Ok(())
            }
            // closed: nothing behind it can be kept either
            Err(error) => self.refuse(id, crate::hall::failed(error)).await,
        }
    }

    /// Sends the answer and all others that are there by now.
    pub(super) async fn answer(&mut self, first: Answered) -> Step {
        self.tell_answer(first).await?;
        self.answer_rest().await
    }

    /// All answers that are there by now.
    pub(super) async fn answer_rest(&mut self) -> Step {
        while self.talk.waits()
            && let Some(next) = self.talk.answered().now_or_never()
        {
            self.tell_answer(next).await?;
        }
        Ok(())
    }

    async fn tell_answer(&mut self, answered: Answered) -> Step {
        match answered {
            Answered::Change { id, result: Ok(seq) } => {
                self.send(encode(&ServerFrame::Accepted { id, seq })).await
            }
            Answered::Change { id, result: Err(problem) } => {
                Box::pin(self.audit_talk(&problem)).await;
                self.refuse(id, problem).await
            }
            Answered::Seen { conversation, result: Ok(answer) } => {
                // news came by the bus, if this socket follows; the device waits for its word in any case
                let SeenAnswer { pos, seen, news } = answer;
                let side = self.talk.talker.as_ref().map(|talker| talker.party.side());
                let (false, Some(side)) = (news && self.talk.follows, side) else { return Ok(()) };
                self.send(encode(&ServerFrame::Seen { conversation, pos, side, seen })).await
            }
            Answered::Seen { result: Err(problem), .. } => {
                Box::pin(self.audit_talk(&problem)).await;
                self.problem(problem).await
            }
        }
    }

    /// Whoever reaches for what is not theirs is written down.
    async fn audit_talk(&mut self, problem: &Problem) {
        let reached = matches!(
            problem.code,
            ProblemCode::NotFound
                | ProblemCode::NotAllowed
                | ProblemCode::FileUnknown
                | ProblemCode::InvitationUnknown
        );
        if reached {
            self.state.audit("talk", problem.code, Some(self.session.who.person()), None).await;
        }
    }

    async fn follow_fair(&mut self, id: ChangeId, fair: FairId, on: bool) -> Step {
        // it has no place in the store's queue: what was handed over before it comes first
        while self.talk.waits() {
            let answered = self.talk.answered().await;
            self.tell_answer(answered).await?;
        }
        if let Err(problem) = self.talk.admit(Lane::Own, id) {
            return self.refuse(id, problem).await;
        }
        if !matches!(self.session.who.person(), Person::Candidate(_)) {
            return self.refuse(id, ProblemCode::NotAllowed.into()).await;
        }
        let names = Onlooker::of(&self.session).lasting_names(&self.state, fair);
        let fairs = &self.state.stores.fairs;
        let there = if on { fairs.follow(fair, names).await } else { fairs.unfollow(fair, names).await };
        let problem = match there {
            Ok(true) => return self.send(encode(&ServerFrame::Accepted { id, seq: 0 })).await,
            Ok(false) => ProblemCode::NotFound.into(),
            Err(error) => crate::hall::failed(error),
        };
        self.talk.refused(Lane::Own, id, &problem);
        self.refuse(id, problem).await
    }

    /// From now on conversations are told; and what changed after `since`.
    pub(super) async fn follow_talks(&mut self, since: Option<u64>) -> Step {
        let Some(party) = self.talk.talker.as_ref().map(|talker| talker.party) else {
            return self.problem(ProblemCode::NotAllowed.into()).await;
        };
        // first of all: what happens from here on waits in the inbox
        self.talk.follows = true;
        self.state.hall.bus().join(Topic::Talks(party), &self.inbox);
        let pos = match self.state.stores.talks.pos(party).await {
            Ok(pos) => pos,
            Err(error) => return self.problem(crate::hall::failed(error)).await,
        };
        match since {
            None => self.send(encode(&ServerFrame::Inbox { pos })).await,
            // a device knows more than there is after conversations were deleted: it hears of all
            Some(since) => {
                self.talk.told = Some(if since > pos { 0 } else { since });
                Ok(())
            }
        }
    }

    /// One more part of what was missed. Whatever moves on meanwhile is found again further up.
    pub(super) async fn catch_up(&mut self) -> Step {
        let Some((told, party)) = self.talk.told.zip(self.talk.talker.as_ref().map(|t| t.party)) else {
            return Ok(());
        };
        let heads = match self.state.stores.talks.heads_since(party, told, HEADS_AT_ONCE).await {
            Ok(heads) => heads,
            Err(error) => {
                // the device asks again on its next connection; until then it knows what it knew
                tracing::error!(%error, "the store failed");
                return Err(End::Problem(ProblemCode::ServerStorage));
            }
        };
        let last = heads.last().map_or(told, |head| head.pos);
        let more = heads.len() >= HEADS_AT_ONCE as usize;
        for head in heads {
            self.send(encode(&ServerFrame::Head(Box::new(head)))).await?;
        }
        self.talk.told = more.then_some(last);
        if more { Ok(()) } else { self.send(encode(&ServerFrame::Inbox { pos: last })).await }
    }

    pub(super) async fn seen(&mut self, conversation: ConversationId, seen: Seen) -> Step {
        let Some(by) = self.talk.talker.clone() else {
            return self.problem(ProblemCode::NotAllowed.into()).await;
        };
        match self.state.stores.talks.see(by, conversation, seen).await {
            Ok(answer) => {
                self.talk.on_the_way.push_back(OnTheWay::Seen { conversation, answer });
                Ok(())
            }
            Err(error) => self.problem(crate::hall::failed(error)).await,
        }
    }

    /// Tells the other side; more often than it should be said it is not.
    pub(super) async fn typing(&mut self, conversation: ConversationId) -> Step {
        let Some(party) = self.talk.talker.as_ref().map(|talker| talker.party) else {
            return self.problem(ProblemCode::NotAllowed.into()).await;
        };
        let now = Instant::now();
        let (parties, last) = match self.talk.known.get(&conversation) {
            Some(known) => *known,
            None => match self.state.stores.talks.parties(party, conversation).await {
                Ok(Some((parties, false))) => (parties, None),
                Ok(Some((_, true))) => return Ok(()),
                Ok(None) => {
                    let problem: Problem = ProblemCode::NotFound.into();
                    Box::pin(self.audit_talk(&problem)).await;
                    return self.problem(problem).await;
                }
                Err(error) => return self.problem(crate::hall::failed(error)).await,
            },
        };
        // a device whose clock runs a little faster than ours is in time all the same
        let every = Duration::from_millis(TYPING_EVERY_MS / 2);
        if last.is_some_and(|last| now.duration_since(last) < every) {
            return Ok(());
        }
        if self.talk.known.len() >= KNOWN_MAX {
            self.talk.known.clear();
        }
        self.talk.known.insert(conversation, (parties, Some(now)));
        let other = match party {
            Party::Candidate(_) => Party::Employer(parties.employer),
            Party::Employer(_) => Party::Candidate(parties.candidate),
        };
        let frame = ServerFrame::Typing { conversation, side: party.side() };
        self.state.hall.bus().publish(Topic::Talks(other), Note::frame(&frame));
        Ok(())
    }
}
