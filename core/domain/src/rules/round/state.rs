//! The round as its events made it.

use super::event::RoundEvent;
use crate::ids::*;
use crate::model::*;
use crate::rules::call::EndReason;
use crate::rules::check_in;
use crate::time::WallTime;
use crate::wire::live::{Announced, NoteView, NoticeView};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything about one round that lasts. Presence is not in it: that is only ever now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundState {
    pub info: RoundInfo,
    /// Number of the last event folded in; 0 before the first.
    pub seq: u64,
    pub stage: Stage,
    pub tickets: BTreeMap<TicketId, Ticket>,
    /// Staff notices, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<NoticeView>,
}

/// One candidate's place in the queue (排队号).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    pub id: TicketId,
    pub card: CandidateCard,
    /// Handed out in the order of joining, from 1.
    pub number: u32,
    pub appointed: Option<WallTime>,
    /// How often the ticket moved behind the others.
    pub lap: u32,
    pub taken: WallTime,
    pub checked: Vec<(CheckInStep, StepOutcome)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<IdentityMark>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkVerdict>,
    pub status: TicketStatus,
    /// The last call's start, kept after its end.
    pub last_call: Option<LastCall>,
    pub talked_ms: u64,
    pub outcome: Option<Outcome>,
    pub announced: Option<Announced>,
    pub notes: Vec<NoteView>,
}

/// Where a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum TicketStatus {
    Waiting,
    Skipped {
        until: WallTime,
    },
    InCall {
        call: CallId,
        stage: CallMark,
    },
    /// The last call broke off: place kept, either side may call again.
    CutOff {
        call: CallId,
    },
    Interviewed,
    /// Without an appointment any more; a new one brings it back.
    GivenUp,
}

/// How far a running call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallMark {
    Ringing,
    Connecting,
    Connected,
    Interrupted,
}

/// Who the last call was with, and on which devices (to find it again after a restart).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCall {
    pub call: CallId,
    pub member: MemberId,
    pub by: Side,
    pub at: WallTime,
    pub caller: DeviceId,
    pub answered: Option<DeviceId>,
    pub epoch: u32,
    pub ended: Option<(EndReason, WallTime)>,
}

/// A whole round for a recruiter's device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSnapshot {
    pub state: RoundState,
    /// Everyone who is not offline.
    pub presence: Vec<(TicketId, Presence)>,
}

impl Ticket {
    /// Waits for its turn, in whatever way.
    pub fn in_line(&self) -> bool {
        match self.status {
            TicketStatus::Waiting | TicketStatus::Skipped { .. } | TicketStatus::CutOff { .. } => true,
            TicketStatus::InCall { .. } | TicketStatus::Interviewed | TicketStatus::GivenUp => false,
        }
    }

    /// The queue's order: lap, appointed time (none: after all appointed), ticket number.
    pub fn order_key(&self) -> (u32, WallTime, u32) {
        (self.lap, self.appointed.unwrap_or(WallTime(i64::MAX)), self.number)
    }

    pub fn call(&self) -> Option<CallId> {
        match self.status {
            TicketStatus::InCall { call, .. } => Some(call),
            TicketStatus::Waiting
            | TicketStatus::Skipped { .. }
            | TicketStatus::CutOff { .. }
            | TicketStatus::Interviewed
            | TicketStatus::GivenUp => None,
        }
    }
}

impl RoundState {
    /// A round before its first event.
    pub fn new(info: RoundInfo) -> Self {
        let stage = info.stages.first().copied().unwrap_or(Stage::Interview);
        Self { info, seq: 0, stage, tickets: BTreeMap::new(), notices: Vec::new() }
    }

    /// Everyone who waits, in order.
    pub fn line(&self) -> Vec<&Ticket> {
        let mut line: Vec<&Ticket> = self.tickets.values().filter(|t| t.in_line()).collect();
        line.sort_by_key(|t| t.order_key());
        line
    }

    /// How many are before this ticket in the line.
    pub fn ahead(&self, ticket: &Ticket) -> u32 {
        let key = ticket.order_key();
        self.tickets.values().filter(|t| t.in_line() && t.order_key() < key).count() as u32
    }

    /// The next one who waits and can be rung at once (Q5).
    pub fn next_ready(&self, presence: impl Fn(TicketId) -> Presence) -> Option<TicketId> {
        self.line().into_iter().map(|t| t.id).find(|&id| presence(id) == Presence::Ready)
    }

    pub fn by_call(&self, call: CallId) -> Option<&Ticket> {
        self.tickets.values().find(|t| t.last_call.is_some_and(|last| last.call == call))
    }

    /// The number the next ticket gets.
    pub fn next_number(&self) -> u32 {
        self.tickets.values().map(|t| t.number).max().unwrap_or(0) + 1
    }

