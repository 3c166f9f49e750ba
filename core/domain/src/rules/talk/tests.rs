//! Conversations told, and devices that lose their connections at random.

use super::*;
use crate::ids::*;
use crate::model::*;
use crate::time::{Timestamp, WallTime};
use crate::wire::ProblemCode;
use crate::wire::live::{ClientFrame, TalkCommand};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const NOW: WallTime = WallTime(1_795_500_000_000);
const WANG: Author = Author::Member(MemberRole::Recruiter);

fn say(text: &str) -> TalkCommand {
    TalkCommand::Say { saying: Saying::Text { text: text.into() } }
}

fn invitation() -> InvitationId {
    InvitationId(Uuid::from_u128(1))
}

fn tomorrow() -> InvitationTerms {
    InvitationTerms { starts: NOW.after(86_400_000), minutes: 30, note: String::new(), round: None }
}

fn does(state: &mut TalkState, by: Author, command: TalkCommand) -> Decision {
    let decision = decide(state, by, command, NOW).expect("allowed");
    state.apply(&decision);
    decision
}

fn refused(state: &TalkState, by: Author, command: TalkCommand) -> ProblemCode {
    decide(state, by, command, NOW).expect_err("refused").code
}

#[test]
fn lin_and_wang_talk_until_an_interview_is_agreed() {
    let mut state = TalkState::default();
    does(&mut state, Author::Candidate, say("您好"));
    does(&mut state, WANG, say("您好，明天方便吗？"));
    does(&mut state, WANG, TalkCommand::Invite { invitation: invitation(), terms: tomorrow() });
    does(&mut state, Author::Candidate, TalkCommand::Accept { invitation: invitation(), revision: 1 });
    assert_eq!(state.last_seq, 4);
    assert_eq!(state.invitations[&invitation()].status, InvitationStatus::Accepted);
}

#[test]
fn each_side_does_only_its_own() {
    let mut state = TalkState::default();
    does(&mut state, WANG, TalkCommand::Invite { invitation: invitation(), terms: tomorrow() });
    let accept = TalkCommand::Accept { invitation: invitation(), revision: 1 };
    assert_eq!(refused(&state, WANG, accept), ProblemCode::NotAllowed);
    assert_eq!(refused(&state, WANG, TalkCommand::Block { on: true }), ProblemCode::NotAllowed);
    for mark in Mark::ALL {
        assert_eq!(refused(&state, Author::Candidate, TalkCommand::Mark { mark }), ProblemCode::NotAllowed);
    }
    let panellist = Author::Member(MemberRole::Panellist);
    let invite = TalkCommand::Invite { invitation: InvitationId(Uuid::nil()), terms: tomorrow() };
    assert_eq!(refused(&state, panellist, invite), ProblemCode::NotAllowed);
    does(&mut state, panellist, say("我也想了解一下"));
}

#[test]
fn whoever_is_blocked_says_and_invites_nothing_until_it_is_taken_back() {
    let mut state = TalkState::default();
    does(&mut state, Author::Candidate, TalkCommand::Block { on: true });
    assert_eq!(refused(&state, WANG, say("在吗")), ProblemCode::ConversationBlocked);
    assert_eq!(refused(&state, Author::Candidate, say("在")), ProblemCode::ConversationBlocked);
    let invite = TalkCommand::Invite { invitation: invitation(), terms: tomorrow() };
    assert_eq!(refused(&state, WANG, invite), ProblemCode::ConversationBlocked);
    does(&mut state, Author::Candidate, TalkCommand::Block { on: false });
    does(&mut state, WANG, say("在吗"));
}

#[test]
fn doing_what_is_so_already_changes_nothing() {
    let mut state = TalkState::default();
    does(&mut state, WANG, TalkCommand::Mark { mark: Mark::Qualified });
    let again = does(&mut state, WANG, TalkCommand::Mark { mark: Mark::Qualified });
    assert_eq!(again, Decision::default());
}

#[test]
fn texts_have_a_length_and_a_content() {
    let state = TalkState::default();
    assert_eq!(refused(&state, WANG, say(" \n\u{3000}")), ProblemCode::TextEmpty);
    let long = "长".repeat(TEXT_MAX_CHARS + 1);
    assert_eq!(refused(&state, WANG, say(&long)), ProblemCode::TextTooLong);
    assert!(decide(&state, WANG, say(&"长".repeat(TEXT_MAX_CHARS)), NOW).is_ok());
}

