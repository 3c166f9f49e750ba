//! Applying (F4): into the outbox, which sends it once there is a network, exactly once. What the
//! server refused stays with its reason until the person sends it again or deletes it.

use super::super::app::App;
use super::Mine;
use crate::store::{FairWrite, Kind};
use crate::view::{ApplyState, Loadable, NoticeWhat};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::outbox::{self, Outbox, Standing};
use miantan_domain::wire::live::Change;
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Mine {
    /// What the outbox or the list holds changed.
    pub fn outbox_changed(&mut self, outbox: &Outbox) {
        let mut applied: BTreeMap<_, _> =
            self.accepted.iter().map(|position| (*position, ApplyState::Applied)).collect();
        if let Some(Loadable::Ready(list)) = &self.view.applications {
            applied.extend(list.iter().map(|line| (line.position, ApplyState::Applied)));
        }
        self.follows.clear();
        for (stored, standing) in outbox.durable() {
            match (&stored.change, standing) {
                (Change::Apply { position, .. }, Standing::Failed(problem)) => {
                    let state = ApplyState::Failed { id: stored.id, problem: problem.clone() };
                    applied.entry(*position).or_insert(state);
                }
                (Change::Apply { position, .. }, Standing::Waiting | Standing::Sent) => {
                    applied.insert(*position, ApplyState::Waiting { id: stored.id });
                }
                (Change::Follow { fair, on }, Standing::Waiting | Standing::Sent) => {
                    self.follows.insert(*fair, *on);
                }
                (Change::Follow { .. }, Standing::Failed(_))
                | (Change::Round { .. } | Change::Talk { .. }, _) => {}
            }
        }
        if *self.view.applied != applied {
            self.view.applied = Arc::new(applied);
        }
    }
}

impl App {
    /// The list of applications changed: what is shown of each position is made again.
    pub fn applied_changed(&mut self) {
        if let Some(account) = &mut self.account
            && let Some(mine) = &mut account.mine
        {
            mine.outbox_changed(&account.outbox);
        }
    }

    pub fn apply(&mut self, position: PositionId, resume: ResumeChoice) {
        let (unix_ms, random) = self.id_parts();
        let Some(mine) = self.mine() else {
            let code =
                if self.account.is_some() { ProblemCode::NotAllowed } else { ProblemCode::NotSignedIn };
            self.notices.tell(NoticeWhat::Refused(code.into()));
            return;
        };
        match mine.view.applied.get(&position).cloned() {
            // A second press.
            Some(ApplyState::Waiting { .. }) => return,
            Some(ApplyState::Applied) => {
                self.notices.tell(NoticeWhat::Refused(ProblemCode::AlreadyApplied.into()));
                return;
            }
            // Perhaps with another résumé: what failed is given up for it.
            Some(ApplyState::Failed { id, .. }) => self.outbox(outbox::Input::Delete(id)),
            None => {}
        }
        let application = ApplicationId::from_parts(unix_ms, &random);
        self.own_change(Change::Apply { application, position, resume });
        self.applied_changed();
    }

    /// The server has taken an application, or the person gave a failed one up.
    pub fn apply_settled(&mut self, position: PositionId, result: &Result<u64, Problem>) {
        if result.is_ok() {
            self.has_applied(position);
        }
        self.applied_changed();
    }

    fn has_applied(&mut self, position: PositionId) {
        let Some(mine) = self.mine() else { return };
        mine.accepted.insert(position);
        let id = position.to_string();
        let write = mine.write(FairWrite::Seen { kind: Kind::Applied, id, body: "true".into() });
        self.write(write);
        self.mine_head();
    }

    /// A change of one's own was refused for good.
    pub fn own_refused(&mut self, id: ChangeId, problem: Problem) {
        let change = self.account.as_ref().and_then(|account| account.changes.get(&id)).cloned();
        match change {
            // From another device, or in an answer that was lost: what the person wanted is so.
            Some(Change::Apply { position, .. }) if problem.code == ProblemCode::AlreadyApplied => {
                self.has_applied(position);
                self.outbox(outbox::Input::Delete(id));
            }
            Some(Change::Apply { .. }) => self.notices.tell(NoticeWhat::Refused(problem)),
            // The button falls back by itself.
            Some(Change::Follow { .. }) => {
                self.notices.tell(NoticeWhat::Refused(problem));
                self.outbox(outbox::Input::Delete(id));
            }
            Some(Change::Round { .. } | Change::Talk { .. }) | None => {}
        }
    }
}
