//! What a socket has to do with rounds and calls: commands, watching, presence, signals.

use super::{Socket, Step};
use crate::bus::{Note, Topic, encode};
use crate::store::Who;
use miantan_domain::ids::*;
use miantan_domain::model::Presence;
use miantan_domain::rules::outbox::Lasting;
use miantan_domain::signal::Signal;
use miantan_domain::wire::live::{Command, Lane, ServerFrame};
use miantan_domain::wire::{Problem, ProblemCode};

impl Socket {
    pub(super) async fn command(&mut self, id: ChangeId, round: RoundId, command: Command) -> Step {
        let lane = Lane::Round(round);
        let durable = Lasting::of_command(&command) == Lasting::Durable;
        if durable && let Err(problem) = self.talk.admit(lane, id) {
            return self.refuse(id, problem).await;
        }
        let answer = match self.known_to(round).await {
            Ok(()) => {
                let hall = self.state.hall.clone();
                hall.command(round, &self.session, id, command).await
            }
            Err(problem) => Err(problem),
        };
        match answer {
            Ok(seq) => self.send(encode(&ServerFrame::Accepted { id, seq })).await,
            Err(problem) => {
                if durable {
                    self.talk.refused(lane, id, &problem);
                }
                self.refuse(id, problem).await
            }
        }
    }

    pub(super) async fn watch(&mut self, round: RoundId, since: u64) -> Step {
        if matches!(self.session.who, Who::Candidate { .. }) {
            return self.problem(ProblemCode::NotAllowed.into()).await;
        }
        if let Err(problem) = self.known_to(round).await {
            return self.problem(problem).await;
        }
        let hall = self.state.hall.clone();
        if let Some(before) = self.watching.replace(round).filter(|before| *before != round) {
            hall.bus().leave(Topic::Round(before), &self.inbox);
        }
        // joined first: what happens while the answer is made waits in the inbox, and what of it the
        // answer contains already is skipped by its number
        hall.bus().join(Topic::Round(round), &self.inbox);
        match hall.watch(round, since).await {
            Ok(resumed) => {
                // the events of the answer are those after `since`, up to `upto`
                self.seen = since.min(resumed.upto);
                for note in resumed.notes {
                    self.note(note).await?;
                }
                self.seen = resumed.upto;
                Ok(())
            }
            Err(problem) => {
                hall.bus().leave(Topic::Round(round), &self.inbox);
                self.watching = None;
                self.problem(problem).await
            }
        }
    }

    pub(super) async fn presence(&mut self, presence: Presence) -> Step {
        self.presence = presence;
        if let Some(room) = self.session.who.room() {
            let hall = self.state.hall.clone();
            if let Err(problem) = hall.presence(room.round, &self.session, self.inbox.number, presence).await
            {
                return self.problem(problem).await;
            }
        }
        Ok(())
    }

    /// Passes a signal on to the other device of this device's own call, and to nobody else.
    pub(super) async fn signal(&mut self, call: CallId, epoch: u32, signal: Signal) -> Step {
        let Some(route) = self.route.filter(|route| route.call == call) else {
            return self.problem(ProblemCode::CallUnknown.into()).await;
        };
        if let Err(bad) = signal.check() {
            return self.problem(Problem::new(ProblemCode::SignalBad, bad.to_string())).await;
        }
        if !self.flood.signal(call, std::time::Instant::now()) {
            return self.problem(Problem::new(ProblemCode::TooMany, "signals of this call")).await;
        }
        // of a stack that is replaced by now: the device will see the newer epoch in its call's frame
        if route.epoch == epoch {
            let note = Note::frame(&ServerFrame::Signal { call, epoch, signal });
            self.state.hall.bus().publish(Topic::Seat(route.peer), note);
        }
        Ok(())
    }

    /// Makes sure that the session may act in the round and that the round knows this socket.
    async fn known_to(&mut self, round: RoundId) -> Result<(), Problem> {
        if self.rounds.contains(&round) {
            return Ok(());
        }
        let hall = self.state.hall.clone();
        hall.admits(&self.session.who, round).await?;
        hall.connected(round, &self.session, self.inbox.number, self.presence, None).await?;
        self.rounds.insert(round);
        Ok(())
    }
}
