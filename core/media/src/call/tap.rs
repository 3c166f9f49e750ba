//! A listener in the peer connection's packet chain: when something last arrived, how many bytes went
//! each way, and whether the other side asked for a key picture. It changes nothing.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::rtcp::transport_feedbacks::transport_layer_cc::TransportLayerCc;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

use super::RemotePause;
use crate::frame::now_ms;
use crate::video::bandwidth::Estimate;

/// Fixed part of an RTP header, and a typical RTCP report; exact enough for kilobits per second.
const RTP_HEADER: u64 = 12;
const RTCP_PACKET: u64 = 28;

/// Reports of arrivals that are remembered; six seconds of them.
const REPORTS: usize = 64;

/// Of which packets the other side has told whether they came. A report can be lost itself, and the packets it was
/// about must not count as lost: with every tenth packet lost both ways that would look like every fifth.
#[derive(Debug, Default)]
struct Reported(VecDeque<(u16, u16)>);

impl Reported {
    fn add(&mut self, first: u16, count: u16) {
        if self.0.len() == REPORTS {
            self.0.pop_front();
        }
        self.0.push_back((first, count));
    }

    fn names(&self, sequence: u16) -> bool {
        self.0.iter().any(|(first, count)| sequence.wrapping_sub(*first) < *count)
    }
}

/// What flows, written by the packet path and read by the call's loop. Times are [`now_ms`]; 0 is never.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub(super) last_received_ms: AtomicU64,
    pub(super) last_video_ms: AtomicU64,
    pub(super) last_sent_ms: AtomicU64,
    /// There and back; 0: not known yet.
    pub(super) round_trip_ms: AtomicU32,
    pub(super) bytes_in: AtomicU64,
    pub(super) bytes_out: AtomicU64,
    pub(super) key_wanted: AtomicBool,
    /// Packets of both kinds that came, and that never came.
    pub(super) packets_in: AtomicU64,
    pub(super) packets_lost: AtomicU64,
    pub(super) pictures_decoded: AtomicU64,
    /// Sides of the last decoded picture.
    pub(super) width_in: AtomicU32,
    pub(super) height_in: AtomicU32,
    /// The other side's picture is being shown.
    pub(super) remote_video: AtomicBool,
    /// The decoder cannot go on without a key picture.
    pub(super) decoder_stuck: AtomicBool,
    /// Why the other side sends no pictures, as it said last; 0: it did not.
    pause: AtomicU8,
    estimate: Mutex<Estimate>,
    reported: Mutex<Reported>,
}

impl Flow {
    pub(super) fn pause(&self) -> Option<RemotePause> {
        RemotePause::of_code(self.pause.load(Ordering::Relaxed))
    }

    pub(super) fn set_pause(&self, why: Option<RemotePause>) {
        self.pause.store(why.map_or(0, RemotePause::code), Ordering::Relaxed);
    }

    /// Whether the other side has reported on the packet of this transport-wide number, arrived or not.
    pub(super) fn is_reported(&self, sequence: u16) -> bool {
        self.reported.lock().unwrap_or_else(PoisonError::into_inner).names(sequence)
    }

    pub(super) fn estimate(&self) -> Estimate {
        *self.estimate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_estimate(&self, estimate: Estimate) {
        *self.estimate.lock().unwrap_or_else(PoisonError::into_inner) = estimate;
    }
}

pub(super) struct Tap {
    flow: Arc<Flow>,
    inbound: VecDeque<TaggedPacket>,
    outbound: VecDeque<TaggedPacket>,
}

impl Tap {
    pub(super) fn new(flow: Arc<Flow>) -> Self {
        Self { flow, inbound: VecDeque::new(), outbound: VecDeque::new() }
    }
}

fn size(packet: &Packet) -> u64 {
    match packet {
        Packet::Rtp(packet) => RTP_HEADER + packet.payload.len() as u64,
        Packet::Rtcp(packets) => packets.len() as u64 * RTCP_PACKET,
        _ => 0,
    }
}

impl Protocol<TaggedPacket, TaggedPacket, ()> for Tap {
    type Rout = TaggedPacket;
    type Wout = TaggedPacket;
    type Eout = ();
    type Error = Error;
    type Time = Instant;

    fn handle_read(&mut self, message: TaggedPacket) -> Result<(), Error> {
        let packet = &message.message.packet;
        self.flow.last_received_ms.store(now_ms(), Ordering::Relaxed);
        self.flow.bytes_in.fetch_add(size(packet), Ordering::Relaxed);
        if let Packet::Rtcp(packets) = packet {
            let asks = packets.iter().any(|packet| {
                let packet = packet.as_any();
                packet.is::<PictureLossIndication>() || packet.is::<FullIntraRequest>()
            });
            if asks {
                self.flow.key_wanted.store(true, Ordering::Relaxed);
            }
            for report in
                packets.iter().filter_map(|packet| packet.as_any().downcast_ref::<TransportLayerCc>())
            {
                let mut reported = self.flow.reported.lock().unwrap_or_else(PoisonError::into_inner);
                reported.add(report.base_sequence_number, report.packet_status_count);
            }
        }
        self.inbound.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.inbound.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
        self.flow.last_sent_ms.store(now_ms(), Ordering::Relaxed);
        self.flow.bytes_out.fetch_add(size(&message.message.packet), Ordering::Relaxed);
        self.outbound.push_back(message);
        Ok(())
    }

    fn poll_write(&mut self) -> Option<TaggedPacket> {
        self.outbound.pop_front()
    }
}

impl Interceptor for Tap {
    fn bind_local_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_local_stream(&mut self, _info: &StreamInfo) {}
    fn bind_remote_stream(&mut self, _info: &StreamInfo) {}
    fn unbind_remote_stream(&mut self, _info: &StreamInfo) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packet_of_which_no_report_came_is_not_reported() {
        let mut reported = Reported::default();
        reported.add(65_530, 10);
        // The report on 4 to 13 was lost.
        reported.add(14, 3);
        let named: Vec<u16> = (0..20).filter(|sequence| reported.names(*sequence)).collect();
        assert_eq!(named, [0, 1, 2, 3, 14, 15, 16]);
        assert!(reported.names(65_530) && !reported.names(65_529));
        for n in 0..1_000 {
            reported.add(n * 10, 10);
        }
        assert_eq!(reported.0.len(), REPORTS);
        assert!(reported.names(9_999) && !reported.names(65_530));
    }
}
