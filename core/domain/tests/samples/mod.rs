//! One of each kind of message, and generators of arbitrary ones.

pub mod identity;
pub mod rest;
pub mod talk;

use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::{CallPhase, EndReason, Interruption, MediaPlan};
use miantan_domain::rules::round::{QueueSnapshot, RoundEvent, RoundState};
use miantan_domain::signal::{IceServer, MediaPath, Signal};
use miantan_domain::time::WallTime;
use miantan_domain::wire::live::*;
use miantan_domain::wire::rest::*;
use miantan_domain::wire::{Problem, ProblemCode};
use proptest::prelude::*;
use uuid::Uuid;

pub const CODE: &str = "ABC123XYZ";
pub const PASSWORD: &str = "correct horse";
pub const TOKEN: &str = "dG9rZW4";
/// Of a device: public.
pub const KEY: &str = "cHVibGljIGtleQ";

fn u(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

pub fn round_info() -> RoundInfo {
    RoundInfo {
        id: RoundId(u(1)),
        name: "2026届毕业生软件类岗位面谈".into(),
        employer: "青禾科技有限公司".into(),
        stages: vec![Stage::Briefing, Stage::Interview, Stage::Announcement, Stage::Closed],
        starts: WallTime(1_795_500_000_000),
        ends: WallTime(1_795_530_000_000),
        identity: IdentityRule::FaceOrSms,
        ring_ms: 45_000,
        grace_ms: 600_000,
    }
}

fn card() -> CandidateCard {
    CandidateCard {
        id: CandidateId(u(2)),
        name: "林晓".into(),
        headline: "东湖大学 · 软件工程".into(),
        position: "前端开发".into(),
    }
}

fn note() -> NoteView {
    NoteView {
        id: ChangeId(u(3)), from: Side::Recruiter, text: "请稍等 \u{1F642}".into(), at: WallTime(9)
    }
}

fn plan() -> MediaPlan {
    let server = IceServer {
        url: "turn:192.0.2.1:3478?transport=udp".into(),
        username: Some("1795500000:device".into()),
        credential: Some("c2VjcmV0".into()),
    };
    let stun = IceServer { url: "stun:192.0.2.1:3478".into(), username: None, credential: None };
    MediaPlan { epoch: 2, ice: vec![stun, server], path: MediaPath::Relay }
}

fn signals() -> Vec<Signal> {
    vec![
        Signal::Offer { sdp: "v=0\r\n".into(), restart: false },
        Signal::Answer { sdp: "v=0\r\n".into() },
        Signal::Candidate {
            line: "candidate:1 1 udp 1 192.0.2.1 9 typ host".into(),
            mid: "0".into(),
            mline: 0,
        },
        Signal::EndOfCandidates,
        Signal::RestartWanted,
    ]
}

fn commands() -> Vec<Command> {
    let (call, ticket) = (CallId(u(4)), TicketId(u(5)));
    let media = |state| Command::Media { call, epoch: 1, state };
    vec![
        Command::Ring { call, ticket },
        Command::Reached { call },
        Command::Answer { call },
        Command::Decline { call },
        Command::HangUp { call },
        media(MediaReport::Flowing),
        media(MediaReport::Reconnecting),
        media(MediaReport::OnPhoneCall),
        media(MediaReport::Rebuild),
        Command::Note { ticket, text: "好的".into() },
        Command::CheckIn { step: CheckInStep::Speaker, outcome: StepOutcome::Passed },
        Command::CheckIn { step: CheckInStep::Camera, outcome: StepOutcome::Cannot },
        Command::Network { verdict: NetworkVerdict::NoUdp },
        Command::Confirm { accepted: false, comment: "再考虑".into() },
        Command::MoveStage { to: Stage::Announcement },
        Command::MarkOutcome { ticket, outcome: Outcome::Pending },
        Command::Announce { tickets: vec![ticket] },
        Command::Notify { text: "还有十分钟".into() },
    ]
}

pub fn client_frames() -> Vec<ClientFrame> {
    let mut frames = vec![
        ClientFrame::Hello { versions: vec![1], presence: Presence::Online, call: None },
        ClientFrame::Hello { versions: vec![1], presence: Presence::Ready, call: Some(CallId(u(4))) },
        ClientFrame::Watch { round: RoundId(u(1)), since: 41 },
        ClientFrame::Presence { presence: Presence::Ready },
        ClientFrame::Ping { n: 7 },
    ];
    frames
        .extend(talk::changes().into_iter().map(|change| ClientFrame::Change { id: ChangeId(u(3)), change }));
    frames.extend(talk::client_frames());
    frames.extend(commands().into_iter().map(|command| ClientFrame::Change {
        id: ChangeId(u(3)),
        change: Change::Round { round: RoundId(u(1)), command },
    }));
    frames.extend(signals().into_iter().map(|signal| ClientFrame::Signal {
        call: CallId(u(4)),
        epoch: 1,
        signal,
    }));
    frames
}

pub fn round_events() -> Vec<RoundEvent> {
    let (call, ticket, member, device) = (CallId(u(4)), TicketId(u(5)), MemberId(u(6)), DeviceId(u(7)));
    let confirmation = Confirmation { accepted: true, comment: String::new(), at: WallTime(12) };
    vec![
        RoundEvent::TicketTaken { ticket, card: card(), number: 1, appointed: Some(WallTime(5)) },
        RoundEvent::CheckedIn { ticket, step: CheckInStep::Microphone, outcome: StepOutcome::Passed },
        RoundEvent::IdentitySettled { ticket, assurance: Assurance::Sms, doubt: true },
        RoundEvent::NetworkMeasured { ticket, verdict: NetworkVerdict::SoundOnly },
        RoundEvent::Skipped { ticket, until: WallTime(6) },
        RoundEvent::Returned { ticket },
        RoundEvent::MovedBehind { ticket, lap: 1 },
        RoundEvent::CallStarted { call, ticket, member, by: Side::Recruiter, device },
        RoundEvent::CallAnswered { call, ticket, device },
        RoundEvent::CallConnected { call, ticket },
        RoundEvent::CallInterrupted { call, ticket, by: Side::Candidate, why: Interruption::PhoneCall },
        RoundEvent::CallRebuilt { call, ticket, epoch: 2 },
        RoundEvent::CallEnded { call, ticket, reason: EndReason::Completed, talked_ms: 61_000 },
        RoundEvent::Noted { ticket, note: note() },
        RoundEvent::OutcomeMarked { ticket, outcome: Outcome::Suitable, by: member },
        RoundEvent::StageMoved { to: Stage::Closed, by: member },
        RoundEvent::Announced { tickets: vec![ticket], by: member },
        RoundEvent::Confirmed { ticket, confirmation },
        RoundEvent::GivenUp { ticket },
        RoundEvent::Reappointed { ticket, appointed: Some(WallTime(6)) },
        RoundEvent::Notified {
            notice: NoticeView { id: ChangeId(u(3)), text: "还有十分钟".into(), at: WallTime(9) },
        },
    ]
}

fn phases() -> Vec<CallPhase> {
    vec![
        CallPhase::Ringing { by: Side::Recruiter, left_ms: 45_000, reached: false },
        CallPhase::Connecting { plan: plan() },
        CallPhase::Connected { talked_ms: 1_000, plan: plan() },
        CallPhase::Interrupted {
            by: Side::Candidate,
            why: Interruption::Network,
            left_ms: 30_000,
            talked_ms: 1_000,
            plan: plan(),
        },
        CallPhase::Ended { reason: EndReason::Lost, talked_ms: 1_000 },
    ]
}

fn queue() -> QueueSnapshot {
    let mut state = RoundState::new(round_info());
    for event in round_events() {
        state.apply(WallTime(4), &event);
    }
    QueueSnapshot { state, presence: vec![(TicketId(u(5)), Presence::OnPhoneCall)] }
}

fn rooms() -> Vec<Room> {
    let queue = queue();
    let call = CallId(u(4));
    let room = queue.state.room(TicketId(u(5))).expect("the ticket");
    let places = [
        RoomPlace::Waiting { ahead: 3 },
        RoomPlace::Skipped { ahead: 3, until: WallTime(6) },
        RoomPlace::InCall { call },
        RoomPlace::CutOff { call, talked_ms: 5 },
        RoomPlace::Interviewed,
        RoomPlace::GivenUp,
    ];
    places.into_iter().map(|place| Room { place, ..room.clone() }).collect()
}

pub fn server_frames() -> Vec<ServerFrame> {
    let (round, ticket, id) = (RoundId(u(1)), TicketId(u(5)), ChangeId(u(3)));
    let problem = Problem::new(ProblemCode::SlowDown, "three failures").retry_after(4_000);
    let mut frames = talk::server_frames();
    frames.extend([
        ServerFrame::Welcome { version: 1, time: WallTime(8), heartbeat_ms: 15_000 },
        ServerFrame::Queue { round, queue: Box::new(queue()) },
        ServerFrame::Presence { round, ticket, presence: Presence::Offline },
        ServerFrame::Accepted { id, seq: 42 },
        ServerFrame::Refused { id, problem: problem.clone() },
        ServerFrame::Problem(problem),
        ServerFrame::Pong { n: 7 },
        ServerFrame::Bye { reason: ByeReason::Restarting, retry_after_ms: 800 },
    ]);
    frames.extend(rooms().into_iter().map(|room| ServerFrame::Room(Box::new(room))));
    frames.extend((1..).zip(round_events()).map(|(seq, event)| ServerFrame::Event {
        round,
        seq,
        at: WallTime(8),
        event,
    }));
    frames.extend(signals().into_iter().map(|signal| ServerFrame::Signal {
        call: CallId(u(4)),
        epoch: 1,
        signal,
    }));
    frames.extend((1..).zip(phases()).map(|(version, phase)| {
        let (call, with) = (CallId(u(4)), "青禾科技有限公司 · 王敏".into());
        ServerFrame::Call(Box::new(CallFrame {
            call,
            round,
            ticket,
            version,
            side: Side::Candidate,
            with,
            phase,
        }))
    }));
    frames
}

pub struct Rest {
    pub server: ServerInfo,
    pub join: JoinRequest,
    pub sign_in: EmployerSignIn,
    pub signed_in: Vec<SignedIn>,
    pub rounds: Vec<RoundSummary>,
    pub sheet: CandidateSheet,
}

pub fn rest() -> Rest {
    let device = DeviceId(u(7));
    let member = MemberCard { id: MemberId(u(6)), name: "王敏".into(), role: MemberRole::Owner };
    let entry = ResumeEntry {
        period: "2022.09 – 2026.06".into(),
        place: "东湖大学".into(),
        what: "软件工程 本科".into(),
        details: String::new(),
    };
    let resume = Resume {
        city: "上海".into(),
        birth_year: 2004,
        objective: "前端开发".into(),
        email: "lin@example.cn".into(),
        photo: Some(ObjectId(u(20))),
        education: vec![entry.clone()],
        experience: vec![ResumeEntry { details: "负责小程序".into(), ..entry }],
        skills: vec!["Rust".into()],
        about: "喜欢把事情做完".into(),
    };
    let me = [
        Me::Candidate {
            candidate: CandidateId(u(2)),
            name: "林晓".into(),
            round: round_info(),
            ticket: TicketId(u(5)),
            with_password: true,
            account: false,
        },
        Me::Account { candidate: CandidateId(u(2)), name: "林晓".into(), phone: "138****5678".into() },
        Me::Member { employer: EmployerId(u(8)), employer_name: "青禾科技有限公司".into(), member },
    ];
    Rest {
        server: ServerInfo {
            organiser: "东湖大学就业指导中心".into(),
            hotline: "400-000-0000".into(),
            versions: vec![1],
            time: WallTime(8),
            policy: 3,
        },
        join: JoinRequest {
            code: CODE.into(),
            password: Some(PASSWORD.into()),
            device,
            device_key: Some(KEY.into()),
            sms_code: None,
        },
        sign_in: EmployerSignIn {
            account: "914403001922038216".into(),
            password: PASSWORD.into(),
            member: Some("王敏".into()),
            device,
        },
        signed_in: me.into_iter().map(|me| SignedIn { token: TOKEN.into(), me }).collect(),
        rounds: vec![RoundSummary { round: round_info(), stage: Stage::Interview, waiting: 5, done: 2 }],
        sheet: CandidateSheet {
            card: card(),
            resume,
            attachments: vec![talk::attachment()],
            conversation: Some(ConversationId(u(16))),
        },
    }
}

/// Any text, with what breaks naive encoders.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,40}", Just("\"\\\u{0}\u{2028}面谈".to_owned()), Just(String::new())]
}

