//! From what is kept to the sockets that follow it. Runs on the store's thread: frames are written once
//! and put into the sockets' inboxes, nothing waits.

use crate::bus::{Bus, Note, Topic};
use crate::metrics::Metrics;
use crate::store::{Parties, Party, TalkListener, TalkNews};
use miantan_domain::model::Side;
use miantan_domain::wire::live::ServerFrame;
use std::sync::Arc;
use tokio::sync::Notify;

/// Tells sockets, and wakes [`super::work`].
pub struct Teller {
    bus: Arc<dyn Bus>,
    metrics: Arc<Metrics>,
    work: Arc<Notify>,
}

impl Teller {
    pub fn new(bus: Arc<dyn Bus>, metrics: Arc<Metrics>, work: Arc<Notify>) -> Self {
        Self { bus, metrics, work }
    }

    fn both(&self, parties: Parties, frame: &ServerFrame) {
        let note = Note::frame(frame);
        self.bus.publish(Topic::Talks(Party::Employer(parties.employer)), note.clone());
        self.bus.publish(Topic::Talks(Party::Candidate(parties.candidate)), note);
    }
}

impl TalkListener for Teller {
    fn told(&self, news: &[TalkNews]) {
        for one in news {
            match one {
                TalkNews::Entry { parties, conversation, pos, entry } => {
                    self.metrics.add("miantan_entries_total", &[], 1);
                    let (conversation, pos, entry) = (*conversation, *pos, entry.clone());
                    self.both(*parties, &ServerFrame::Entry { conversation, pos, entry });
                }
                TalkNews::Head { parties, side, head } => {
                    let party = match side {
                        Side::Candidate => Party::Candidate(parties.candidate),
                        Side::Recruiter => Party::Employer(parties.employer),
                    };
                    self.bus.publish(Topic::Talks(party), Note::frame(&ServerFrame::Head(head.clone())));
                }
                TalkNews::Seen { parties, conversation, pos, side, seen } => {
                    let (conversation, pos, side, seen) = (*conversation, *pos, *side, *seen);
                    self.both(*parties, &ServerFrame::Seen { conversation, pos, side, seen });
                }
                TalkNews::Work => self.work.notify_one(),
            }
        }
    }
}