    /// Folds in event number `self.seq + 1`. Events that name an unknown ticket are counted and
    /// change nothing else.
    pub fn apply(&mut self, at: WallTime, event: &RoundEvent) {
        self.seq += 1;
        match event {
            RoundEvent::TicketTaken { ticket, card, number, appointed } => {
                self.tickets.entry(*ticket).or_insert_with(|| Ticket {
                    id: *ticket,
                    card: card.clone(),
                    number: *number,
                    appointed: *appointed,
                    lap: 0,
                    taken: at,
                    checked: Vec::new(),
                    identity: None,
                    network: None,
                    status: TicketStatus::Waiting,
                    last_call: None,
                    talked_ms: 0,
                    outcome: None,
                    announced: None,
                    notes: Vec::new(),
                });
            }
            RoundEvent::CheckedIn { ticket, step, outcome } => self.change(*ticket, |t| {
                t.checked.retain(|(s, _)| s != step);
                t.checked.push((*step, *outcome));
                t.checked.sort_by_key(|(s, _)| *s);
            }),
            RoundEvent::IdentitySettled { ticket, assurance, doubt } => self.change(*ticket, |t| {
                check_in::server::settle_identity(&mut t.checked);
                t.identity = Some(IdentityMark { assurance: *assurance, doubt: *doubt, at });
            }),
            RoundEvent::NetworkMeasured { ticket, verdict } => {
                self.change(*ticket, |t| t.network = Some(*verdict));
            }
            RoundEvent::Skipped { ticket, until } => {
                self.change(*ticket, |t| t.status = TicketStatus::Skipped { until: *until });
            }
            RoundEvent::Returned { ticket } => self.change(*ticket, |t| t.status = TicketStatus::Waiting),
            RoundEvent::MovedBehind { ticket, lap } => self.change(*ticket, |t| {
                t.lap = *lap;
                t.status = TicketStatus::Waiting;
            }),
            RoundEvent::CallStarted { call, ticket, member, by, device } => self.change(*ticket, |t| {
                t.status = TicketStatus::InCall { call: *call, stage: CallMark::Ringing };
                t.last_call = Some(LastCall {
                    call: *call,
                    member: *member,
                    by: *by,
                    at,
                    caller: *device,
                    answered: None,
                    epoch: 1,
                    ended: None,
                });
            }),
            RoundEvent::CallAnswered { call, ticket, device } => {
                self.mark_call(*ticket, *call, CallMark::Connecting);
                self.last_call(*ticket, *call, |last| last.answered = Some(*device));
            }
            RoundEvent::CallConnected { call, ticket } => self.mark_call(*ticket, *call, CallMark::Connected),
            RoundEvent::CallInterrupted { call, ticket, .. } => {
                self.mark_call(*ticket, *call, CallMark::Interrupted);
            }
            RoundEvent::CallRebuilt { call, ticket, epoch } => {
                self.last_call(*ticket, *call, |last| last.epoch = *epoch);
            }
            RoundEvent::CallEnded { call, ticket, reason, talked_ms } => self.change(*ticket, |t| {
                if let Some(last) = t.last_call.as_mut().filter(|last| last.call == *call) {
                    last.ended = Some((*reason, at));
                }
                t.talked_ms = *talked_ms;
                t.status = if *reason == EndReason::Completed {
                    TicketStatus::Interviewed
                } else if reason.cut_off() {
                    TicketStatus::CutOff { call: *call }
                } else if t.talked_ms > 0 {
                    // called again after a cut-off, in vain: still cut off
                    TicketStatus::CutOff { call: *call }
                } else {
                    TicketStatus::Waiting
                };
            }),
            RoundEvent::Noted { ticket, note } => self.change(*ticket, |t| t.notes.push(note.clone())),
            RoundEvent::OutcomeMarked { ticket, outcome, .. } => {
                self.change(*ticket, |t| t.outcome = Some(*outcome));
            }
            RoundEvent::StageMoved { to, .. } => self.stage = *to,
            RoundEvent::Announced { tickets, .. } => {
                for ticket in tickets {
                    self.change(*ticket, |t| {
                        if let Some(outcome) = t.outcome {
                            t.announced = Some(Announced { outcome, at, confirmation: None });
                        }
                    });
                }
            }
            RoundEvent::Confirmed { ticket, confirmation } => self.change(*ticket, |t| {
                if let Some(announced) = &mut t.announced {
                    announced.confirmation = Some(confirmation.clone());
                }
            }),
            RoundEvent::GivenUp { ticket } => self.change(*ticket, |t| t.status = TicketStatus::GivenUp),
            RoundEvent::Reappointed { ticket, appointed } => self.change(*ticket, |t| {
                t.appointed = *appointed;
                t.lap = 0;
                if t.status == TicketStatus::GivenUp {
                    t.status = TicketStatus::Waiting;
                }
            }),
            RoundEvent::Notified { notice } => self.notices.push(notice.clone()),
            RoundEvent::Unknown => {}
        }
    }

    fn change(&mut self, ticket: TicketId, how: impl FnOnce(&mut Ticket)) {
        if let Some(ticket) = self.tickets.get_mut(&ticket) {
            how(ticket);
        }
    }

    fn mark_call(&mut self, ticket: TicketId, call: CallId, stage: CallMark) {
        self.change(ticket, |t| t.status = TicketStatus::InCall { call, stage });
    }

    fn last_call(&mut self, ticket: TicketId, call: CallId, how: impl FnOnce(&mut LastCall)) {
        self.change(ticket, |t| {
            if let Some(last) = t.last_call.as_mut().filter(|last| last.call == call) {
                how(last);
            }
        });
    }
}
