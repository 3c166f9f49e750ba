//! Green or amber: what a recruiter sees of a candidate's check-in before ringing, and why.

use crate::model::*;
use crate::rules::round::Ticket;

#[cfg(test)]
mod tests;

/// Of one ticket in a round with this identity rule.
pub fn readiness(rule: IdentityRule, ticket: &Ticket) -> Readiness {
    let outcome = |step| ticket.checked.iter().find(|(s, _)| *s == step).map(|(_, outcome)| *outcome);
    let cannot = |step| outcome(step) == Some(StepOutcome::Cannot);
    let devices = [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera];
    let network = |wanted: &[NetworkVerdict]| ticket.network.is_some_and(|verdict| wanted.contains(&verdict));
    let found = [
        (ReadinessReason::NotChecked, devices.iter().any(|step| outcome(*step).is_none())),
        (ReadinessReason::IdentityOpen, rule.required() && outcome(CheckInStep::Identity).is_none()),
        (ReadinessReason::IdentityDoubt, ticket.identity.is_some_and(|mark| mark.doubt)),
        (ReadinessReason::SpeakerCannot, cannot(CheckInStep::Speaker)),
        (ReadinessReason::MicrophoneCannot, cannot(CheckInStep::Microphone)),
        (ReadinessReason::CameraCannot, cannot(CheckInStep::Camera)),
        (
            ReadinessReason::NetworkWeak,
            network(&[NetworkVerdict::SoundOnly, NetworkVerdict::Weak, NetworkVerdict::Unreachable]),
        ),
        (ReadinessReason::NetworkNoUdp, network(&[NetworkVerdict::NoUdp])),
    ];
    let reasons: Vec<_> = found.into_iter().filter(|(_, is)| *is).map(|(reason, _)| reason).collect();
    let light = if reasons.is_empty() { ReadinessLight::Green } else { ReadinessLight::Amber };
    Readiness { light, reasons }
}
