//! A phone that sleeps in the queue, and one whose clocks jump: the place is kept, and whatever waits for a time
//! waits as long as it should. The device's machines know one clock only, which measures; it counts sleep, and
//! after a restart of the phone it begins anywhere. No order and no timeout depends on a date that somebody set.

use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::link::{Input as LinkInput, SocketEnd};
use miantan_domain::rules::round::TicketStatus;
use miantan_domain::time::{Moment, Timestamp, WallTime};
use miantan_domain::wire::live::{Command, RoomPlace};
use miantan_sim::device::{Device, Wish};
use miantan_sim::server::{Server, Who};
use std::collections::BTreeMap;
use uuid::Uuid;

const MORNING: i64 = 1_795_500_000_000;
const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
const GRACE: u64 = 10 * MINUTE;
/// The server's: two and a half heartbeats of silence.
const SILENCE: u64 = 37_500;
const ROUND: RoundId = RoundId(Uuid::from_u128(1));
const WANG: DeviceId = DeviceId(Uuid::from_u128(0x10));
const LIN: DeviceId = DeviceId(Uuid::from_u128(0x21));
const ZHOU: DeviceId = DeviceId(Uuid::from_u128(0x22));

const fn ticket(number: u128) -> TicketId {
    TicketId(Uuid::from_u128(0x30 + number))
}

struct Phone {
    device: Device,
    /// No timer fires and nothing is heard; a socket stays as it was.
    asleep_since: Option<u64>,
    /// What its measuring clock is ahead.
    ahead: u64,
}

/// A queue with lin before zhou, and a network without any delay.
struct Morning {
    now: u64,
    server: Server,
    phones: BTreeMap<DeviceId, Phone>,
}

impl Morning {
    fn begin() -> Self {
        let mut morning = Self { now: 1_000, server: Server::new(None), phones: BTreeMap::new() };
        let at = morning.at();
        let info = RoundInfo {
            id: ROUND,
            name: "面谈".into(),
            employer: "青禾科技".into(),
            stages: vec![Stage::Interview, Stage::Closed],
            starts: WallTime(MORNING),
            ends: WallTime(i64::MAX),
            identity: IdentityRule::NotRequired,
            ring_ms: 30_000,
            grace_ms: GRACE,
        };
        morning.server.open_round(at, info);
        morning.takes_out(WANG, None, Who::Member { member: MemberId(Uuid::from_u128(2)), round: ROUND });
        for (number, name, device) in [(1, "林", LIN), (2, "周", ZHOU)] {
            let card = CandidateCard {
                id: CandidateId(Uuid::from_u128(0x40 + number)),
                name: name.into(),
                headline: String::new(),
                position: String::new(),
            };
            morning.server.take_ticket(at, ROUND, ticket(number), card, None);
            let who = Who::Candidate { round: ROUND, ticket: ticket(number) };
            morning.takes_out(device, Some(ticket(number)), who);
        }
        morning.pass(5_000);
        morning
    }

    fn takes_out(&mut self, id: DeviceId, ticket: Option<TicketId>, who: Who) {
        self.server.sessions.insert(id, who);
        let mut device = Device::new(id, ROUND, ticket);
        device.start(Timestamp(self.now));
        self.phones.insert(id, Phone { device, asleep_since: None, ahead: 0 });
    }

    fn at(&self) -> Moment {
        Moment { now: Timestamp(self.now), wall: WallTime(MORNING + self.now as i64) }
    }

    fn phone(&self, id: DeviceId) -> &Phone {
        &self.phones[&id]
    }

    fn place(&self, id: DeviceId) -> RoomPlace {
        self.phone(id).device.room.as_ref().expect("a room").place
    }

    fn status(&self, number: u128) -> TicketStatus {
        self.server.rounds[&ROUND].state().tickets[&ticket(number)].status
    }

    fn sleeps(&mut self, id: DeviceId) {
        let now = self.now;
        self.phones.get_mut(&id).expect("a phone").asleep_since = Some(now);
    }

    /// What was due meanwhile is due now.
    fn wakes(&mut self, id: DeviceId) {
        self.phones.get_mut(&id).expect("a phone").asleep_since = None;
        self.pass(0);
    }

