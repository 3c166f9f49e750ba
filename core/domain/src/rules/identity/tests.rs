//! Faces without pictures: what the machines make of numbers.

use super::challenge::{Asked, Challenge, ChallengeRun, FASTEST_MS, needed};
use super::guide::{Guide, SHOWN_MS, STEADY_MS};
use super::report::*;
use super::*;
use crate::ids::TicketId;
use crate::model::*;
use crate::time::{Timestamp, WallTime};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Lin looks straight into the camera, in good light.
fn lin() -> FrameFacts {
    FrameFacts {
        width: 240.0,
        height: 320.0,
        face: Some(FaceFacts {
            bounds: [72.0, 80.0, 96.0, 128.0],
            score: 0.94,
            eye_distance: 44.0,
            yaw: 1.0,
            pitch: 4.0,
            roll: 2.0,
            luma_p95: 190.0,
            luma_median: 130.0,
            saturated: 0.01,
            surround_luma: 120.0,
            sharpness: 400.0,
        }),
        second_height: 0.0,
        preview: true,
    }
}

fn with(how: impl FnOnce(&mut FaceFacts)) -> FrameFacts {
    let mut facts = lin();
    if let Some(face) = &mut facts.face {
        how(face);
    }
    facts
}

#[test]
fn each_fault_has_its_sentence() {
    let cases: [(FrameFacts, Framing, Advice); 13] = [
        (FrameFacts { face: None, ..lin() }, Framing::NoFace, Advice::NoFace),
        (FrameFacts { second_height: 0.4, ..lin() }, Framing::MultipleFaces, Advice::OnePersonOnly),
        (with(|f| f.bounds = [-30.0, 80.0, 96.0, 128.0]), Framing::CutOff, Advice::Centre),
        (with(|f| f.bounds = [95.0, 110.0, 50.0, 66.0]), Framing::TooFar, Advice::Nearer),
        (with(|f| f.eye_distance = 18.0), Framing::LowResolution, Advice::Nearer),
        (with(|f| f.bounds = [30.0, 40.0, 180.0, 230.0]), Framing::TooClose, Advice::Further),
        (with(|f| f.bounds[0] = 20.0), Framing::OffCentre, Advice::Centre),
        (with(|f| f.roll = -16.0), Framing::Tilted, Advice::Level),
        (with(|f| f.yaw = 24.0), Framing::Turned, Advice::LookAtCamera),
        (with(|f| f.luma_p95 = 70.0), Framing::TooDark, Advice::MoreLight),
        (with(|f| (f.luma_p95, f.surround_luma) = (120.0, 190.0)), Framing::BackLit, Advice::LightBehind),
        (with(|f| f.saturated = 0.5), Framing::TooBright, Advice::LessLight),
        (with(|f| f.sharpness = 10.0), Framing::Blurred, Advice::HoldStill),
    ];
    for (facts, fault, sentence) in cases {
        assert_eq!(framing(&facts).first(), Some(&fault));
        assert_eq!(framing::advice(fault), sentence);
    }
    assert_eq!(framing(&lin()), []);
}

#[test]
fn numbers_that_are_none_are_no_face() {
    assert_eq!(framing(&with(|f| f.yaw = f32::NAN)), [Framing::NoFace]);
    assert_eq!(framing(&with(|f| f.bounds[2] = f32::INFINITY)), [Framing::NoFace]);
    assert_eq!(framing(&FrameFacts { width: 0.0, ..lin() }), [Framing::NoFace]);
    assert_eq!(framing(&FrameFacts::default()), [Framing::NoFace]);
}

#[test]
fn a_sentence_can_be_read_before_the_next_one_comes() {
    let mut guide = Guide::new();
    let far = with(|f| f.bounds = [95.0, 110.0, 50.0, 66.0]);
    let dark = with(|f| f.luma_p95 = 70.0);
    guide.picture(Timestamp(0), &far);
    assert_eq!(guide.advice(), Some(Advice::Nearer));
    guide.picture(Timestamp(700), &dark);
    assert_eq!(guide.advice(), Some(Advice::Nearer), "still to be read");
    guide.picture(Timestamp(SHOWN_MS + 600), &dark);
    assert_eq!(guide.advice(), Some(Advice::MoreLight));
    guide.picture(Timestamp(SHOWN_MS + 1300), &lin());
    assert_eq!(guide.advice(), Some(Advice::Good), "good news at once");
}

