//! A round's machine rebuilt from its log: at the first question, and after the store failed.

use super::actor::RoundActor;
use super::batch::{Batch, Rooms};
use super::failed;
use crate::bus::{Note, Topic};
use miantan_domain::rules::call::{CallPhase, EndReason};
use miantan_domain::rules::round::server::{CallInfo, Input};
use miantan_domain::rules::round::{RoundServer, RoundState};
use miantan_domain::time::Moment;
use miantan_domain::wire::live::ServerFrame;
use miantan_domain::wire::{Problem, ProblemCode};

impl RoundActor {
    /// Rebuilds the machine from the log.
    pub(super) async fn restore(&mut self) -> Result<(), Problem> {
        let stored = self.tools.stores.rounds.load(self.round).await.map_err(failed)?;
        let stored = stored.ok_or_else(|| Problem::new(ProblemCode::NotFound, "there is no such round"))?;
        let mut state = RoundState::new(stored.info);
        for numbered in &stored.events {
            state.apply(numbered.at, &numbered.event);
            if state.seq != numbered.seq {
                tracing::error!(round = %self.round, seq = numbered.seq, "the round's log has a gap");
                return Err(Problem::new(ProblemCode::Internal, "the round's log has a gap"));
            }
        }
        self.broken = true;
        let at = self.tools.clock.moment();
        let mut machine = RoundServer::restored(at, state);
        let mut batch = Batch::default();
        batch.rooms = Rooms::All;
        batch.drain(at, &mut machine);
        // who is connected is in no log
        let connected = self.sockets.keys().map(|seat| Input::Connected(seat.device));
        let present = self.present.iter().map(|(&ticket, &(seat, presence))| Input::Presence {
            ticket,
            device: seat.device,
            presence,
        });
        for input in connected.chain(present) {
            machine.handle(at, input);
            batch.drain(at, &mut machine);
        }
        self.store(&machine, &batch, None).await?;
        self.calls_anew(at, &machine, &mut batch);
        self.machine = Some(machine);
        self.broken = false;
        self.sent.clear();
        self.tell(&batch);
        Ok(())
    }

    /// Takes over what was edited; calls and queue stay as they are.
    pub(super) async fn reload(&mut self) -> Result<(), Problem> {
        if self.machine.is_none() {
            return Ok(()); // it is read when somebody asks
        }
        let stored = self.tools.stores.rounds.load(self.round).await.map_err(failed)?;
        let stored = stored.ok_or_else(|| Problem::new(ProblemCode::NotFound, "there is no such round"))?;
        let Some(machine) = self.machine.as_mut() else { return Ok(()) };
        machine.inform(stored.info);
        let mut batch = Batch::default();
        batch.drain(self.tools.clock.moment(), machine);
        // an edit is no event: watchers get the whole round
        let queue = Box::new(machine.snapshot());
        let frame = ServerFrame::Queue { round: self.round, queue };
        self.tools.bus.publish(Topic::Round(self.round), Note::frame(&frame));
        self.tell(&batch);
        Ok(())
    }

    /// All calls are told anew after a rebuild, and those that are in no log are over.
    fn calls_anew(&self, at: Moment, machine: &RoundServer, batch: &mut Batch) {
        for call in machine.calls() {
            batch.calls.extend(machine.call(at.now, call).map(|info| (call, info)));
        }
        for told in self.open.values() {
            let info = machine.call(at.now, told.call).unwrap_or_else(|| CallInfo {
                phase: CallPhase::Ended { reason: EndReason::Missed, talked_ms: 0 },
                version: told.version.saturating_add(1).max(u64::try_from(at.wall.0).unwrap_or(0)),
                answered: false,
                ..told.clone()
            });
            batch.calls.insert(told.call, info);
        }
    }
}
