//! Keeps requests for lost packets within reason before they are answered: the other side asks every 25 ms
//! until a packet is there, and a packet on its way through a full queue would be sent again a dozen times,
//! which is what fills the queue. One answer a round trip, and repeats take a part of the rate only.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::transport_feedbacks::transport_layer_nack::{
    NackPair, TransportLayerNack, nack_pairs_from_sequence_numbers,
};
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

use super::tap::Flow;

/// A repeat is not repeated sooner than this, nor sooner than a round trip with its queues.
const AGAIN: Duration = Duration::from_millis(40);
/// Until the round trip is known.
const ROUND_TRIP: Duration = Duration::from_millis(60);
/// What is asked for so often is not asked for any more.
const TIMES: u8 = 6;
/// Repeats may take this part of the allowance.
const PART: f64 = 0.3;
/// A packet as counted: the size of most packets of pictures.
const PACKET_BITS: f64 = 1_200.0 * 8.0;
/// Repeats saved up for a burst of losses.
const SAVED: f64 = 24.0;
/// Packets remembered per stream.
const REMEMBERED: usize = 512;

/// Decides which requests are answered. Pure.
#[derive(Debug, Default)]
struct Repeats {
    asked: HashMap<(u32, u16), (Duration, u8)>,
    order: VecDeque<(u32, u16)>,
    saved: f64,
    refilled: Duration,
}

impl Repeats {
    /// Whether this packet is to be sent again now.
    fn grants(&mut self, now: Duration, packet: (u32, u16), again: Duration) -> bool {
        let before = self.asked.get(&packet).copied();
        let due = before.is_none_or(|(last, times)| now.saturating_sub(last) >= again && times < TIMES);
        if !due || self.saved < 1.0 {
            return false;
        }
        self.saved -= 1.0;
        if before.is_none() {
            self.order.push_back(packet);
            if self.order.len() > REMEMBERED
                && let Some(oldest) = self.order.pop_front()
            {
                self.asked.remove(&oldest);
            }
        }
        self.asked.insert(packet, (now, before.map_or(1, |(_, times)| times + 1)));
        true
    }

    /// Time gives room for repeats.
    fn refill(&mut self, now: Duration, bits_per_second: u32) {
        let passed = now.saturating_sub(self.refilled).as_secs_f64().min(1.0);
        self.refilled = now;
        let room = f64::from(bits_per_second) * PART / PACKET_BITS * passed;
        self.saved = (self.saved + room).min(SAVED);
    }
}

pub(super) struct RepeatGate {
    flow: Arc<Flow>,
    began: Instant,
    repeats: Repeats,
    inbound: VecDeque<TaggedPacket>,
    outbound: VecDeque<TaggedPacket>,
}

impl RepeatGate {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        let repeats = Repeats { saved: SAVED, ..Repeats::default() };
        Self { flow, began: Instant::now(), repeats, inbound: VecDeque::new(), outbound: VecDeque::new() }
    }

    /// The request without what is not to be answered now; `None`: nothing is left of it.
    fn thin(&mut self, now: Duration, request: &TransportLayerNack) -> Option<TransportLayerNack> {
        let round_trip = match self.flow.round_trip_ms.load(Ordering::Relaxed) {
            0 => ROUND_TRIP,
            ms => Duration::from_millis(u64::from(ms)),
        };
        let queue = Duration::from_millis(u64::from(self.flow.estimate().queue_ms));
        let again = AGAIN.max(round_trip + queue);
        let wanted: Vec<u16> = request
            .nacks
            .iter()
            .flat_map(NackPair::packet_list)
            .filter(|sequence| self.repeats.grants(now, (request.media_ssrc, *sequence), again))
            .collect();
        (!wanted.is_empty()).then(|| TransportLayerNack {
            sender_ssrc: request.sender_ssrc,
            media_ssrc: request.media_ssrc,
            nacks: nack_pairs_from_sequence_numbers(&wanted),
        })
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for RepeatGate {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, mut message: TaggedPacket) -> Result<(), Error> {
        let now = message.now.saturating_duration_since(self.began);
        if let Packet::Rtcp(packets) = &mut message.message.packet
            && packets.iter().any(|packet| packet.as_any().is::<TransportLayerNack>())
        {
            self.repeats.refill(now, self.flow.estimate().allowance);
            let mut kept = Vec::with_capacity(packets.len());
            for packet in packets.drain(..) {
                match packet.as_any().downcast_ref::<TransportLayerNack>() {
                    Some(request) => {
                        if let Some(thin) = self.thin(now, request) {
                            kept.push(Box::new(thin) as _);
                        }
                    }
                    None => kept.push(packet),
                }
            }
            // An empty one means something else in this chain.
            if kept.is_empty() {
                return Ok(());
            }
            *packets = kept;
        }
        self.inbound.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.inbound.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.outbound.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outbound.pop_front()
    }
}

impl Interceptor for RepeatGate {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_packet_is_repeated_once_a_round_trip_and_not_for_ever() {
        let mut repeats = Repeats { saved: SAVED, ..Repeats::default() };
        let mut granted = Vec::new();
        for ms in (0..2_000).step_by(25) {
            repeats.refill(MS * ms, 700_000);
            if repeats.grants(MS * ms, (1, 77), MS * 100) {
                granted.push(ms);
            }
        }
        assert_eq!(granted, [0, 100, 200, 300, 400, 500]);
        assert!(repeats.grants(MS * 2_000, (1, 78), MS * 100), "another packet is another matter");
    }

    #[test]
    fn repeats_take_a_part_of_the_rate() {
        let mut repeats = Repeats::default();
        let mut granted = 0;
        for ms in 0..10_000_u32 {
            repeats.refill(MS * ms, 80_000);
            granted += u32::from(repeats.grants(MS * ms, (1, ms as u16), MS * 100));
        }
        // 30 % of 80 kb/s for ten seconds, in packets of 1200 bytes.
        assert!((20..=26).contains(&granted), "{granted}");
        assert!(repeats.asked.len() <= REMEMBERED);
    }
}