#[test]
fn the_picture_is_taken_after_a_steady_moment_and_never_of_a_moving_face() {
    let mut guide = Guide::new();
    for at in 0..8 {
        guide.picture(Timestamp(at * 100), &lin());
    }
    assert!(guide.steady(Timestamp(700)) < 1.0);
    assert!(guide.steady(Timestamp(STEADY_MS)) >= 1.0);
    guide.picture(Timestamp(900), &with(|f| f.bounds[0] += 12.0));
    assert_eq!(guide.framing(), [Framing::Moving]);
    assert_eq!(guide.advice(), Some(Advice::HoldStill));
    assert!(guide.steady(Timestamp(900)) == 0.0, "begins anew");
}

fn nonce(bytes: [u8; 4]) -> Nonce {
    let mut whole = [7; 32];
    whole[..4].copy_from_slice(&bytes);
    Nonce::new(whole)
}

/// What Lin's face looks like while doing a movement.
fn doing(movement: Movement) -> FrameFacts {
    with(|f| match movement {
        Movement::TurnLeft => f.yaw = 30.0,
        Movement::TurnRight => f.yaw = -30.0,
        Movement::Nod => f.pitch = 20.0,
        Movement::ComeNearer => f.bounds = [57.0, 60.0, 126.0, 168.0],
    })
}

/// Does what is asked, `acts` choosing the picture; 100 ms between pictures, at most a minute.
fn played(challenge: Challenge, acts: impl Fn(&Asked, u64) -> FrameFacts) -> ChallengeRun {
    let mut run = ChallengeRun::new(Timestamp(0), challenge);
    for at in (100..60_000).step_by(100) {
        let facts = acts(&run.asked(), at);
        run.picture(Timestamp(at), &facts);
        if matches!(run.asked(), Asked::Done | Asked::Failed(_)) {
            break;
        }
    }
    run
}

fn obeys(asked: &Asked, _: u64) -> FrameFacts {
    match asked {
        Asked::Move { movement, .. } => doing(*movement),
        Asked::Straight | Asked::Done | Asked::Failed(_) => lin(),
    }
}

#[test]
fn lin_does_what_is_asked_and_is_done() {
    let challenge = Challenge::of(&nonce([0, 1, 2, 0]));
    let run = played(challenge, obeys);
    assert_eq!(run.asked(), Asked::Done);
    let kinds: Vec<_> = run.seen().iter().map(|seen| seen.movement).collect();
    assert_eq!(kinds, challenge.movements);
}

#[test]
fn a_face_that_goes_away_or_stands_still_fails() {
    let challenge = Challenge::of(&nonce([2, 1, 2, 0]));
    let gone = played(challenge, |_, at| if at > 1_000 { FrameFacts { face: None, ..lin() } } else { lin() });
    assert_eq!(gone.asked(), Asked::Failed(FaceReason::FaceLost));
    let still = played(challenge, |_, _| lin());
    assert_eq!(still.asked(), Asked::Failed(FaceReason::MovementMissed));
    let two =
        played(challenge, |_, at| FrameFacts { second_height: if at > 900 { 0.9 } else { 0.0 }, ..lin() });
    assert_eq!(two.asked(), Asked::Failed(FaceReason::FaceLost));
}

#[test]
fn left_and_right_may_be_mixed_up_once() {
    let challenge = Challenge::of(&nonce([0, 0, 0, 0]));
    assert_eq!(challenge.movements[0], Movement::TurnLeft);
    let once = played(challenge, |asked, at| match asked {
        Asked::Move { movement: Movement::TurnLeft, .. } if at < 1_000 => doing(Movement::TurnRight),
        asked => obeys(asked, at),
    });
    assert_eq!(once.asked(), Asked::Done);
    let always = played(challenge, |asked, at| match asked {
        Asked::Move { movement: Movement::TurnLeft, .. } => doing(Movement::TurnRight),
        asked => obeys(asked, at),
    });
    assert_eq!(always.asked(), Asked::Failed(FaceReason::MovementWrong));
}

