//! The identity step, the network step, the estimated wait and the readiness of the gallery.

use crate::fixtures::{NOW, base, candidate, check_at, waiting_with};
use crate::people::{queue, recruiter, with_sheet_of};
use miantan_client::view::*;
use miantan_domain::model::*;
use miantan_domain::rules::check_in::{Hint, StepState};
use miantan_domain::wire::live::RoomPlace;
use miantan_domain::wire::{Problem, ProblemCode};

/// Of a round with the face way and the SMS way.
fn identity(stage: IdentityStage) -> IdentityView {
    IdentityView {
        attempts: 3,
        attempts_left: 2,
        no_face: None,
        phone: Some("138****5678".into()),
        sms_first: false,
        number_proved: false,
        verifies: false,
        frames_days: 7,
        simulated: false,
        stage,
    }
}

fn step(identity: IdentityView) -> AppView {
    let mut view = candidate(check_at(CheckInStep::Identity), ChecksView::default(), None);
    if let WhoView::Candidate(candidate) = &mut view.who {
        candidate.round.identity = IdentityRule::FaceOrSms;
        candidate.identity = Some(Box::new(identity));
    }
    view
}

fn framing(advice: Option<Advice>, started: bool, steady: f32) -> IdentityView {
    identity(IdentityStage::Framing(FramingView {
        started,
        advice,
        steady,
        camera: CameraCheckView { live: true, width: 480, height: 640, fps: 30.0 },
        problem: None,
    }))
}

fn challenge(movement: Option<Movement>, index: usize) -> IdentityView {
    let until = movement.map(|_| NOW.after(4_000));
    identity(IdentityStage::Challenge(ChallengeView { movement, index, of: 3, until }))
}

fn not_passed(attempts_left: u32, reasons: &[FaceReason]) -> IdentityView {
    IdentityView { attempts_left, ..identity(IdentityStage::NotPassed { reasons: reasons.to_vec() }) }
}

fn sms(sent: bool, form: FormState) -> IdentityView {
    identity(IdentityStage::Sms(SmsWayView {
        sent,
        again_at: sent.then(|| NOW.after(43_000)),
        valid_until: sent.then(|| NOW.after(280_000)),
        form,
    }))
}

fn failed(code: ProblemCode) -> FormState {
    FormState::Failed { problem: Problem::from(code), again_at: None }
}

fn other_device(phone: Option<&str>, sent: bool, form: FormState) -> AppView {
    let way = Box::new(SmsWayView {
        sent,
        again_at: sent.then(|| NOW.after(43_000)),
        valid_until: sent.then(|| NOW.after(280_000)),
        form,
    });
    let form = FormState::OtherDevice { code: "K7M4XQ2HD".into(), phone: phone.map(str::to_owned), way };
    AppView { who: WhoView::SignedOut { form, code: None }, ..base() }
}

fn network(view: NetworkCheckView) -> AppView {
    let mut check = check_at(CheckInStep::Network);
    if let NetworkCheckView::Done { verdict, .. } = view
        && !miantan_domain::rules::network::good_enough(verdict)
    {
        check.hints = Hint::of(CheckInStep::Network).to_vec();
        if let Some((_, state)) = check.steps.last_mut() {
            *state = StepState::Active { since: NOW, hinted: true };
        }
    }
    candidate(check, ChecksView { network: view, ..ChecksView::default() }, None)
}

fn measured(figures: NetworkFigures) -> AppView {
    network(NetworkCheckView::Done { figures, verdict: miantan_domain::rules::network::judge(&figures) })
}

const FINE: NetworkFigures = NetworkFigures {
    round_trip_ms: Some(38),
    loss_percent: Some(0.2),
    up_kbps: 3_240,
    down_kbps: 8_120,
    relay: RelayWay::Works,
};

