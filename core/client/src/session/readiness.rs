//! The readiness pass: what a passed check-in found, signed by this device, told to the server and kept here, so that the
//! same person's other rooms of that day begin with it while the same devices are in use.

use super::app::App;
use super::event::Event;
use crate::store::Write;
use miantan_domain::model::{CheckInStep, NetworkVerdict, ReadinessPass, StepOutcome};
use miantan_domain::rules::check_in::{Day, Input as CheckIn, Saved, is_tried_out};
use miantan_domain::rules::outbox::RefusalClass;
use sha2::{Digest, Sha256};

/// SHA-256 over the ids of camera, microphone and speaker in use, hex. `None`: one of them is not known (yet).
pub fn devices_hash(ids: [Option<&str>; 3]) -> Option<String> {
    let mut digest = Sha256::new();
    for id in ids {
        let id = id?;
        // Each with its length: no two lists of ids look alike.
        digest.update((id.len() as u64).to_be_bytes());
        digest.update(id.as_bytes());
    }
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    Some(digest.finalize().iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect())
}

fn tried_out(saved: &Saved) -> Vec<(CheckInStep, StepOutcome)> {
    saved.outcomes.iter().filter(|(step, _)| is_tried_out(*step)).copied().collect()
}

impl App {
    /// The check-in is done: the pass is kept and told.
    pub fn give_pass(&mut self) {
        let at = self.clock.wall();
        let devices = self.devices_used_hash();
        let Some(server) = self.account.as_ref().map(|account| account.address.clone()) else { return };
        let Some(candidate) = self.candidate() else { return };
        let saved = candidate.check_in.saved();
        let owner = candidate.id;
        let kept = candidate.kept_pass.as_ref();
        // Where the pass of this morning is used, its measurement is as well.
        let network = candidate.check.network.verdict().or(kept.and_then(|pass| pass.network));
        let steps = tried_out(&saved);
        // Without a list of devices there is nothing a later room could be compared with.
        let Some(devices) = devices else { return };
        let pass = ReadinessPass { day: saved.day.0, steps, network, devices, at };
        candidate.kept_pass = Some(pass.clone());
        candidate.pass_to_send = true;
        self.write(Write::Readiness { server, candidate: owner, pass: Box::new(pass) });
        self.send_pass();
    }

    /// Tells the server, now or when the connection is back.
    pub fn send_pass(&mut self) {
        let Some(number) = self.account.as_ref().map(|account| account.number) else { return };
        let Some(server) = self.rest() else { return };
        let Some(candidate) = self.candidate().filter(|candidate| candidate.pass_to_send) else { return };
        let Some(pass) = candidate.kept_pass.clone() else { return };
        candidate.pass_to_send = false;
        let Some(key) = self.device_key() else { return };
        let signed = match key.sign(&pass) {
            Ok(signed) => signed,
            Err(error) => {
                tracing::error!(%error, "the readiness pass could not be written");
                return;
            }
        };
        self.later(async move {
            let told = match server.readiness(&signed).await {
                Ok(_) => true,
                Err(problem) => {
                    tracing::info!(code = %problem.code, "the readiness pass was not told");
                    // Refused for good: the check-in itself is known, step by step.
                    RefusalClass::of(problem.code) == RefusalClass::ForGood
                }
            };
            Event::PassTold { account: number, told }
        });
    }

    pub fn pass_told(&mut self, account: u64, told: bool) {
        if self.account.as_ref().is_some_and(|current| current.number == account)
            && let Some(candidate) = self.candidate()
        {
            candidate.pass_to_send |= !told;
        }
    }

    /// A pass of today with these devices does the steps that were not done here. Once, before the person does any.
    pub fn use_pass(&mut self) {
        let (Some(today), Some(devices)) = (self.today(), self.devices_used_hash()) else { return };
        let Some(candidate) = self.candidate() else { return };
        let begun = candidate.check.begun || !tried_out(&candidate.check_in.saved()).is_empty();
        let Some(pass) = candidate.kept_pass.clone().filter(|_| !candidate.pass_used && !begun) else {
            return;
        };
        if Day(pass.day) != today || pass.devices != devices {
            return;
        }
        candidate.pass_used = true;
        let verdict: Option<NetworkVerdict> = pass.network;
        let round = candidate.round().id;
        self.check_in(CheckIn::Pass(pass.steps));
        if let Some(verdict) = verdict {
            self.command(round, miantan_domain::wire::live::Command::Network { verdict });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_headset_is_another_pass() {
        let hash = |camera, microphone, speaker| devices_hash([camera, microphone, speaker]);
        let usual = hash(Some("front"), Some("mic"), Some("ear"));
        assert_eq!(usual.as_ref().map(String::len), Some(64));
        assert_eq!(hash(Some("front"), Some("mic"), Some("ear")), usual);
        assert_ne!(hash(Some("front"), Some("headset"), Some("ear")), usual);
        assert_ne!(hash(Some("frontm"), Some("ic"), Some("ear")), usual, "no two lists look alike");
        assert_eq!(hash(Some("front"), None, Some("ear")), None, "not known is no device");
    }
}