/// A film of one challenge, played against every other one.
#[test]
fn a_recorded_run_fails_against_other_nonces() {
    let all: Vec<Challenge> = (0..4_u8)
        .flat_map(|a| (0..3_u8).flat_map(move |b| (0..3_u8).map(move |c| nonce([a, b, c, 0]))))
        .map(|nonce| Challenge::of(&nonce))
        .collect();
    assert_eq!(all.len(), 36);
    // Lin was filmed doing this, at this pace
    let filmed = all[5];
    let film = |at: u64| {
        let second = at / 1_000;
        match second {
            1 | 3 | 5 => doing(filmed.movements[(second / 2) as usize]),
            _ => lin(),
        }
    };
    for challenge in all {
        let run = played(challenge, |_, at| film(at));
        assert_eq!(run.asked() == Asked::Done, challenge.movements == filmed.movements, "{challenge:?}");
    }
}

fn models() -> BTreeMap<String, String> {
    BTreeMap::from([("detector".into(), "aa".into())])
}

const ISSUED: WallTime = WallTime(1_764_000_000_000);
const LIN: TicketId = TicketId(Uuid::from_u128(1));

fn honest(nonce: Nonce) -> FaceReport {
    let challenge = Challenge::of(&nonce);
    let movements = challenge
        .movements
        .iter()
        .zip(0_u64..)
        .map(|(&movement, index)| MovementSeen {
            movement,
            asked_ms: index * 3_000,
            done_ms: index * 3_000 + 900,
            extent: needed(movement) + 0.1,
        })
        .collect();
    FaceReport {
        interview: LIN,
        nonce,
        models: models(),
        scores: FaceScores { frames: 7, cosine: 0.71, liveness: 0.97, same_person: 0.9 },
        movements,
        reasons: Vec::new(),
        passed: true,
        simulated: false,
        at: ISSUED.after(20_000),
    }
}

fn decided(how: impl FnOnce(&mut FaceReport)) -> Result<Decision, ReportRefused> {
    let nonce = nonce([1, 2, 0, 3]);
    let mut report = honest(nonce);
    how(&mut report);
    let models = models();
    decide(
        &report,
        &Expected {
            interview: LIN,
            nonce,
            issued: ISSUED,
            now: ISSUED.after(21_000),
            models: &models,
            thresholds: FaceThresholds::default(),
            simulated_allowed: false,
        },
    )
}

#[test]
fn an_honest_report_passes_as_of_the_device() {
    let decision = decided(|_| {}).expect("an answer");
    assert!(decision.passed && !decision.doubt);
    assert_eq!((decision.reasons.as_slice(), decision.assurance), ([].as_slice(), Assurance::Device));
}

#[test]
fn the_server_judges_the_numbers_itself() {
    let why = |how: fn(&mut FaceReport)| {
        let decision = decided(how).expect("an answer");
        assert!(!decision.passed);
        decision.reasons
    };
    assert_eq!(why(|r| r.scores.cosine = 0.30), [FaceReason::OtherPerson]);
    assert_eq!(why(|r| r.scores.cosine = 0.40), [FaceReason::NotSure]);
    assert_eq!(why(|r| r.scores.liveness = 0.49), [FaceReason::NotLive]);
    assert_eq!(why(|r| r.scores.liveness = 0.1), [FaceReason::NotLive, FaceReason::LivenessDoubt]);
    assert_eq!(why(|r| r.scores.frames = 4), [FaceReason::TooFewFrames]);
    assert_eq!(why(|r| r.scores.same_person = 0.2), [FaceReason::PersonChanged]);
    assert_eq!(why(|r| r.movements.swap(0, 1)), [FaceReason::MovementWrong]);
    assert_eq!(why(|r| r.movements.truncate(2)), [FaceReason::MovementMissed]);
    assert_eq!(why(|r| r.movements[1].extent = 1.0), [FaceReason::MovementMissed]);
    assert_eq!(why(|r| r.movements[1].extent = f32::NAN), [FaceReason::MovementMissed]);
    assert_eq!(
        why(|r| r.movements[0].done_ms = r.movements[0].asked_ms + FASTEST_MS - 1),
        [FaceReason::MovementMissed]
    );
    assert_eq!(why(|r| r.movements[2].done_ms += 6_000), [FaceReason::MovementMissed]);
    assert_eq!(why(|r| r.simulated = true), [FaceReason::Simulated]);
    assert_eq!(why(|r| r.reasons.push(FaceReason::FaceLost)), [FaceReason::FaceLost]);
    assert!(!decided(|r| r.passed = false).expect("an answer").passed, "the device's own no stands");
    assert!(decided(|r| r.scores.liveness = 0.1).expect("an answer").doubt);
}