/// The snapshot of that name, if it is one of these.
pub fn view(name: &str) -> Option<AppView> {
    use Advice::{Good, LightBehind, Nearer, NoFace};
    Some(match name {
        "id" => step(identity(IdentityStage::Choice)),
        "id-loading" => step(identity(IdentityStage::Loading)),
        "id-failed" => step(identity(IdentityStage::Failed(Problem::from(ProblemCode::Offline)))),
        "id-no-face" => step(IdentityView {
            no_face: Some(NoFaceOffer::Server(NoFaceWay::NoModels)),
            ..identity(IdentityStage::Choice)
        }),
        "id-broken-models" => step(IdentityView {
            no_face: Some(NoFaceOffer::ModelsBroken(Problem::from(ProblemCode::NotFound))),
            ..identity(IdentityStage::Choice)
        }),
        "id-no-sms" => {
            step(IdentityView { phone: None, attempts_left: 1, ..identity(IdentityStage::Choice) })
        }
        "id-sms-first" => step(IdentityView {
            sms_first: true,
            no_face: Some(NoFaceOffer::Server(NoFaceWay::SmsFirst)),
            ..identity(IdentityStage::Choice)
        }),
        "id-proved" => {
            step(IdentityView { sms_first: true, number_proved: true, ..identity(IdentityStage::Choice) })
        }
        "id-consent" => step(identity(IdentityStage::Consent { frames: false })),
        "id-consent-frames" => {
            step(IdentityView { verifies: true, ..identity(IdentityStage::Consent { frames: true }) })
        }
        "id-models" => step(identity(IdentityStage::Models { done: 14_700_000, of: 41_300_000 })),
        "id-frame" => step(framing(Some(Nearer), false, 0.0)),
        "id-frame-none" => step(framing(Some(NoFace), false, 0.0)),
        "id-frame-dark" => step(framing(Some(LightBehind), true, 0.0)),
        "id-frame-good" => step(framing(Some(Good), true, 0.6)),
        "id-frame-simulated" => step(IdentityView { simulated: true, ..framing(Some(Good), true, 0.3) }),
        "id-frame-refused" => {
            let mut identity = framing(None, false, 0.0);
            if let IdentityStage::Framing(framing) = &mut identity.stage {
                framing.camera = CameraCheckView::default();
                framing.problem = Some(DeviceProblem::CameraRefused);
            }
            step(identity)
        }
        "id-left" => step(challenge(Some(Movement::TurnLeft), 0)),
        "id-right" => step(challenge(Some(Movement::TurnRight), 1)),
        "id-nod" => step(challenge(Some(Movement::Nod), 1)),
        "id-nearer" => step(challenge(Some(Movement::ComeNearer), 2)),
        "id-straight" => step(challenge(None, 1)),
        "id-checking" => step(identity(IdentityStage::Checking)),
        "id-other" => step(not_passed(2, &[FaceReason::OtherPerson])),
        "id-print" => step(not_passed(1, &[FaceReason::NotLive, FaceReason::LivenessDoubt])),
        "id-used" => step(not_passed(0, &[FaceReason::MovementMissed])),
        "id-broken-away" => step(identity(IdentityStage::Broken(IdentityTrouble::Interrupted))),
        "id-broken" => step(identity(IdentityStage::Broken(IdentityTrouble::Checker))),
        "id-broken-camera" => {
            step(identity(IdentityStage::Broken(IdentityTrouble::Device(DeviceProblem::CameraRefused))))
        }
        "id-broken-net" => step(identity(IdentityStage::Broken(IdentityTrouble::Server(Problem::from(
            ProblemCode::TimedOut,
        ))))),
        "id-sms" => step(sms(false, FormState::Idle)),
        "id-sms-sent" => step(sms(true, FormState::Idle)),
        "id-sms-limit" => step(sms(false, failed(ProblemCode::SmsLimit))),
        "id-sms-used" => step(sms(true, failed(ProblemCode::SmsTriesUsed))),
        "id-sms-failed" => step(sms(true, failed(ProblemCode::SmsFailed))),
        "other-device" => other_device(None, false, FormState::Idle),
        "other-device-sent" => other_device(Some("138****5678"), true, FormState::Idle),
        "other-device-wrong" => other_device(Some("138****5678"), true, failed(ProblemCode::SmsFailed)),
        "network" => network(NetworkCheckView::Measuring { ms: 2_100, of_ms: 5_000 }),
        "network-good" => measured(FINE),
        "network-sound" => measured(NetworkFigures { up_kbps: 180, ..FINE }),
        "network-no-relay" => {
            measured(NetworkFigures { loss_percent: None, relay: RelayWay::NotOffered, ..FINE })
        }
        "network-no-udp" => measured(NetworkFigures { loss_percent: None, relay: RelayWay::Blocked, ..FINE }),
        "network-unreachable" => measured(NetworkFigures {
            round_trip_ms: None,
            loss_percent: None,
            relay: RelayWay::Blocked,
            ..FINE
        }),
        "wait" => waiting_with(RoomPlace::Waiting { ahead: 3 }, Some(WaitRange { from_min: 11, to_min: 19 })),
        "wait-next" => {
            waiting_with(RoomPlace::Waiting { ahead: 0 }, Some(WaitRange { from_min: 0, to_min: 8 }))
        }
        "wait-long" => {
            waiting_with(RoomPlace::Waiting { ahead: 14 }, Some(WaitRange { from_min: 62, to_min: 140 }))
        }
        "ready-queue" => recruiter(Some(queue(Stage::Interview))),
        "ready-sheet" => with_sheet_of(4),
        "ready-sheet-doubt" => with_sheet_of(6),
        "ready-sheet-amber" => with_sheet_of(5),
        _ => return None,
    })
}
