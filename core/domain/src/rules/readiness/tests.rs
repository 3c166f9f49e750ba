use super::*;
use crate::ids::*;
use crate::rules::round::{RoundEvent, RoundState};
use crate::time::WallTime;
use uuid::Uuid;

const LIN: TicketId = TicketId(Uuid::from_u128(2));

fn lin_after(events: &[RoundEvent]) -> Readiness {
    let info = RoundInfo {
        id: RoundId(Uuid::from_u128(1)),
        name: "公务员面试".into(),
        employer: "东湖区".into(),
        stages: vec![Stage::Interview],
        starts: WallTime(0),
        ends: WallTime(1),
        identity: IdentityRule::FaceOrSms,
        ring_ms: 1,
        grace_ms: 1,
    };
    let mut state = RoundState::new(info);
    let card = CandidateCard {
        id: CandidateId(Uuid::from_u128(3)),
        name: "林".into(),
        headline: String::new(),
        position: String::new(),
    };
    state.apply(WallTime(0), &RoundEvent::TicketTaken { ticket: LIN, card, number: 1, appointed: None });
    for event in events {
        state.apply(WallTime(1), event);
    }
    readiness(state.info.identity, &state.tickets[&LIN])
}

fn checked(step: CheckInStep, outcome: StepOutcome) -> RoundEvent {
    RoundEvent::CheckedIn { ticket: LIN, step, outcome }
}

fn all_well() -> Vec<RoundEvent> {
    vec![
        RoundEvent::IdentitySettled { ticket: LIN, assurance: Assurance::Device, doubt: false },
        checked(CheckInStep::Speaker, StepOutcome::Passed),
        checked(CheckInStep::Microphone, StepOutcome::Passed),
        checked(CheckInStep::Camera, StepOutcome::Passed),
        RoundEvent::NetworkMeasured { ticket: LIN, verdict: NetworkVerdict::Good },
    ]
}

#[test]
fn green_when_everything_was_checked_and_works() {
    assert_eq!(lin_after(&all_well()), Readiness { light: ReadinessLight::Green, reasons: Vec::new() });
}

#[test]
fn amber_says_why() {
    let with = |event: RoundEvent| {
        let mut events = all_well();
        events.push(event);
        let readiness = lin_after(&events);
        assert_eq!(readiness.light, ReadinessLight::Amber);
        readiness.reasons
    };
    assert_eq!(
        with(checked(CheckInStep::Microphone, StepOutcome::Cannot)),
        [ReadinessReason::MicrophoneCannot]
    );
    assert_eq!(
        with(RoundEvent::NetworkMeasured { ticket: LIN, verdict: NetworkVerdict::SoundOnly }),
        [ReadinessReason::NetworkWeak]
    );
    assert_eq!(
        with(RoundEvent::IdentitySettled { ticket: LIN, assurance: Assurance::Sms, doubt: true }),
        [ReadinessReason::IdentityDoubt]
    );
    assert_eq!(lin_after(&[]).reasons, [ReadinessReason::NotChecked, ReadinessReason::IdentityOpen]);
}
