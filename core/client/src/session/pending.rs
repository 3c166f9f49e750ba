//! The outbox as the screen shows it.

use super::app::App;
use crate::view::{PendingChange, PendingWhat};
use miantan_domain::rules::outbox::Standing;
use miantan_domain::wire::live::Command;
use std::sync::Arc;

impl App {
    /// Makes the list of pending changes again.
    pub fn outbox_changed(&mut self) {
        let Some(account) = &mut self.account else { return };
        let pending = account.outbox.durable().map(|(stored, standing)| PendingChange {
            id: stored.id,
            what: what(&stored.command),
            failed: match standing {
                Standing::Waiting | Standing::Sent => None,
                Standing::Failed(problem) => Some(problem.clone()),
            },
        });
        account.pending = Arc::new(pending.collect());
    }
}

fn what(command: &Command) -> PendingWhat {
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
        | Command::Media { .. } => PendingWhat::Other,
    }
}
