//! An attempt: what the server gives for it, and what is reported of it, signed.

use super::super::app::App;
use super::IdentityNews;
use super::machine::{Attempt, Finished, Input};
use super::seal::{DeviceKey, seal};
use crate::faces;
use crate::rest::Server;
use miantan_domain::rules::identity::FaceReport;
use miantan_domain::wire::rest::{FaceAttempt, IdentityAnswer, Signed};
use miantan_domain::wire::{Problem, ProblemCode};
use std::collections::BTreeMap;
use std::time::Duration;

/// A report whose answer was lost is sent again so often, with so long between.
const REPORT_TRIES: u32 = 3;
const REPORT_PAUSE: Duration = Duration::from_millis(800);

impl App {
    pub(super) fn attempt_came(&mut self, result: Result<Box<FaceAttempt>, Problem>) {
        let attempt = match result {
            Ok(attempt) => attempt,
            Err(problem) => return self.identity(Input::Attempt(Err(problem))),
        };
        let FaceAttempt { nonce, attempts_left, within_ms: _, reference, thresholds, frames_key } = *attempt;
        let reference = zeroize::Zeroizing::new(reference);
        let Some(identity) = self.at_identity() else { return };
        let crops = frames_key.is_some();
        let good = identity.checker.as_ref().is_some_and(|checker| checker.reference(&reference, crops));
        identity.frames_key = frames_key;
        identity.was_simulated = identity.simulated;
        let attempt = Attempt { nonce, left: attempts_left, thresholds };
        self.identity(Input::Attempt(Ok(attempt)));
        if !good {
            tracing::warn!("the server's reference is none");
            self.identity(Input::CheckerFailed);
        }
    }

    pub(super) fn tell_verdict(&mut self, server: Server, finished: Finished) {
        let at = self.clock.wall();
        let Some(candidate) = self.candidate() else { return };
        let interview = candidate.ticket;
        let Some(identity) = candidate.identity.as_deref_mut() else { return };
        let simulated = identity.simulated || identity.was_simulated;
        let frames_key = identity.frames_key.take();
        let Finished { nonce, scores, movements, reasons, passed, crops } = finished;
        let models: BTreeMap<_, _> = faces::roles();
        let report =
            FaceReport { interview, nonce, models, scores, movements, reasons, passed, simulated, at };
        let key = self.device_key();
        self.identity_later(async move {
            let answer = async {
                let key =
                    key.ok_or_else(|| Problem::new(ProblemCode::StorageFailed, "no key of this device"))?;
                let signed = key
                    .sign(&report)
                    .map_err(|_| Problem::new(ProblemCode::ReportBad, "the report could not be written"))?;
                if let Some(to) = frames_key.filter(|_| !crops.is_empty()) {
                    let sealed = seal(&crops, &to, &nonce)
                        .map_err(|error| Problem::new(ProblemCode::Internal, error.to_string()))?;
                    server.face_frames(&nonce, &sealed).await?;
                }
                send_report(&server, &signed).await
            };
            IdentityNews::Answer(answer.await)
        });
    }

    /// This device's key for the server in use; `None`: the device cannot keep one (it was said).
    pub fn device_key(&self) -> Option<DeviceKey> {
        let address = &self.choice.chosen.as_ref()?.address;
        match DeviceKey::for_server(self.services.secrets.as_ref(), address) {
            Ok(key) => Some(key),
            Err(error) => {
                tracing::error!(%error, "no key of this device");
                None
            }
        }
    }
}

/// An answer that was lost on the way is asked for again; the server decides an attempt once.
async fn send_report(server: &Server, signed: &Signed) -> Result<IdentityAnswer, Problem> {
    let mut tries = 1;
    loop {
        let result = server.face_report(signed).await;
        match &result {
            Err(problem)
                if tries < REPORT_TRIES
                    && matches!(problem.code, ProblemCode::Offline | ProblemCode::TimedOut) =>
            {
                tries += 1;
                tokio::time::sleep(REPORT_PAUSE).await;
            }
            Ok(_) | Err(_) => return result,
        }
    }
}
