//! The table of [`super`], told.

use super::*;
use proptest::prelude::*;

const NOW: WallTime = WallTime(1_795_500_000_000);

fn at(hours: i64) -> InvitationTerms {
    InvitationTerms { starts: NOW.after(hours * 3_600_000), minutes: 30, note: String::new(), round: None }
}

fn sent() -> Standing {
    begin(at(24), NOW).unwrap().0
}

fn did(standing: &Standing, act: Act) -> (Standing, Vec<Effect>) {
    step(standing, standing.revision, act, NOW).unwrap().expect("a change")
}

fn code(result: Result<Option<(Standing, Vec<Effect>)>, Problem>) -> ProblemCode {
    result.unwrap_err().code
}

#[test]
fn an_accepted_invitation_takes_a_place_and_a_declined_one_gives_it_up() {
    let (accepted, effects) = did(&sent(), Act::Accept);
    assert_eq!(effects, [Effect::TakeTicket]);
    let (declined, effects) = did(&accepted, Act::Decline { reason: "病了".into() });
    assert_eq!(effects, [Effect::GiveUpTicket, Effect::CancelCode]);
    assert_eq!(code(step(&declined, 1, Act::Accept, NOW)), ProblemCode::InvitationOver);
}

#[test]
fn nobody_accepts_a_time_they_have_not_seen() {
    let (amended, effects) = did(&sent(), Act::Amend(at(48)));
    assert_eq!((amended.revision, effects), (2, vec![Effect::Tell(Occasion::Amended)]));
    assert_eq!(code(step(&amended, 1, Act::Accept, NOW)), ProblemCode::InvitationChanged);
    assert_eq!(did(&amended, Act::Accept).0.status, InvitationStatus::Accepted);
}

#[test]
fn moving_an_accepted_one_frees_the_place_until_it_is_accepted_again() {
    let (accepted, _) = did(&sent(), Act::Accept);
    let (asked, effects) =
        did(&accepted, Act::AskToMove { note: "上午有课".into(), times: vec![NOW.after(60_000)] });
    assert_eq!(effects, [Effect::GiveUpTicket]);
    let (amended, effects) = did(&asked, Act::Amend(at(30)));
    assert_eq!(effects, [Effect::Tell(Occasion::Amended)]);
    assert_eq!(did(&amended, Act::Accept).1, [Effect::TakeTicket]);
}

#[test]
fn two_devices_that_do_the_same_do_not_disagree() {
    let (accepted, _) = did(&sent(), Act::Accept);
    assert_eq!(step(&accepted, 1, Act::Accept, NOW), Ok(None));
    let (gone, _) = did(&accepted, Act::Withdraw { reason: String::new() });
    assert_eq!(step(&gone, 1, Act::Withdraw { reason: "again".into() }, NOW), Ok(None));
}

#[test]
fn an_unanswered_one_expires_at_its_end_and_an_accepted_one_stays() {
    let end = at(24).ends();
    let (expired, effects) = step(&sent(), 0, Act::Expire, end).unwrap().unwrap();
    assert_eq!((expired.status, effects), (InvitationStatus::Expired, vec![Effect::CancelCode]));
    assert_eq!(step(&sent(), 0, Act::Expire, WallTime(end.0 - 1)), Ok(None));
    // too late to accept, even before the clock that expires it came by
    assert_eq!(code(step(&sent(), 1, Act::Accept, end)), ProblemCode::InvitationOver);
    let (accepted, _) = did(&sent(), Act::Accept);
    assert_eq!(step(&accepted, 0, Act::Expire, end), Ok(None));
}

#[test]
fn terms_must_lie_ahead_and_make_sense() {
    let bad = |terms| begin(terms, NOW).unwrap_err().code;
    assert_eq!(bad(at(0)), ProblemCode::InvitationTimePast);
    assert_eq!(bad(at(24 * 200)), ProblemCode::InvitationTermsBad);
    assert_eq!(bad(InvitationTerms { minutes: 4, ..at(1) }), ProblemCode::InvitationTermsBad);
    assert_eq!(bad(InvitationTerms { minutes: 481, ..at(1) }), ProblemCode::InvitationTermsBad);
    let long = "长".repeat(TEXT_MAX_CHARS + 1);
    assert_eq!(bad(InvitationTerms { note: long, ..at(1) }), ProblemCode::TextTooLong);
    let times = vec![NOW.after(1); MOVE_TIMES_MAX + 1];
    let ask = Act::AskToMove { note: String::new(), times };
    assert_eq!(code(step(&sent(), 1, ask, NOW)), ProblemCode::InvitationTermsBad);
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Accept),
        Just(Act::Decline { reason: String::new() }),
        Just(Act::AskToMove { note: String::new(), times: Vec::new() }),
        (1_i64..100).prop_map(|h| Act::Amend(at(h))),
        Just(Act::Withdraw { reason: String::new() }),
        Just(Act::Expire),
    ]
}

proptest! {
    /// Whatever people do: a place is held exactly while the invitation is accepted, the revision only
    /// grows, an end is an end, and the buttons show exactly what is possible.
    #[test]
    fn a_place_is_held_exactly_while_accepted(acts in prop::collection::vec((any_act(), 0_i64..40), 1..40)) {
        let mut standing = sent();
        let mut place = false;
        let mut now = NOW;
        for (act, minutes) in acts {
            now = now.after(minutes * 60_000);
            let before = standing.clone();
            let over = !matches!(
                before.status,
                InvitationStatus::Sent | InvitationStatus::Accepted | InvitationStatus::MoveAsked { .. }
            );
            let buttons = [Side::Candidate, Side::Recruiter].map(|side| allowed(&before.status, side));
            let shown = match &act {
                Act::Accept => buttons[0].accept || before.status == InvitationStatus::Accepted,
                Act::Decline { .. } => buttons[0].decline,
                Act::AskToMove { .. } => buttons[0].ask_to_move,
                Act::Amend(_) => buttons[1].amend,
                Act::Withdraw { .. } => buttons[1].withdraw,
                Act::Expire => true,
            };
            let result = step(&before, before.revision, act, now);
            prop_assert!(shown || !matches!(result, Ok(Some(_))), "possible, but no button");
            if let Ok(Some((next, effects))) = result {
                prop_assert!(!over, "an end is an end");
                prop_assert!(next.revision >= before.revision);
                for effect in effects {
                    match effect {
                        Effect::TakeTicket => { prop_assert!(!place); place = true; }
                        Effect::GiveUpTicket => { prop_assert!(place); place = false; }
                        Effect::CancelCode | Effect::Tell(_) => {}
                    }
                }
                standing = next;
            }
            prop_assert_eq!(place, standing.status == InvitationStatus::Accepted);
        }
    }
}