#[test]
fn seen_marks_only_grow_and_never_pass_the_last_entry() {
    let mut state = TalkState { last_seq: 5, ..TalkState::default() };
    let far = Seen { delivered: 900, read: 3 };
    assert_eq!(state.see(Side::Candidate, far), Some(Seen { delivered: 5, read: 3 }));
    assert_eq!(state.see(Side::Candidate, Seen { delivered: 1, read: 1 }), None);
    assert_eq!(
        state.see(Side::Candidate, Seen { delivered: 0, read: 5 }),
        Some(Seen { delivered: 5, read: 5 })
    );
}

#[test]
fn each_reason_against_an_application_has_its_word() {
    let good = ApplyFacts {
        fair_open: true,
        position_open: true,
        applied: false,
        profile: true,
        resume: true,
        blocked: false,
    };
    assert_eq!(may_apply(good), Ok(()));
    for (facts, code) in [
        (ApplyFacts { applied: true, ..good }, ProblemCode::AlreadyApplied),
        (ApplyFacts { fair_open: false, ..good }, ProblemCode::FairClosed),
        (ApplyFacts { position_open: false, ..good }, ProblemCode::PositionClosed),
        (ApplyFacts { profile: false, ..good }, ProblemCode::ProfileNeeded),
        (ApplyFacts { resume: false, ..good }, ProblemCode::ResumeMissing),
        (ApplyFacts { blocked: true, ..good }, ProblemCode::ConversationBlocked),
    ] {
        assert_eq!(may_apply(facts).unwrap_err().code, code);
    }
}

/// A device and what its server has; frames between them can be lost.
struct Device {
    mirror: TalkMirror,
    inbox: InboxMirror,
    store: BTreeSet<u64>,
    now: Timestamp,
    live: bool,
    asked: Vec<Ask>,
    /// The server's side.
    state: TalkState,
    pos: u64,
    head_pos: u64,
}

impl Device {
    fn new() -> Self {
        let id = ConversationId(Uuid::from_u128(9));
        Self {
            mirror: TalkMirror::restored(id, Side::Candidate, Held::NONE, Seen::default()),
            inbox: InboxMirror::restored(Some(0)),
            store: BTreeSet::new(),
            now: Timestamp(1),
            live: false,
            asked: Vec::new(),
            state: TalkState::default(),
            pos: 0,
            head_pos: 0,
        }
    }

    fn tell(&mut self, input: Input) {
        let brings: Vec<u64> = match &input {
            Input::Entry { seq } => vec![*seq],
            Input::Page { seqs, .. } => seqs.clone(),
            _ => Vec::new(),
        };
        self.mirror.handle(self.now, input);
        while let Some(output) = self.mirror.poll_output() {
            match output {
                Output::Keep { from, to } => {
                    for seq in from..=to {
                        assert!(brings.contains(&seq), "kept what did not come");
                        assert!(self.store.insert(seq), "kept twice");
                    }
                }
                Output::KeepSeen(_) => {}
                Output::Ask(ask) => {
                    assert!(self.live, "asked without a connection");
                    self.asked.push(ask);
                }
                Output::Send(ClientFrame::Seen { seen, .. }) => {
                    assert!(self.live, "told without a connection");
                    if let Some(seen) = self.state.see(Side::Candidate, seen) {
                        self.pos += 1;
                        self.head_pos = self.pos;
                        self.inbox.heard(self.pos);
                        self.tell(Input::OwnSeen(seen));
                    }
                }
                Output::Send(frame) => panic!("{frame:?}"),
            }
        }
        let held = self.mirror.held();
        let here: Vec<u64> = self.store.iter().copied().collect();
        let want: Vec<u64> = if held.is_empty() { Vec::new() } else { (held.low..=held.high).collect() };
        assert_eq!(here, want, "a hole, or the wrong bounds");
    }

    /// The server takes an entry; `arrives`: its frame reaches a connected device.
    fn said(&mut self, arrives: bool) {
        self.state.last_seq += 1;
        self.pos += 1;
        self.head_pos = self.pos;
        if self.live && arrives {
            self.inbox.heard(self.pos);
            self.tell(Input::Entry { seq: self.state.last_seq });
        }
    }

