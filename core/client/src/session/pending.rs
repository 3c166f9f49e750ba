//! The outbox as the screen shows it.

use super::app::App;
use crate::view::{PendingChange, PendingWhat};
use miantan_domain::rules::outbox::Standing;
use miantan_domain::wire::live::{Change, Command};
use std::sync::Arc;

impl App {
    /// The outbox is another one: what is shown of it is made again before the next view.
    pub fn outbox_changed(&mut self) {
        if let Some(account) = &mut self.account {
            account.pending_stale = true;
        }
    }

    /// Makes the list of pending changes again; once for many changes, as a thousand may wait.
    pub fn freshen_outbox(&mut self) {
        let Some(account) = &mut self.account else { return };
        if !std::mem::take(&mut account.pending_stale) {
            return;
        }
        account.talk.outbox_changed(&account.outbox);
        if let Some(mine) = &mut account.mine {
            mine.outbox_changed(&account.outbox);
        }
        let pending = account.outbox.durable().map(|(stored, standing)| PendingChange {
            id: stored.id,
            what: what(&stored.change),
            failed: match standing {
                Standing::Waiting | Standing::Sent => None,
                Standing::Failed(problem) => Some(problem.clone()),
            },
        });
        account.pending = Arc::new(pending.collect());
    }
}

fn what(change: &Change) -> PendingWhat {
    match change {
        Change::Round { command, .. } => of_round(command),
        Change::Talk { .. } | Change::Apply { .. } | Change::Follow { .. } => PendingWhat::Other,
    }
}

fn of_round(command: &Command) -> PendingWhat {
    match command {
        Command::Note { ticket, text } => PendingWhat::Note { ticket: *ticket, text: text.clone() },
        Command::MarkOutcome { ticket, outcome } => {
            PendingWhat::Outcome { ticket: *ticket, outcome: *outcome }
        }
        Command::Confirm { accepted, .. } => PendingWhat::Confirmation { accepted: *accepted },
        Command::Announce { tickets } => PendingWhat::Announcement { tickets: tickets.len() },
        Command::MoveStage { to } => PendingWhat::Stage(*to),
        Command::CheckIn { .. }
        | Command::Ring { .. }
        | Command::Reached { .. }
        | Command::Answer { .. }
        | Command::Decline { .. }
        | Command::HangUp { .. }
        | Command::Media { .. }
        | Command::Notify { .. }
        | Command::Network { .. } => PendingWhat::Other,
    }
}