#[test]
fn what_answers_another_attempt_decides_nothing() {
    let refused = |how: fn(&mut FaceReport)| decided(how).expect_err("no answer");
    assert_eq!(refused(|r| r.interview = TicketId(Uuid::from_u128(2))), ReportRefused::OtherInterview);
    assert_eq!(refused(|r| r.nonce = nonce([9, 9, 9, 9])), ReportRefused::OtherNonce);
    assert_eq!(refused(|r| r.at = ISSUED.after(86_400_000)), ReportRefused::ClockOff);
    assert_eq!(refused(|r| r.at = ISSUED.after(-86_400_000)), ReportRefused::ClockOff);
    assert_eq!(
        refused(|r| r.models = [("detector".to_owned(), "bb".to_owned())].into()),
        ReportRefused::ModelsDiffer
    );
    assert_eq!(refused(|r| r.scores.cosine = f32::NAN), ReportRefused::ScoreBad);
    assert_eq!(refused(|r| r.scores.liveness = 1.5), ReportRefused::ScoreBad);
}

#[test]
fn pictures_looked_at_by_the_server_must_say_the_same() {
    let said = FaceScores { frames: 7, cosine: 0.71, liveness: 0.97, same_person: 0.9 };
    let limits = FaceThresholds::default();
    let decision = decided(|_| {}).expect("an answer");
    let same = FaceScores { cosine: 0.69, liveness: 0.95, ..said };
    assert_eq!(verified(decision.clone(), &said, Some(&same), &limits).assurance, Assurance::Verified);
    let other = FaceScores { cosine: 0.35, ..said };
    for found in [Some(&other), None] {
        let differs = verified(decision.clone(), &said, found, &limits);
        assert!(!differs.passed, "{found:?}");
        assert_eq!(differs.reasons, [FaceReason::FramesDiffer]);
    }
}

#[test]
fn a_report_is_read_back_and_unknown_fields_are_refused() {
    let report = honest(nonce([1, 2, 3, 4]));
    let text = serde_json::to_string(&report).expect("JSON");
    assert_eq!(serde_json::from_str::<FaceReport>(&text).expect("a report"), report);
    let odd = text.replacen("\"passed\"", "\"pased\":true,\"passed\"", 1);
    assert!(serde_json::from_str::<FaceReport>(&odd).is_err());
    let none = text.replacen("0.71", "null", 1);
    assert!(serde_json::from_str::<FaceReport>(&none).is_err(), "NaN is written as null");
    assert!(toml_like("{\"same\":0.5,\"diferent\":0.3}").is_err(), "a misspelt threshold");
}

fn toml_like(text: &str) -> Result<FaceThresholds, serde_json::Error> {
    serde_json::from_str(text)
}

proptest! {
    #[test]
    fn every_nonce_makes_a_fair_challenge(bytes in any::<[u8; 32]>()) {
        let nonce = Nonce::new(bytes);
        let challenge = Challenge::of(&nonce);
        prop_assert!((4_000..=5_500).contains(&challenge.each_ms));
        prop_assert!(challenge.movements.windows(2).all(|pair| pair[0] != pair[1]));
        prop_assert_eq!(nonce.to_string().parse::<Nonce>(), Ok(nonce));
        prop_assert_eq!(played(challenge, obeys).asked(), Asked::Done);
    }

    #[test]
    fn rubbish_is_never_a_nonce(text in ".{0,70}") {
        if let Ok(nonce) = text.parse::<Nonce>() {
            prop_assert_eq!(nonce.to_string(), text.to_lowercase());
        }
    }
}
