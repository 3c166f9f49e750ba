//! A listener in the peer connection's packet chain: when something last arrived, how many bytes went
//! each way, and whether the other side asked for a key picture. It changes nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use rtc::interceptor::{Interceptor, Packet, StreamInfo, TaggedPacket};
use rtc::rtcp::payload_feedbacks::full_intra_request::FullIntraRequest;
use rtc::rtcp::payload_feedbacks::picture_loss_indication::PictureLossIndication;
use rtc::sansio::Protocol;
use rtc::shared::error::Error;

use crate::frame::now_ms;

/// Fixed part of an RTP header, and a typical RTCP report; exact enough for kilobits per second.
const RTP_HEADER: u64 = 12;
const RTCP_PACKET: u64 = 28;

/// What flows, written by the packet path and read by the call's loop. Times are [`now_ms`]; 0 is never.
#[derive(Debug, Default)]
pub(super) struct Flow {
    pub(super) last_received_ms: AtomicU64,
    pub(super) last_video_ms: AtomicU64,
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
        }
        self.inbound.push_back(message);
        Ok(())
    }

    fn poll_read(&mut self) -> Option<TaggedPacket> {
        self.inbound.pop_front()
    }

    fn handle_write(&mut self, message: TaggedPacket) -> Result<(), Error> {
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