    /// The phone is switched off and on: its app begins anew, its measuring clock anywhere.
    fn restarts(&mut self, id: DeviceId, ahead: u64) {
        let (at, now) = (self.at(), self.now);
        let phone = self.phones.get_mut(&id).expect("a phone");
        if let Some(generation) = phone.device.kill() {
            self.server.closed(at, id, generation);
        }
        phone.ahead = ahead;
        phone.device.start(Timestamp(now + ahead));
        self.pass(0);
    }

    /// Time passes: everything happens when it is due.
    fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        for _ in 0..100_000 {
            self.talk();
            let phones = self.phones.values().filter(|phone| phone.asleep_since.is_none());
            let phones =
                phones.filter_map(|phone| Some(phone.device.next_timeout()?.saturating_sub(phone.ahead)));
            let silent = self.phones.values().filter_map(|phone| {
                phone.device.socket().and(phone.asleep_since).map(|since| since + SILENCE)
            });
            let silent = silent.filter(|at| *at > self.now);
            let server = self.server.next_timeout(self.at()).map(|(due, _)| due);
            let Some(next) = phones.chain(silent).chain(server).min().filter(|next| *next <= end) else {
                self.now = end;
                self.hangs_up_on_the_silent();
                self.talk();
                return;
            };
            self.now = self.now.max(next);
            self.hangs_up_on_the_silent();
            let at = self.at();
            if let Some((_, round)) = self.server.next_timeout(at).filter(|(due, _)| *due <= self.now) {
                self.server.timeout(at, round);
            }
            for phone in self.phones.values_mut().filter(|phone| phone.asleep_since.is_none()) {
                let now = Timestamp(self.now + phone.ahead);
                if phone.device.next_timeout().is_some_and(|due| due <= now.0) {
                    phone.device.timeout(now, 7);
                }
            }
        }
        panic!("something is due for ever at {}", self.now);
    }

    fn hangs_up_on_the_silent(&mut self) {
        let at = self.at();
        for (id, phone) in &self.phones {
            if let (Some(since), Some(generation)) = (phone.asleep_since, phone.device.socket())
                && self.now >= since + SILENCE
            {
                self.server.closed(at, *id, generation);
            }
        }
    }

    /// Everything that is said arrives; what a sleeping phone would hear is lost.
    fn talk(&mut self) {
        loop {
            let mut quiet = true;
            let at = self.at();
            for (id, phone) in &mut self.phones {
                let now = Timestamp(self.now + phone.ahead);
                for wish in std::mem::take(&mut phone.device.wishes) {
                    quiet = false;
                    match wish {
                        Wish::Open(generation) => {
                            let inside = phone.device.inside(generation).expect("its own");
                            self.server.opened(*id, generation);
                            phone.device.link(now, LinkInput::SocketOpened { generation: inside });
                        }
                        Wish::Close(generation) => self.server.closed(at, *id, generation),
                        Wish::Send(frame) => match phone.device.socket() {
                            Some(generation) if self.server.is_open(*id, generation) => {
                                self.server.frame(at, *id, frame);
                            }
                            // the server hung up long ago: the system says so to whoever writes
                            Some(generation) => {
                                let inside = phone.device.inside(generation).expect("its own");
                                let lost = SocketEnd::Lost;
                                let closed =
                                    LinkInput::SocketClosed { generation: inside, why: lost, random: 7 };
                                phone.device.link(now, closed);
                            }
                            None => {}
                        },
                        Wish::WatchMedia => {}
                    }
                }
            }
            for (id, generation, frame) in std::mem::take(&mut self.server.outgoing) {
                quiet = false;
                let phone = self.phones.get_mut(&id).expect("a phone");
                if phone.asleep_since.is_none()
                    && phone.device.socket() == Some(generation)
                    && let Some(inside) = phone.device.inside(generation)
                {
                    phone.device.frame(Timestamp(self.now + phone.ahead), inside, frame);
                }
            }
            if quiet {
                return;
            }
        }
    }
}

