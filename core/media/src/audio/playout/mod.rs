//! The playout buffer: puts packets back into order and decides what to play for each pull.
//!
//! Pure: no clock, no decoder, no allocation beyond the packets it holds. Time passes by being
//! pulled: whoever plays sound pulls once per packet's worth of it, and how early a packet arrives
//! before its pull is all that is known about the network. It never plays a packet twice, never
//! plays backwards, and never holds more than [`MAX_DELAY`].
//!
//! How it adapts: a packet that comes after its place was concealed is still played, later, which
//! makes the delay longer by just what was missing; when for a while more than a packet was always
//! in reserve, one packet is asked to be shortened. So the delay follows the jitter, and slow drift
//! between the two devices' clocks is absorbed the same way.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::PACKET_SAMPLES;

#[cfg(test)]
mod tests;

/// Samples in the packets that Miantan sends (20 ms).
const STEP: i64 = PACKET_SAMPLES as i64;
/// Samples in a millisecond.
const MS: i64 = 48;
/// Delay at the start of a stream, and the shortest to come back to after a pause.
const MIN_DELAY: i64 = 40 * MS;
/// Delay after which old sound is skipped: past this a conversation suffers more from waiting.
pub const MAX_DELAY: i64 = 240 * MS;
/// Longest delay that is chosen on purpose after late packets.
const MAX_TARGET: i64 = 120 * MS;
/// Reserve that was never needed, and so is given back.
const SPARE: i64 = 40 * MS;
/// Packets without need of the reserve before some of it is given back (2 s), and after a late one (5 s).
const CALM: u32 = 100;
const CALM_AFTER_LATE: u32 = 250;
/// Concealment longer than this is silence. Longer than the 400 ms between Opus' DTX refreshes.
const LONGEST_CONCEALMENT: i64 = 600 * MS;
/// A jump in sequence numbers beyond this (20 s of packets) is another stream.
const RESTART_JUMP: i64 = 1_000;
/// That many packets in a row from before the position are a restarted stream, not late ones.
const RESTART_RUN: u32 = 50;
/// Opus works in steps of 2.5 ms.
const OPUS_STEP: i64 = 120;

/// One packet as it came from the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub sequence: u16,
    /// 48 kHz units.
    pub timestamp: u32,
    /// Samples in the packet; packets of none are refused.
    pub samples: u32,
    pub payload: Bytes,
}

/// What to play next; every variant carries or implies how many samples it fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Playout {
    /// Decode this packet. `shorten`: play it a little shorter, to give back delay.
    Packet { payload: Bytes, shorten: bool },
    /// A packet is missing; the next one is here and may carry it as FEC.
    Recover { following: Bytes, samples: usize },
    /// Nothing is known: conceal.
    Conceal { samples: usize },
    /// Nobody is speaking.
    Silence { samples: usize },
}

/// Counters since the start of the stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlayoutStats {
    pub received: u64,
    /// Copies, and packets whose place had gone for good.
    pub dropped: u64,
    /// Came after their place was concealed and were played all the same.
    pub late: u64,
    pub recovered: u64,
    /// Pulls that were concealed.
    pub concealed: u64,
    /// Packets skipped to bound the delay.
    pub skipped: u64,
    pub shortened: u64,
    /// Sound held for playing, in milliseconds.
    pub delay_ms: u32,
}

#[derive(Debug, Clone)]
enum State {
    /// No stream, or one that has been silent for long: the next packet sets the position anew.
    Idle,
    Playing(Playing),
}

#[derive(Debug, Clone)]
struct Playing {
    /// Extended timestamp of the next sample to play.
    position: i64,
    /// Samples concealed since the last packet.
    concealed: i64,
    /// Smallest reserve seen after a pull, and over how many packets.
    least_spare: i64,
    calm: u32,
    calm_needed: u32,
}

#[derive(Debug, Clone)]
struct Held {
    timestamp: i64,
    samples: i64,
    payload: Bytes,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct PlayoutBuffer {
    state: State,
    /// By extended sequence number.
    packets: BTreeMap<i64, Held>,
    /// Extended sequence and timestamp of the newest packet, to extend the next by.
    newest: Option<(i64, i64)>,
    /// Extended sequence number of the last packet played, recovered or skipped.
    played: Option<i64>,
    old_run: u32,
    target: i64,
    stats: PlayoutStats,
}

impl Default for PlayoutBuffer {
    fn default() -> Self {
        Self::new()
    }
}

impl PlayoutBuffer {
    pub fn new() -> Self {
        Self {
            state: State::Idle,
            packets: BTreeMap::new(),
            newest: None,
            played: None,
            old_run: 0,
            target: MIN_DELAY,
            stats: PlayoutStats::default(),
        }
    }

    /// Forgets the stream (after a pause of the call, or when the sender changes); counters stay.
    pub fn reset(&mut self) {
        self.state = State::Idle;
        self.packets.clear();
        self.newest = None;
        self.played = None;
        self.old_run = 0;
        self.target = MIN_DELAY;
    }

    pub fn stats(&self) -> PlayoutStats {
        PlayoutStats { delay_ms: (self.depth() / MS).clamp(0, i64::from(u32::MAX)) as u32, ..self.stats }
    }

