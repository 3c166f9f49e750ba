//! From RTP packets to H.264 access units (RFC 6184, packetization mode 1): puts packets in order,
//! waits a little for retransmissions, joins fragments, and after a loss holds back until a key picture.
//!
//! Everything that comes in is from the other side and may be anything: it never panics and never
//! grows without bound. Time is an argument.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};

/// How long a gap may wait for a retransmission: a NACK (25 ms) and a slow round trip.
const GAP_WAIT_MS: u64 = 200;
/// Packets held while waiting; a second of video at 700 kb/s is about 80.
const HELD_MAX: usize = 512;
/// Largest access unit; a key picture of a call is about 30 kB.
const UNIT_MAX: usize = 2 << 20;
/// A jump of the sequence number beyond this is a new stream, not a gap.
const JUMP: u64 = 3000;

const START_CODE: [u8; 4] = [0, 0, 0, 1];
const IDR: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// What [`Assembler::push`] needs of an RTP packet.
#[derive(Debug, Clone)]
pub struct VideoPacket {
    pub sequence: u16,
    /// 90 kHz.
    pub timestamp: u32,
    pub marker: bool,
    pub payload: Bytes,
}

/// A complete access unit in Annex B form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessUnit {
    pub data: Bytes,
    pub key: bool,
    /// The 90 kHz timestamp, unwrapped to milliseconds.
    pub captured_ms: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AssemblerCounts {
    /// Packets that came.
    pub received: u64,
    /// Packets given up on.
    pub lost: u64,
}

#[derive(Default)]
struct Unit {
    data: BytesMut,
    timestamp: u32,
    key: bool,
    has_sps: bool,
    /// The current fragmented NAL unit has begun and is whole so far.
    fragment_open: bool,
    damaged: bool,
}

/// Puts one video stream together.
pub struct Assembler {
    held: BTreeMap<u64, VideoPacket>,
    next: Option<u64>,
    highest: u64,
    gap_since: Option<u64>,
    unit: Option<Unit>,
    /// Nothing is given out until a key picture.
    waiting_for_key: bool,
    last_timestamp: Option<(u32, u64)>,
    counts: AssemblerCounts,
}

impl Default for Assembler {
    fn default() -> Self {
        Self {
            held: BTreeMap::new(),
            next: None,
            highest: 0,
            gap_since: None,
            unit: None,
            waiting_for_key: true,
            last_timestamp: None,
            counts: AssemblerCounts::default(),
        }
    }
}

impl Assembler {
    /// Whether a key picture must be asked for (again).
    pub fn needs_key(&self) -> bool {
        self.waiting_for_key
    }

    /// The decoder failed: hold back until a key picture.
    pub fn decoding_failed(&mut self) {
        self.waiting_for_key = true;
    }

    pub fn counts(&self) -> AssemblerCounts {
        self.counts
    }

    /// When [`Assembler::poll`] should be called even if no packet comes.
    pub fn due_ms(&self) -> Option<u64> {
        self.gap_since.map(|since| since + GAP_WAIT_MS)
    }

    /// Takes one packet; complete units come out in order.
    pub fn push(&mut self, now_ms: u64, packet: VideoPacket) -> Vec<AccessUnit> {
        self.counts.received += 1;
        let mut at = self.unwrap_sequence(packet.sequence);
        if at.abs_diff(self.highest) > JUMP && self.next.is_some() {
            self.restart();
            at = self.unwrap_sequence(packet.sequence);
        }
        self.highest = self.highest.max(at);
        let next = *self.next.get_or_insert(at);
        if at >= next {
            self.held.insert(at, packet);
        }
        self.poll(now_ms)
    }

    /// Gives up on gaps that waited long enough.
    pub fn poll(&mut self, now_ms: u64) -> Vec<AccessUnit> {
        let mut units = Vec::new();
        loop {
            self.drain(&mut units);
            let Some((&first, _)) = self.held.first_key_value() else {
                self.gap_since = None;
                return units;
            };
            let since = *self.gap_since.get_or_insert(now_ms);
            if now_ms.saturating_sub(since) < GAP_WAIT_MS && self.held.len() < HELD_MAX {
                return units;
            }
            self.counts.lost += first.saturating_sub(self.next.unwrap_or(first));
            self.next = Some(first);
            self.gap_since = None;
            self.unit = None;
            self.waiting_for_key = true;
        }
    }