#[test]
fn lin_sleeps_ten_minutes_at_the_head_of_the_queue_and_is_still_there() {
    let mut morning = Morning::begin();
    assert_eq!(morning.place(LIN), RoomPlace::Waiting { ahead: 0 });
    morning.sleeps(LIN);
    morning.pass(SILENCE + 1);
    assert_eq!(morning.phone(WANG).device.mirror.next_ready(), Some(ticket(2)), "lin is seen to be away");
    morning.pass(10 * MINUTE - SILENCE - 1);
    assert_eq!(morning.status(1), TicketStatus::Waiting, "nobody else was called: it is still lin's turn");

    let woke = morning.now;
    morning.wakes(LIN);
    while !morning.phone(LIN).device.link.is_live() {
        morning.pass(100);
        assert!(morning.now - woke <= 20_000, "back within the time that silence is noticed in");
    }
    morning.pass(1_000);
    assert_eq!(morning.place(LIN), RoomPlace::Waiting { ahead: 0 });
    assert_eq!(morning.place(ZHOU), RoomPlace::Waiting { ahead: 1 });
    assert_eq!(morning.phone(WANG).device.mirror.next_ready(), Some(ticket(1)));
}

#[test]
fn whoever_sleeps_when_called_keeps_the_place_for_the_grace_and_not_longer() {
    // (asleep when the turn came, back after so long): before the others, or behind them
    for (back_after, kept) in [(GRACE - 5_000, true), (GRACE + 5_000, false)] {
        let mut morning = Morning::begin();
        morning.sleeps(LIN);
        morning.pass(MINUTE);
        let called = morning.now;
        let call = CallId(Uuid::from_u128(0x50));
        let now = Timestamp(morning.now);
        let wang = morning.phones.get_mut(&WANG).expect("a phone");
        wang.device.command(now, ROUND, Command::Ring { call, ticket: ticket(2) });
        morning.pass(0);
        assert!(matches!(morning.status(1), TicketStatus::Skipped { .. }), "{:?}", morning.status(1));
        // nobody answers there either: zhou waits on
        morning.pass(called + back_after - morning.now);
        morning.wakes(LIN);
        morning.pass(20_000);
        let line: Vec<TicketId> =
            morning.server.rounds[&ROUND].state().line().into_iter().map(|ticket| ticket.id).collect();
        let expected = if kept { [ticket(1), ticket(2)] } else { [ticket(2), ticket(1)] };
        assert_eq!(line, expected, "back after {back_after} ms");
        assert_eq!(morning.place(LIN), RoomPlace::Waiting { ahead: u32::from(!kept) });
    }
}

#[test]
fn a_phone_whose_clock_jumps_a_day_keeps_place_and_timeouts() {
    for ahead in [DAY, 0] {
        let mut morning = Morning::begin();
        // it was a day ahead, or is so now
        morning.restarts(LIN, DAY - ahead);
        morning.pass(5_000);
        morning.restarts(LIN, ahead);
        morning.pass(5_000);
        assert!(morning.phone(LIN).device.link.is_live());
        assert_eq!(morning.place(LIN), RoomPlace::Waiting { ahead: 0 });
        assert_eq!(morning.phone(WANG).device.mirror.next_ready(), Some(ticket(1)));
        // a note is sent and answered at once; a ring lasts as long as rings do
        let now = Timestamp(morning.now + ahead);
        let lin = morning.phones.get_mut(&LIN).expect("a phone");
        lin.device.command(now, ROUND, Command::Note { ticket: ticket(1), text: "我在".into() });
        morning.pass(1_000);
        assert_eq!(morning.phone(LIN).device.unsettled(), 0);
        let call = CallId(Uuid::from_u128(0x51));
        let now = Timestamp(morning.now);
        let wang = morning.phones.get_mut(&WANG).expect("a phone");
        wang.device.command(now, ROUND, Command::Ring { call, ticket: ticket(1) });
        morning.pass(29_000);
        assert!(matches!(morning.status(1), TicketStatus::InCall { .. }), "{:?}", morning.status(1));
        morning.pass(2_000);
        assert_eq!(morning.status(1), TicketStatus::Waiting, "missed after thirty seconds");
        assert_eq!(morning.place(LIN), RoomPlace::Waiting { ahead: 0 });
        // asleep for a day as well: back, and behind nobody
        morning.sleeps(LIN);
        morning.pass(DAY);
        morning.wakes(LIN);
        morning.pass(20_000);
        assert_eq!(morning.place(LIN), RoomPlace::Waiting { ahead: 0 });
    }
}
