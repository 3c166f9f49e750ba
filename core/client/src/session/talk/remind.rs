//! Interviews that begin soon: said half an hour before, by the server's time as far as it is known.

use super::super::app::App;
use crate::platform::LocalNote;
use crate::view::NoticeWhat;
use miantan_domain::ids::*;
use miantan_domain::model::{InvitationStatus, TalkHead};
use miantan_domain::rules::invitation::REMIND_BEFORE_MS;
use miantan_domain::time::WallTime;
use std::collections::BTreeMap;

struct Soon {
    conversation: ConversationId,
    round_name: String,
    starts: WallTime,
    told: bool,
}

/// Accepted interviews of the known conversations.
#[derive(Default)]
pub struct Reminders(BTreeMap<InvitationId, Soon>);

impl Reminders {
    /// What a head says now.
    pub fn look(&mut self, head: &TalkHead) {
        let accepted = head.invitations.iter().filter(|card| card.status == InvitationStatus::Accepted);
        let mut next = BTreeMap::new();
        for card in accepted {
            let starts = card.terms.starts;
            let told = self.0.get(&card.id).is_some_and(|soon| soon.told && soon.starts == starts);
            let round_name = card.round_name.clone();
            next.insert(card.id, Soon { conversation: head.id, round_name, starts, told });
        }
        self.0.retain(|_, soon| soon.conversation != head.id);
        self.0.extend(next);
    }

    /// When the next one is to be said.
    pub fn next(&self) -> Option<WallTime> {
        self.0.values().filter(|soon| !soon.told).map(|soon| soon.starts.after(-REMIND_BEFORE_MS)).min()
    }

    /// Those to be said now, once each. What has begun is not said any more.
    fn due(&mut self, wall: WallTime) -> Vec<(String, WallTime)> {
        let due =
            self.0.values_mut().filter(|soon| !soon.told && soon.starts.after(-REMIND_BEFORE_MS) <= wall);
        let mut say = Vec::new();
        for soon in due {
            soon.told = true;
            if soon.starts > wall {
                say.push((soon.round_name.clone(), soon.starts));
            }
        }
        say
    }
}

impl App {
    pub fn remind(&mut self, wall: WallTime) {
        let Some(talk) = self.talk() else { return };
        for (round_name, starts) in talk.reminders.due(wall) {
            let note = LocalNote::InterviewSoon { round_name: round_name.clone(), starts };
            if let Err(unavailable) = self.services.notifier.show(&note) {
                tracing::info!(what = unavailable.what, "the system does not show it");
            }
            self.notices.tell(NoticeWhat::InterviewSoon { round_name, starts });
        }
    }
}