    fn connect(&mut self) {
        self.drop_link();
        self.live = true;
        self.tell(Input::LinkLive);
        let ClientFrame::Inbox { since } = self.inbox.live() else { panic!("asks what it missed") };
        if since.is_none_or(|since| self.head_pos > since) {
            let own = self.state.candidate_seen;
            self.tell(Input::Head { last_seq: self.state.last_seq, own });
        }
        self.inbox.told_all(self.pos);
    }

    fn drop_link(&mut self) {
        self.live = false;
        self.asked.clear();
        self.inbox.down();
        self.tell(Input::LinkDown);
    }

    /// The server answers the oldest question, with at most so many entries.
    fn answer(&mut self, limit: u64) {
        if self.asked.is_empty() {
            return;
        }
        let ask = self.asked.remove(0);
        let last = self.state.last_seq;
        let seqs: Vec<u64> = match ask {
            Ask::After(after) => (after + 1..=last).take(usize::try_from(limit).unwrap()).collect(),
            Ask::Before(before) => {
                let to = (before - 1).min(last);
                (to.saturating_sub(limit - 1).max(1)..=to).collect()
            }
        };
        self.tell(Input::Page { ask, seqs });
    }
}

#[test]
fn a_device_that_was_away_asks_for_exactly_what_it_missed() {
    let mut lin = Device::new();
    lin.connect();
    for _ in 0..3 {
        lin.said(true);
    }
    lin.drop_link();
    for _ in 0..250 {
        lin.said(false);
    }
    lin.connect();
    assert_eq!(lin.asked, [Ask::After(3)]);
    while !lin.asked.is_empty() {
        lin.answer(100);
    }
    assert!(lin.mirror.is_complete());
    assert_eq!(lin.store.len(), 253);
}

#[test]
fn a_new_device_begins_at_the_end_and_goes_back_on_demand() {
    let mut lin = Device::new();
    for _ in 0..1_000 {
        lin.said(false);
    }
    lin.connect();
    assert_eq!(lin.asked, [Ask::Before(1_001)]);
    lin.answer(100);
    assert_eq!(lin.mirror.held(), Held { low: 901, high: 1_000 });
    lin.tell(Input::Older);
    lin.answer(100);
    assert_eq!(lin.mirror.held().low, 801);
    assert!(lin.mirror.has_older());
}

#[test]
fn a_failed_question_is_asked_again_later_and_not_before() {
    let mut lin = Device::new();
    for _ in 0..5 {
        lin.said(false);
    }
    lin.connect();
    let ask = lin.asked.remove(0);
    lin.tell(Input::AskFailed(ask));
    assert!(lin.asked.is_empty());
    let at = lin.mirror.poll_timeout().expect("a time to ask again");
    lin.now = at;
    lin.tell(Input::Timeout);
    assert_eq!(lin.asked, [ask]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Frames are lost, connections break, pages are short: the device never has a hole, never keeps
    /// twice, and once the noise stops it has everything and the server knows how far it read.
    #[test]
    fn whatever_is_lost_the_conversation_is_whole_in_the_end(
        steps in prop::collection::vec((0_u8..8, 1_u64..120), 1..120)
    ) {
        let mut lin = Device::new();
        for (what, n) in steps {
            lin.now = lin.now.after(n * 100);
            match what {
                0 | 1 => lin.said(true),
                // A frame is lost only together with its connection (TCP).
                2 => {
                    lin.drop_link();
                    lin.said(false);
                }
                3 => lin.connect(),
                4 => lin.drop_link(),
                5 => lin.answer(n),
                6 => lin.tell(Input::Older),
                _ => lin.tell(Input::Read { seq: n }),
            }
        }
        lin.connect();
        let mut turns = 0;
        while !lin.asked.is_empty() {
            lin.answer(37);
            turns += 1;
            prop_assert!(turns < 10_000, "asks for ever");
        }
        prop_assert!(lin.mirror.is_complete());
        prop_assert_eq!(lin.store.last().copied().unwrap_or(0), lin.state.last_seq);
        prop_assert_eq!(lin.state.candidate_seen, lin.mirror.seen());
    }
}