    fn restart(&mut self) {
        self.held.clear();
        self.next = None;
        self.highest = 0;
        self.gap_since = None;
        self.unit = None;
        self.waiting_for_key = true;
    }

    fn unwrap_sequence(&self, sequence: u16) -> u64 {
        if self.next.is_none() {
            // One cycle up, so that a late packet before the first stays positive.
            return (1 << 16) + u64::from(sequence);
        }
        let step = i64::from(sequence.wrapping_sub(self.highest as u16) as i16);
        self.highest.saturating_add_signed(step)
    }

    fn drain(&mut self, units: &mut Vec<AccessUnit>) {
        while let Some(next) = self.next
            && let Some(packet) = self.held.remove(&next)
        {
            self.gap_since = None;
            self.next = Some(next + 1);
            if self.unit.as_ref().is_some_and(|unit| unit.timestamp != packet.timestamp) {
                self.finish(units);
            }
            let unit =
                self.unit.get_or_insert_with(|| Unit { timestamp: packet.timestamp, ..Unit::default() });
            unit.take(&packet.payload);
            if packet.marker {
                self.finish(units);
            }
        }
    }

    fn finish(&mut self, units: &mut Vec<AccessUnit>) {
        let Some(unit) = self.unit.take() else { return };
        let captured_ms = self.unwrap_timestamp(unit.timestamp);
        if unit.data.is_empty() && !unit.damaged {
            return;
        }
        if unit.damaged || unit.fragment_open {
            self.waiting_for_key = true;
            return;
        }
        let startable = unit.key && unit.has_sps;
        if self.waiting_for_key && !startable {
            return;
        }
        self.waiting_for_key = false;
        units.push(AccessUnit { data: unit.data.freeze(), key: unit.key, captured_ms });
    }

    fn unwrap_timestamp(&mut self, timestamp: u32) -> u64 {
        let ticks = match self.last_timestamp {
            None => u64::from(timestamp),
            Some((last, ticks)) => {
                ticks.saturating_add_signed(i64::from(timestamp.wrapping_sub(last) as i32))
            }
        };
        self.last_timestamp = Some((timestamp, ticks));
        ticks / 90
    }
}

impl Unit {
    fn take(&mut self, payload: &[u8]) {
        if self.add(payload).is_none() || self.data.len() > UNIT_MAX {
            self.damaged = true;
            self.data.clear();
        }
    }

    /// `None` when the payload breaks RFC 6184 or does not follow from what came before.
    fn add(&mut self, payload: &[u8]) -> Option<()> {
        if payload.is_empty() {
            return Some(()); // padding only
        }
        let kind = payload[0] & 0x1f;
        if self.fragment_open && kind != FU_A {
            return None;
        }
        match kind {
            1..=23 => self.nal(payload),
            STAP_A => {
                let mut rest = &payload[1..];
                while !rest.is_empty() {
                    let (length, after) = rest.split_first_chunk::<2>()?;
                    let (nal, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
                    self.nal(nal);
                    rest = after;
                }
            }
            FU_A => {
                let &[indicator, header, ref fragment @ ..] = payload else { return None };
                let (starts, ends) = (header & 0x80 != 0, header & 0x40 != 0);
                if starts == self.fragment_open {
                    return None;
                }
                if starts {
                    self.nal(&[indicator & 0xe0 | header & 0x1f]);
                    self.fragment_open = true;
                }
                self.data.put_slice(fragment);
                if ends {
                    self.fragment_open = false;
                }
            }
            _ => return None,
        }
        Some(())
    }

    fn nal(&mut self, nal: &[u8]) {
        let Some(first) = nal.first() else { return };
        match first & 0x1f {
            IDR => self.key = true,
            SPS => self.has_sps = true,
            _ => {}
        }
        self.data.put_slice(&START_CODE);
        self.data.put_slice(nal);
    }
}
