//! What the device signs after an attempt, and what the server makes of it.
//!
//! The default limits are those measured for the models (shared `models/README.md`): cosine ≥ 0.43 is the same person
//! (false accepts about 1e-4 on LFW), below 0.33 another one, between them nobody can tell; liveness ≥ 0.5 as the
//! median of at least five frames; under 0.2 the recruiter is told, which proves nothing by itself.

use super::ATTEMPT_MS;
use super::challenge::{Challenge, FASTEST_MS, needed};
use crate::ids::TicketId;
use crate::model::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Clocks may differ by this, ms: the device counts in the server's time, corrected at every welcome.
pub const CLOCK_MS: i64 = 60_000;

/// The content of a signed report. The exact bytes are signed, so no two ways of writing it are needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaceReport {
    pub interview: TicketId,
    pub nonce: Nonce,
    /// Role → SHA-256 (hex) of every model used.
    pub models: BTreeMap<String, String>,
    pub scores: FaceScores,
    pub movements: Vec<MovementSeen>,
    /// What the device itself found wrong.
    pub reasons: Vec<FaceReason>,
    /// The device's own verdict.
    pub passed: bool,
    /// The camera was the synthetic one.
    pub simulated: bool,
    /// In the server's time.
    pub at: WallTime,
}

/// What the server knows of the attempt.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    pub interview: TicketId,
    pub nonce: Nonce,
    pub issued: WallTime,
    pub now: WallTime,
    pub models: &'a BTreeMap<String, String>,
    pub thresholds: FaceThresholds,
    pub simulated_allowed: bool,
}

/// It is not an answer to this attempt: nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportRefused {
    #[error("the report is about another interview")]
    OtherInterview,
    #[error("the report answers another nonce")]
    OtherNonce,
    #[error("the attempt is too old")]
    Stale,
    #[error("the report's time is not in the attempt")]
    ClockOff,
    #[error("other models were used than the server's")]
    ModelsDiffer,
    #[error("a score is outside its range")]
    ScoreBad,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub passed: bool,
    /// Everything that spoke against it, or is odd; sorted, without repetition.
    pub reasons: Vec<FaceReason>,
    /// Tell the recruiter.
    pub doubt: bool,
    pub assurance: Assurance,
}

/// Decides an attempt. The device's own verdict is never enough: scores and movements are judged again.
pub fn decide(report: &FaceReport, expected: &Expected<'_>) -> Result<Decision, ReportRefused> {
    if report.interview != expected.interview {
        return Err(ReportRefused::OtherInterview);
    }
    if report.nonce != expected.nonce {
        return Err(ReportRefused::OtherNonce);
    }
    if expected.now.since(expected.issued) > ATTEMPT_MS {
        return Err(ReportRefused::Stale);
    }
    if report.at.0 > expected.now.0 + CLOCK_MS || report.at.0 < expected.issued.0 - CLOCK_MS {
        return Err(ReportRefused::ClockOff);
    }
    if report.models != *expected.models {
        return Err(ReportRefused::ModelsDiffer);
    }
    let scores = report.scores;
    let in_range = |value: f32, from: f32| value.is_finite() && (from - 0.001..=1.001).contains(&value);
    if !in_range(scores.cosine, -1.0)
        || !in_range(scores.same_person, -1.0)
        || !in_range(scores.liveness, 0.0)
    {
        return Err(ReportRefused::ScoreBad);
    }
    let mut reasons = report.reasons.clone();
    reasons.extend(against(&scores, &expected.thresholds));
    if let Some(reason) = movements(&report.movements, Challenge::of(&expected.nonce)) {
        reasons.push(reason);
    }
    if report.simulated && !expected.simulated_allowed {
        reasons.push(FaceReason::Simulated);
    }
    reasons.sort_unstable();
    reasons.dedup();
    let doubt = reasons.contains(&FaceReason::LivenessDoubt);
    let assurance = if report.simulated { Assurance::Simulated } else { Assurance::Device };
    Ok(Decision { passed: report.passed && reasons.is_empty(), reasons, doubt, assurance })
}

/// What the scores say against the person. The device uses it for its own verdict as well.
pub fn against(scores: &FaceScores, limits: &FaceThresholds) -> Vec<FaceReason> {
    let found = [
        (FaceReason::TooFewFrames, scores.frames < limits.frames),
        (FaceReason::OtherPerson, scores.cosine < limits.different),
        (FaceReason::NotSure, scores.cosine >= limits.different && scores.cosine < limits.same),
        (FaceReason::NotLive, scores.liveness < limits.live),
        (FaceReason::LivenessDoubt, scores.liveness < limits.live_doubt),
        (FaceReason::PersonChanged, scores.same_person < limits.different),
    ];
    found.into_iter().filter(|(_, wrong)| *wrong).map(|(reason, _)| reason).collect()
}

/// The round wants the server to look at the pictures too; `found`: what it found in them, if they came. They stand for
/// the attempt only if they say what the device said: cosine and liveness within 0.05 (another processor rounds
/// differently), and enough of them. A report whose pictures never came proves nothing in such a round.
pub fn verified(
    mut decision: Decision,
    said: &FaceScores,
    found: Option<&FaceScores>,
    limits: &FaceThresholds,
) -> Decision {
    let near = |a: f32, b: f32| (a - b).abs() <= 0.05;
    let same = found.filter(|f| near(said.cosine, f.cosine) && near(said.liveness, f.liveness));
    if let Some(found) = same {
        decision.reasons.extend(against(found, limits));
        if decision.assurance == Assurance::Device {
            decision.assurance = Assurance::Verified;
        }
    } else {
        decision.reasons.push(FaceReason::FramesDiffer);
    }
    decision.reasons.sort_unstable();
    decision.reasons.dedup();
    decision.passed = decision.passed && decision.reasons.is_empty();
    decision
}

/// Whether the movements are those asked for, in order, in time, far enough and humanly possible.
fn movements(seen: &[MovementSeen], challenge: Challenge) -> Option<FaceReason> {
    let kinds: Vec<Movement> = seen.iter().map(|seen| seen.movement).collect();
    if kinds.iter().zip(&challenge.movements).any(|(seen, asked)| seen != asked)
        || kinds.len() > challenge.movements.len()
    {
        return Some(FaceReason::MovementWrong);
    }
    let mut last = 0;
    for seen in seen {
        let took = seen.done_ms.checked_sub(seen.asked_ms);
        let in_time = took.is_some_and(|took| (FASTEST_MS..=challenge.each_ms + 200).contains(&took));
        if !in_time || seen.asked_ms < last || seen.extent.is_nan() || seen.extent < needed(seen.movement) {
            return Some(FaceReason::MovementMissed);
        }
        last = seen.done_ms;
    }
    (kinds.len() < challenge.movements.len() || last > ATTEMPT_MS).then_some(FaceReason::MovementMissed)
}
