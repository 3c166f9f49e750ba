//! One of each REST body of the identity step.

use super::u;
use miantan_domain::ids::TicketId;
use miantan_domain::model::*;
use miantan_domain::rules::identity::FaceReport;
use miantan_domain::signal::IceServer;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::*;
use serde::{Deserialize, Serialize};

/// What a device signs and seals; shown nowhere.
pub const SEALED: &str = "c2VhbGVk";

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    pub model: ModelInfo,
    pub status: Vec<IdentityStatus>,
    pub ask: FaceAttemptAsk,
    pub attempt: FaceAttempt,
    pub report: FaceReport,
    pub signed: Signed,
    pub frames: SealedFrames,
    pub answers: Vec<IdentityAnswer>,
    pub code: IdentityCode,
    pub probe: ProbeTaken,
    pub relay: ProbeRelay,
    pub pass: ReadinessPass,
    pub readiness: Readiness,
}

pub fn identity() -> Identity {
    let nonce = Nonce::new([7; 32]);
    let sha256 = "ab".repeat(32);
    let models = [("detector".to_owned(), sha256.clone())].into();
    let settled = Some(IdentityMark { assurance: Assurance::Device, doubt: false, at: WallTime(9) });
    let open = IdentityStatus {
        rule: IdentityRule::SmsThenFace,
        settled: None,
        attempts: 3,
        attempts_left: 0,
        no_face: Some(NoFaceWay::AttemptsUsed),
        phone: None,
        no_sms: Some(NoSmsWay::NoNumber),
        number_proved: true,
        consent: IDENTITY_CONSENT_VERSION,
        frames_days: 7,
    };
    let done = IdentityStatus {
        rule: IdentityRule::VerifiedFaceOrSms,
        settled,
        attempts_left: 2,
        no_face: None,
        phone: Some("199****0001".into()),
        no_sms: None,
        number_proved: false,
        ..open.clone()
    };
    Identity {
        model: ModelInfo {
            role: "detector".into(),
            name: "YuNet n".into(),
            sha256,
            bytes: 322_906,
            licence: "Apache-2.0".into(),
        },
        status: vec![open, done],
        ask: FaceAttemptAsk { models },
        attempt: FaceAttempt {
            nonce,
            attempts_left: 2,
            within_ms: 120_000,
            reference: SEALED.into(),
            thresholds: FaceThresholds::default(),
            frames_key: Some("a2V5".into()),
        },
        report: FaceReport {
            interview: TicketId(u(5)),
            nonce,
            models: [("detector".to_owned(), "ab".repeat(32))].into(),
            scores: FaceScores { frames: 7, cosine: 0.75, liveness: 0.5, same_person: 0.875 },
            movements: vec![MovementSeen {
                movement: Movement::TurnLeft,
                asked_ms: 400,
                done_ms: 1_300,
                extent: 24.5,
            }],
            reasons: vec![FaceReason::MovementMissed],
            passed: false,
            simulated: true,
            at: WallTime(8),
        },
        signed: Signed { content: SEALED.into(), signature: SEALED.into() },
        frames: SealedFrames { key: "a2V5".into(), frames: SEALED.into() },
        answers: vec![
            IdentityAnswer { settled, reasons: Vec::new(), attempts_left: 2, number_proved: false },
            IdentityAnswer {
                settled: None,
                reasons: vec![FaceReason::NotLive, FaceReason::LivenessDoubt],
                attempts_left: 1,
                number_proved: true,
            },
        ],
        code: IdentityCode { code: "123456".into(), then_face: true },
        probe: ProbeTaken { bytes: 65_536 },
        relay: ProbeRelay {
            servers: vec![IceServer {
                url: "turn:192.0.2.1:3478?transport=udp".into(),
                username: Some("1795500000:device".into()),
                credential: Some("c2VjcmV0".into()),
            }],
        },
        pass: ReadinessPass {
            day: 20_787,
            steps: vec![
                (CheckInStep::Speaker, StepOutcome::Passed),
                (CheckInStep::Network, StepOutcome::Cannot),
            ],
            network: Some(NetworkVerdict::SoundOnly),
            devices: "cd".repeat(32),
            at: WallTime(8),
        },
        readiness: Readiness { light: ReadinessLight::Amber, reasons: vec![ReadinessReason::NetworkWeak] },
    }
}
