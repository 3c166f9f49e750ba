//! Notices that the local address of the path in use is gone, without waiting for the silence that follows:
//! Wi-Fi lost, a cable pulled, another mobile network. A new path is looked for at once, and again until
//! there is one. An address that merely appears changes nothing.

use std::net::{IpAddr, UdpSocket};
use std::sync::atomic::Ordering;

use miantan_domain::signal::Signal;
use webrtc::peer_connection::{RTCStatsReport, RTCStatsReportEntry};

use super::Session;
use crate::call::MediaEvent;

/// While there is no path: a new look so often, as the next network takes its time to come.
const AGAIN_MS: u64 = 400;
/// What comes so soon after the address went was under way before.
const UNDERWAY_MS: u64 = 100;

/// The address of this machine that the path in use begins at.
#[derive(Debug, Default)]
pub(super) struct OwnAddress {
    in_use: Option<IpAddr>,
    /// It is gone, and a new path was last looked for then.
    looked_ms: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Fine,
    Gone,
}

impl OwnAddress {
    /// Takes the path in use from the connection's figures.
    pub(super) fn learn(&mut self, report: &RTCStatsReport) {
        if self.looked_ms.is_some() {
            return;
        }
        let selected = report.iter().find_map(|entry| match entry {
            RTCStatsReportEntry::Transport(transport) => Some(&transport.selected_candidate_pair_id),
            _ => None,
        });
        let pair = selected.and_then(|id| report.candidate_pairs().find(|pair| pair.stats.id == *id));
        let local = pair.and_then(|pair| {
            report.iter().find_map(|entry| match entry {
                RTCStatsReportEntry::LocalCandidate(candidate)
                    if candidate.stats.id.ends_with(&pair.local_candidate_id) =>
                {
                    Some(candidate)
                }
                _ => None,
            })
        });
        // Behind a NAT the related address is the one on this machine; a relay's is of no use here.
        self.in_use = local.and_then(|candidate| {
            let own = [Some(candidate.related_address.as_str()), candidate.address.as_deref()];
            own.into_iter().flatten().find_map(|text| text.parse().ok())
        });
        self.in_use = self.in_use.filter(|address| is_here(*address));
    }

    /// Whether a new path is to be looked for now.
    fn look(&mut self, now_ms: u64, here: impl Fn(IpAddr) -> bool) -> bool {
        let seen = match self.in_use {
            Some(address) if !here(address) => Seen::Gone,
            _ => Seen::Fine,
        };
        if seen == Seen::Fine {
            self.looked_ms = None;
            return false;
        }
        let due = self.looked_ms.is_none_or(|last| now_ms.saturating_sub(last) >= AGAIN_MS);
        if due {
            self.looked_ms = Some(now_ms);
        }
        due
    }

    /// Something came at this time: if that was after the address went, there is a path.
    fn heard(&mut self, last_received_ms: u64) {
        if self.looked_ms.is_some_and(|looked| last_received_ms > looked + UNDERWAY_MS) {
            self.found();
        }
    }

    /// There is a path again; which one, the next figures tell.
    pub(super) fn found(&mut self) {
        self.in_use = None;
        self.looked_ms = None;
    }
}

/// Whether this machine has the address: only then can a socket be bound to it.
fn is_here(address: IpAddr) -> bool {
    match UdpSocket::bind((address, 0)) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::AddrNotAvailable,
    }
}

impl Session {
    pub(super) async fn watch_address(&mut self, now_ms: u64) {
        self.address.heard(self.flow.last_received_ms.load(Ordering::Relaxed));
        if !self.health.is_connected() || !self.address.look(now_ms, is_here) {
            return;
        }
        tracing::info!("the address in use is gone; looking for a new path");
        if self.offers {
            if let Err(problem) = self.offer(true).await {
                self.tell(MediaEvent::Problem(problem));
            }
        } else {
            self.tell(MediaEvent::Signal(Signal::RestartWanted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 1, 7));

    #[test]
    fn an_address_that_is_gone_is_looked_after_until_there_is_a_path() {
        let mut own = OwnAddress::default();
        assert!(!own.look(0, |_| false), "nothing is known yet");
        own.in_use = Some(HOME);
        assert!(!own.look(100, |_| true));
        let looks: Vec<u64> = (200..1_500).step_by(100).filter(|ms| own.look(*ms, |_| false)).collect();
        assert_eq!(looks, [200, 600, 1_000, 1_400]);
        own.heard(1_450);
        assert!(own.looked_ms.is_some(), "that may have been under way");
        own.heard(1_550);
        assert!(!own.look(1_800, |_| false));
    }

    #[test]
    fn loopback_is_here_and_a_documentation_address_is_not() {
        assert!(is_here(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST)));
        assert!(!is_here("192.0.2.77".parse().unwrap()));
    }
}