fn id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn wall() -> impl Strategy<Value = WallTime> {
    any::<i64>().prop_map(WallTime)
}

pub fn any_client_frame() -> impl Strategy<Value = ClientFrame> {
    let sample = client_frames();
    let note = (id(), id(), id(), text()).prop_map(|(a, b, c, text)| ClientFrame::Change {
        id: ChangeId(a),
        change: Change::Round { round: RoundId(b), command: Command::Note { ticket: TicketId(c), text } },
    });
    let announce =
        (id(), id(), prop::collection::vec(id(), 0..20)).prop_map(|(a, b, list)| ClientFrame::Change {
            id: ChangeId(a),
            change: Change::Round {
                round: RoundId(b),
                command: Command::Announce { tickets: list.into_iter().map(TicketId).collect() },
            },
        });
    let signal =
        (id(), any::<u32>(), text(), text(), any::<u16>()).prop_map(|(a, epoch, line, mid, mline)| {
            ClientFrame::Signal { call: CallId(a), epoch, signal: Signal::Candidate { line, mid, mline } }
        });
    let watch = (id(), any::<u64>()).prop_map(|(a, since)| ClientFrame::Watch { round: RoundId(a), since });
    let hello = prop::collection::vec(any::<u16>(), 0..4).prop_map(|versions| ClientFrame::Hello {
        versions,
        presence: Presence::Ready,
        call: None,
    });
    prop_oneof![prop::sample::select(sample), note, announce, signal, watch, hello, talk::any_change()]
}

