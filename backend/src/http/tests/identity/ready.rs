//! The readiness pass: a check-in of this morning serves this afternoon's round.

use super::*;

fn pass(organiser: &Organiser, at: WallTime) -> ReadinessPass {
    ReadinessPass {
        day: organiser.state.config.day(at) as i32,
        steps: vec![
            (CheckInStep::Speaker, StepOutcome::Passed),
            (CheckInStep::Microphone, StepOutcome::Passed),
            (CheckInStep::Camera, StepOutcome::Cannot),
            (CheckInStep::Network, StepOutcome::Passed),
        ],
        network: Some(NetworkVerdict::Good),
        devices: "0f".repeat(32),
        at,
    }
}

#[tokio::test]
async fn a_pass_of_today_is_taken_and_the_recruiter_sees_it() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.identity).await;
    let send = async |pass: &ReadinessPass| {
        let content = serde_json::to_string(pass).unwrap();
        lin.send("POST", "/me/readiness", &signed(&lin.key, &content)).await
    };
    let answer: Readiness = send(&pass(&organiser, NOW)).await.json();
    assert_eq!(answer.light, ReadinessLight::Amber);
    assert_eq!(answer.reasons, [ReadinessReason::IdentityOpen, ReadinessReason::CameraCannot]);
    let seat = lin.seat().await;
    assert!(seat.checked.contains(&(CheckInStep::Camera, StepOutcome::Cannot)));
    assert_eq!(seat.network, Some(NetworkVerdict::Good));
    // the same again changes nothing
    assert_eq!(send(&pass(&organiser, NOW)).await.json::<Readiness>(), answer);
    assert_eq!(lin.seat().await.checked, seat.checked);
    // all is well
    lin.send("POST", "/me/identity/sms", &json!({})).await;
    let code = json!({ "code": organiser.identity_code(&organiser.seeded.identity.phone) });
    lin.send("POST", "/me/identity/sms/check", &code).await;
    let mut good = pass(&organiser, NOW);
    good.steps[2].1 = StepOutcome::Passed;
    let answer: Readiness = send(&good).await.json();
    assert_eq!(answer, Readiness { light: ReadinessLight::Green, reasons: Vec::new() });
}

#[tokio::test]
async fn a_pass_that_cannot_be_is_refused() {
    let organiser = Organiser::open().await;
    let lin = organiser.joined(&organiser.seeded.candidates[0]).await;
    let day = 86_400_000;
    let good = pass(&organiser, NOW);
    let send = async |key: &Ed25519KeyPair, content: &str| {
        lin.send("POST", "/me/readiness", &signed(key, content)).await
    };
    let bad = [
        pass(&organiser, NOW.after(-day)),
        pass(&organiser, NOW.after(day)),
        // of today by its own word, but from an hour ahead
        ReadinessPass { at: NOW.after(3_600_000), ..good.clone() },
        ReadinessPass { at: NOW.after(-day), ..good.clone() },
        ReadinessPass { day: good.day + 1, ..good.clone() },
        ReadinessPass { devices: String::new(), ..good.clone() },
        ReadinessPass { devices: "xy".repeat(32), ..good.clone() },
        ReadinessPass { steps: vec![(CheckInStep::Identity, StepOutcome::Passed)], ..good.clone() },
        ReadinessPass { steps: vec![good.steps[0], good.steps[0]], ..good.clone() },
    ];
    for pass in &bad {
        let answer = send(&lin.key, &serde_json::to_string(pass).unwrap()).await;
        assert_eq!(answer.code(), ProblemCode::ReportBad, "{pass:?}");
    }
    let content = serde_json::to_string(&good).unwrap();
    assert_eq!(send(&key(), &content).await.code(), ProblemCode::ReportBad);
    assert_eq!(send(&lin.key, &content.replace("devices", "device")).await.code(), ProblemCode::ReportBad);
    assert_eq!(lin.seat().await.checked, [], "nothing of it was taken");
    assert_eq!(send(&lin.key, &content).await.status, StatusCode::OK);
}
