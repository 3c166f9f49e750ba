//! The backend's half: what it believes of a device's reports, and who may be ready for video.
//!
//! Code and password were checked when the session was made. Reports about devices are the person's
//! own word and only inform the recruiter; an identity is never taken on the device's word.

use super::state::is_tried_out;
use crate::model::{CheckInStep, IdentityRule, StepOutcome};
use crate::wire::ProblemCode;

/// The outcomes kept for one ticket, at most one for each step.
pub type Checked = Vec<(CheckInStep, StepOutcome)>;

/// A device reports a step: the new outcome replaces the older one. `Ok(false)`: nothing is different.
///
/// Refused: `identity_needed` for the identity step (only the backend's own check settles it, see
/// [`settle_identity`]); `not_allowed` for code and password, which the session itself proves.
pub fn report(checked: &mut Checked, step: CheckInStep, outcome: StepOutcome) -> Result<bool, ProblemCode> {
    match step {
        CheckInStep::Speaker | CheckInStep::Microphone | CheckInStep::Camera | CheckInStep::Network => {
            Ok(put(checked, step, outcome))
        }
        CheckInStep::Identity => Err(ProblemCode::IdentityNeeded),
        CheckInStep::Code | CheckInStep::Password => Err(ProblemCode::NotAllowed),
    }
}

/// The backend itself found out who this is. `false`: it knew already.
pub fn settle_identity(checked: &mut Checked) -> bool {
    put(checked, CheckInStep::Identity, StepOutcome::Passed)
}

/// Another device or another day: devices are to be checked again, the identity stays.
pub fn forget_devices(checked: &mut Checked) {
    checked.retain(|(step, _)| !is_tried_out(*step));
}

/// Whether a candidate may count as ready for video: the identity is settled where the round wants
/// it. Device reports inform the recruiter and may arrive after the presence they belong to, so
/// readiness does not wait for them.
pub fn may_be_ready(rule: IdentityRule, checked: &[(CheckInStep, StepOutcome)]) -> bool {
    !rule.required() || checked.contains(&(CheckInStep::Identity, StepOutcome::Passed))
}

fn put(checked: &mut Checked, step: CheckInStep, outcome: StepOutcome) -> bool {
    match checked.iter_mut().find(|(s, _)| *s == step) {
        Some((_, kept)) if *kept == outcome => false,
        Some((_, kept)) => {
            *kept = outcome;
            true
        }
        None => {
            checked.push((step, outcome));
            checked.sort_by_key(|(step, _)| *step);
            true
        }
    }
}
