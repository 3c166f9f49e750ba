//! The network: things that arrive later, in virtual time.

use miantan_domain::ids::DeviceId;
use miantan_domain::rules::link::Generation;
use miantan_domain::wire::live::{ClientFrame, ServerFrame};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

/// Something that arrives.
#[derive(Debug)]
pub enum Parcel {
    /// The socket is open on both ends.
    Opened(DeviceId, Generation),
    ToServer(DeviceId, Generation, ClientFrame),
    ToDevice(DeviceId, Generation, Box<ServerFrame>),
    /// One end learns that the socket is gone.
    ServerSees(DeviceId, Generation),
    DeviceSees(DeviceId, Generation),
    /// The person at the device does something, if there is something to do.
    Act(DeviceId),
    /// The media stack looks whether anything flows.
    Media(DeviceId),
    StartApp(DeviceId),
    Mend(DeviceId),
    Chaos,
}

struct Due {
    at: u64,
    order: u64,
    parcel: Parcel,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        // the heap hands out the largest: earliest first
        (other.at, other.order).cmp(&(self.at, self.order))
    }
}

/// Everything on its way. A socket's frames keep their order; nothing else does.
#[derive(Default)]
pub struct Net {
    heap: BinaryHeap<Due>,
    order: u64,
    /// When the newest frame of a direction arrives: later ones not before it.
    newest: BTreeMap<(DeviceId, bool), u64>,
}

impl Net {
    pub fn post(&mut self, at: u64, parcel: Parcel) {
        self.order += 1;
        self.heap.push(Due { at, order: self.order, parcel });
    }

    /// A frame on a socket, `delay` after `now`, not before those sent earlier.
    pub fn send(&mut self, now: u64, delay: u64, device: DeviceId, up: bool, parcel: Parcel) {
        let newest = self.newest.entry((device, up)).or_default();
        *newest = (*newest).max(now + delay);
        let at = *newest;
        self.post(at, parcel);
    }

    pub fn next_at(&self) -> Option<u64> {
        self.heap.peek().map(|due| due.at)
    }

    pub fn take(&mut self) -> Option<Parcel> {
        self.heap.pop().map(|due| due.parcel)
    }
}