    /// Takes a packet in, in whatever order.
    pub fn insert(&mut self, arrival: Arrival) {
        self.stats.received += 1;
        if arrival.samples == 0 {
            self.stats.dropped += 1;
            return;
        }
        let (mut sequence, mut timestamp) = self.extend(&arrival);
        if self.is_restart(sequence) {
            self.reset();
            (sequence, timestamp) = self.extend(&arrival);
        }
        if self.packets.contains_key(&sequence) || self.played.is_some_and(|p| sequence <= p) {
            self.stats.dropped += 1;
            return;
        }
        if self.newest.is_none_or(|(newest, _)| sequence > newest) {
            self.newest = Some((sequence, timestamp));
        }
        match &mut self.state {
            State::Idle => {
                self.state = State::Playing(Playing {
                    position: timestamp - self.target,
                    concealed: 0,
                    least_spare: i64::MAX,
                    calm: 0,
                    calm_needed: CALM,
                });
            }
            State::Playing(playing) if timestamp < playing.position => {
                let lateness = playing.position - timestamp;
                if lateness > MAX_DELAY {
                    self.stats.dropped += 1;
                    return;
                }
                // Its place was concealed, so playing it now repeats nothing.
                self.stats.late += 1;
                self.target = (self.target + lateness).min(MAX_TARGET);
                playing.position = timestamp;
                playing.least_spare = i64::MAX;
                playing.calm = 0;
                playing.calm_needed = CALM_AFTER_LATE;
            }
            State::Playing(_) => {}
        }
        self.packets.insert(
            sequence,
            Held { timestamp, samples: i64::from(arrival.samples), payload: arrival.payload },
        );
        self.bound();
    }

    /// What to play now. The caller plays it whole, then pulls again.
    pub fn pull(&mut self) -> Playout {
        let State::Playing(playing) = &mut self.state else {
            return Playout::Silence { samples: PACKET_SAMPLES };
        };
        let Some(first) = self.packets.first_entry() else {
            // Lost, or the other side pauses (mute, DTX): the next packet will tell.
            playing.position += STEP;
            playing.concealed += STEP;
            if playing.concealed > LONGEST_CONCEALMENT || self.played.is_none() {
                self.state = State::Idle;
                return Playout::Silence { samples: PACKET_SAMPLES };
            }
            self.stats.concealed += 1;
            return Playout::Conceal { samples: PACKET_SAMPLES };
        };
        let sequence = *first.key();
        let gap = first.get().timestamp - playing.position;
        if gap <= 0 {
            let held = first.remove();
            playing.position = held.timestamp + held.samples;
            playing.concealed = 0;
            self.played = Some(sequence);
            self.old_run = 0;
            let shorten = self.gives_back();
            return Playout::Packet { payload: held.payload, shorten };
        }
        let step = gap.min(STEP);
        playing.position += step;
        let samples = step as usize;
        let lost = self.played.map_or(0, |played| sequence - played - 1);
        if lost > 0 && gap <= first.get().samples && gap % OPUS_STEP == 0 {
            playing.position = first.get().timestamp;
            playing.concealed = 0;
            self.played = Some(sequence - 1);
            self.stats.recovered += 1;
            return Playout::Recover { following: first.get().payload.clone(), samples: gap as usize };
        }
        playing.concealed += step;
        let fresh = playing.concealed <= LONGEST_CONCEALMENT && step % OPUS_STEP == 0;
        if self.played.is_some() && fresh {
            self.stats.concealed += u64::from(lost > 0);
            Playout::Conceal { samples }
        } else {
            Playout::Silence { samples }
        }
    }

    /// Samples between the position and the end of the newest packet held.
    fn depth(&self) -> i64 {
        match (&self.state, self.packets.last_key_value()) {
            (State::Playing(playing), Some((_, last))) => last.timestamp + last.samples - playing.position,
            _ => 0,
        }
    }

    fn extend(&self, arrival: &Arrival) -> (i64, i64) {
        match self.newest {
            // The first packet sits high enough for older ones to stay positive.
            None => (i64::from(arrival.sequence) + (1 << 32), i64::from(arrival.timestamp) + (1 << 40)),
            Some((sequence, timestamp)) => (
                sequence + i64::from(arrival.sequence.wrapping_sub(sequence as u16) as i16),
                timestamp + i64::from(arrival.timestamp.wrapping_sub(timestamp as u32) as i32),
            ),
        }
    }

    /// Whether this sequence number belongs to another stream than the one held.
    fn is_restart(&mut self, sequence: i64) -> bool {
        let Some((newest, _)) = self.newest else {
            return false;
        };
        if self.played.is_some_and(|played| sequence <= played) {
            self.old_run += 1;
        }
        (sequence - newest).abs() > RESTART_JUMP || self.old_run >= RESTART_RUN
    }

    /// Skips the oldest sound when more than [`MAX_DELAY`] is held.
    fn bound(&mut self) {
        if self.depth() <= MAX_DELAY {
            return;
        }
        let keep = self.target + STEP;
        while self.depth() > keep && self.packets.len() > 1 {
            let (State::Playing(playing), Some((sequence, _))) = (&mut self.state, self.packets.pop_first())
            else {
                return;
            };
            self.played = Some(sequence);
            self.stats.skipped += 1;
            if let Some((_, next)) = self.packets.first_key_value() {
                playing.position = playing.position.max(next.timestamp);
            }
        }
    }

    /// After a packet was taken: whether the reserve has been idle long enough to shrink it.
    fn gives_back(&mut self) -> bool {
        let depth = self.depth();
        let State::Playing(playing) = &mut self.state else {
            return false;
        };
        playing.least_spare = playing.least_spare.min(depth);
        playing.calm += 1;
        // A large reserve is given back faster.
        let needed =
            if playing.least_spare >= 2 * SPARE { playing.calm_needed / 4 } else { playing.calm_needed };
        if playing.calm < needed {
            return false;
        }
        let spare = playing.least_spare >= SPARE;
        playing.least_spare = i64::MAX;
        playing.calm = 0;
        playing.calm_needed = CALM;
        if spare {
            self.target = (self.target - 10 * MS).max(MIN_DELAY);
            self.stats.shortened += 1;
        }
        spare
    }
}