pub fn any_server_frame() -> impl Strategy<Value = ServerFrame> {
    let sample = server_frames();
    let noted = (id(), any::<u64>(), wall(), id(), id(), text()).prop_map(|(a, seq, at, b, c, text)| {
        let note = NoteView { id: ChangeId(c), from: Side::Candidate, text, at };
        ServerFrame::Event {
            round: RoundId(a),
            seq,
            at,
            event: RoundEvent::Noted { ticket: TicketId(b), note },
        }
    });
    let taken = (id(), id(), id(), text(), text(), any::<u32>(), prop::option::of(wall())).prop_map(
        |(a, b, c, name, headline, number, appointed)| {
            let card = CandidateCard { id: CandidateId(c), name, headline, position: String::new() };
            let event = RoundEvent::TicketTaken { ticket: TicketId(b), card, number, appointed };
            ServerFrame::Event { round: RoundId(a), seq: 1, at: WallTime(0), event }
        },
    );
    let refused =
        (id(), prop::sample::select(ProblemCode::ALL.to_vec()), text(), prop::option::of(any::<u64>()))
            .prop_map(|(a, code, detail, retry_after_ms)| ServerFrame::Refused {
                id: ChangeId(a),
                problem: Problem { code, detail, retry_after_ms },
            });
    prop_oneof![prop::sample::select(sample), noted, taken, refused]
}
