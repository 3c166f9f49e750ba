//! Hand-made snapshots, one for each state worth looking at. All people and companies are invented.

use crate::people::{queue, recruiter, with_sheet};
use miantan_client::view::*;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::client::{CallStage, CallView};
use miantan_domain::rules::call::{EndReason, Interruption};
use miantan_domain::rules::check_in::{Hint, StepState};
use miantan_domain::rules::link::LinkView;
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::wire::live::{Announced, NoteView, NoticeView, Room, RoomPlace};
use miantan_domain::wire::{Problem, ProblemCode};
use std::sync::Arc;

pub const NOW: Timestamp = Timestamp(10_000_000);
/// 2026-11-24 14:05 in China.
pub const WALL: WallTime = WallTime(1_795_500_300_000);
pub const MINUTE: i64 = 60_000;

pub fn bytes(n: u8) -> [u8; 10] {
    [n; 10]
}

pub fn ticket_id(n: u8) -> TicketId {
    TicketId::from_parts(1, &bytes(n))
}

pub fn round() -> RoundInfo {
    RoundInfo {
        id: RoundId::from_parts(1, &bytes(1)),
        name: "2026 届秋季软件研发岗视频面试".into(),
        employer: "杭州青禾数据科技有限公司".into(),
        stages: vec![Stage::Briefing, Stage::Interview, Stage::Announcement, Stage::Closed],
        starts: WALL.after(-65 * MINUTE),
        ends: WALL.after(175 * MINUTE),
        identity: IdentityRule::NotRequired,
        ring_ms: 45_000,
        grace_ms: 600_000,
    }
}

fn devices() -> DeviceView {
    let item = |id: &str, name: &str, is_default| DeviceItem { id: id.into(), name: name.into(), is_default };
    DeviceView {
        cameras: Arc::new(vec![item("front", "前置摄像头", true), item("back", "后置摄像头", false)]),
        microphones: Arc::new(vec![item("m1", "手机麦克风", true), item("m2", "AirPods Pro", false)]),
        speakers: Arc::new(vec![item("s1", "手机扬声器", true), item("s2", "AirPods Pro", false)]),
        camera: None,
        microphone: None,
        speaker: None,
    }
}

pub fn base() -> AppView {
    AppView {
        now: NOW,
        wall: WALL,
        servers: Vec::new(),
        server: ServerView::Chosen {
            address: "https://hall.example.edu.cn".into(),
            organiser: "江南大学就业指导中心".into(),
            hotline: "400-0328-530".into(),
        },
        link: LinkView::Live,
        who: WhoView::SignedOut { form: FormState::Idle, code: None },
        wish: None,
        policy: None,
        fairs: FairsView::default(),
        talk: TalkView::default(),
        registration: None,
        call: None,
        devices: devices(),
        scan: ScanView::default(),
        notices: Arc::default(),
        screen_url: "".into(),
    }
}

fn signed_out(form: FormState) -> AppView {
    AppView { who: WhoView::SignedOut { form, code: None }, ..base() }
}

fn server(server: ServerView, known: bool) -> AppView {
    let servers = if known {
        vec![
            KnownServer {
                address: "https://hall.example.edu.cn".into(),
                organiser: "江南大学就业指导中心".into(),
            },
            KnownServer {
                address: "https://job.example.gov.cn".into(),
                organiser: "滨湖区人力资源市场".into(),
            },
        ]
    } else {
        Vec::new()
    };
    AppView { servers, server, ..base() }
}

fn scan(scan: ScanView) -> AppView {
    AppView { scan, ..server(ServerView::None, true) }
}

pub fn candidate(check_in: CheckInView, checks: ChecksView, room: Option<Room>) -> AppView {
    AppView {
        who: WhoView::Candidate(Box::new(CandidateView {
            name: "林晓".into(),
            round: round(),
            ticket: ticket_id(4),
            check_in,
            checks,
            identity: None,
            room: room.map(Arc::new),
            mine: None,
            code: None,
            form: FormState::Idle,
            pending: Arc::default(),
        })),
        ..base()
    }
}

pub fn check_at(step: CheckInStep) -> CheckInView {
    let order = [CheckInStep::Speaker, CheckInStep::Microphone, CheckInStep::Camera, CheckInStep::Network];
    let state = |each: CheckInStep| match each.cmp(&step) {
        std::cmp::Ordering::Less => StepState::Passed,
        std::cmp::Ordering::Equal => StepState::Active { since: NOW, hinted: false },
        std::cmp::Ordering::Greater => StepState::Todo,
    };
    let mut steps = vec![(CheckInStep::Code, StepState::Passed)];
    if step == CheckInStep::Identity {
        steps.push((CheckInStep::Identity, state(CheckInStep::Identity)));
    }
    steps.extend(order.map(|each| (each, state(each))));
    CheckInView { steps, step: Some(step), hints: Vec::new(), done: false }
}

fn hinted(step: CheckInStep) -> CheckInView {
    CheckInView { hints: Hint::of(step).to_vec(), ..check_at(step) }
}

fn microphone(phase: MicrophonePhase, level: f32) -> ChecksView {
    ChecksView {
        microphone: MicrophoneCheckView { phase, level_dbfs: level, peak_dbfs: level + 7.0 },
        ..ChecksView::default()
    }
}

fn note(n: u8, from: Side, text: &str, minutes: i64) -> NoteView {
    NoteView {
        id: ChangeId::from_parts(1, &bytes(n)),
        from,
        text: text.into(),
        at: WALL.after(-minutes * MINUTE),
    }
}

pub fn notes() -> Vec<NoteView> {
    vec![
        note(1, Side::Recruiter, "您好，前面的面试比预计的长一些，请稍等。", 9),
        note(2, Side::Candidate, "好的，我在这里等。", 8),
    ]
}

fn room(place: RoomPlace) -> Room {
    Room {
        round: round(),
        seq: 12,
        stage: Stage::Interview,
        ticket: ticket_id(4),
        number: 7,
        place,
        since: WALL.after(-23 * MINUTE),
        checked: Vec::new(),
        identity: None,
        wait: None,
        notes: notes(),
        notices: Vec::new(),
        announced: None,
    }
}

fn done() -> CheckInView {
    CheckInView { done: true, step: None, ..check_at(CheckInStep::Camera) }
}

fn waiting(place: RoomPlace) -> AppView {
    candidate(done(), ChecksView::default(), Some(room(place)))
}

/// The waiting room with this estimate.
pub fn waiting_with(place: RoomPlace, wait: Option<WaitRange>) -> AppView {
    candidate(done(), ChecksView::default(), Some(Room { wait, ..room(place) }))
}

/// The waiting room with these staff notices, the newest last.
pub fn notes_with(notices: &[&str]) -> AppView {
    let mut room = room(RoomPlace::Waiting { ahead: 3 });
    room.notices = notices
        .iter()
        .enumerate()
        .map(|(n, text)| NoticeView {
            id: ChangeId::from_parts(2, &bytes(u8::try_from(n).unwrap_or(0))),
            text: (*text).to_owned(),
            at: WALL.after(-MINUTE * 5),
        })
        .collect();
    candidate(done(), ChecksView::default(), Some(room))
}

fn announced(outcome: Outcome, confirmation: Option<Confirmation>) -> AppView {
    let mut room = room(RoomPlace::Interviewed);
    room.stage = Stage::Announcement;
    room.announced = Some(Announced { outcome, at: WALL.after(-3 * MINUTE), confirmation });
    candidate(done(), ChecksView::default(), Some(room))
}

fn call(mut view: AppView, side: Side, stage: CallStage) -> AppView {
    let with = match side {
        Side::Candidate => "杭州青禾数据科技有限公司 · 王敏",
        Side::Recruiter => "林晓",
    };
    view.call = Some(CallScreen {
        view: CallView {
            call: CallId::from_parts(1, &bytes(7)),
            ticket: ticket_id(4),
            with: with.into(),
            side,
            stage,
        },
        round_name: round().name,
        muted: false,
        camera_on: true,
        remote_video: true,
        remote_pause: None,
        sending: VideoStep::Full,
        quality: CallQuality::Good,
        stats: None,
        problems: Vec::new(),
        sound_to: Some(SoundTo::Route(AudioRoute::Loudspeaker)),
        notes: Arc::new(notes()),
    });
    view
}

fn connected() -> CallStage {
    CallStage::Connected { heard: NOW, talked_ms: 187_000 }
}

fn ended(reason: EndReason) -> CallStage {
    CallStage::Ended { reason, talked_ms: 612_000 }
}

fn in_room() -> AppView {
    waiting(RoomPlace::InCall { call: CallId::from_parts(1, &bytes(7)) })
}

fn interviews() -> AppView {
    let mut queue = queue(Stage::Interview);
    queue.next = Some(ticket_id(8));
    recruiter(Some(queue))
}

/// The snapshot of that name.
pub fn view(name: &str) -> AppView {
    let problem = |code: ProblemCode| Problem::from(code);
    match name {
        "server-new" => server(ServerView::None, false),
        "server" => server(ServerView::None, true),
        "server-asking" => server(ServerView::Asking { address: "hall.example.edu.cn".into() }, true),
        "server-failed" => server(
            ServerView::Failed {
                address: "hall.exmple.edu.cn".into(),
                problem: problem(ProblemCode::Offline),
            },
            true,
        ),
        "scan-starting" => scan(ScanView::Starting),
        "scan" => scan(ScanView::Looking),
        "scan-not-ours" => scan(ScanView::NotOurs),
        "scan-refused" => scan(ScanView::Problem(DeviceProblem::CameraRefused)),
        "scan-none" => scan(ScanView::Problem(DeviceProblem::NoCamera)),
        "scan-lost" => scan(ScanView::Problem(DeviceProblem::CameraLost)),
        "entrance" => signed_out(FormState::Idle),
        "entrance-sending" => signed_out(FormState::Sending),
        "entrance-failed" => signed_out(FormState::Failed {
            problem: problem(ProblemCode::SlowDown),
            again_at: Some(NOW.after(12_000)),
        }),
        "entrance-used" => {
            signed_out(FormState::Failed { problem: problem(ProblemCode::CodeUsed), again_at: None })
        }
        "sign-in-failed" => {
            signed_out(FormState::Failed { problem: problem(ProblemCode::CredentialsWrong), again_at: None })
        }
        "password" => signed_out(FormState::PasswordNeeded { code: "K7M4XQ2HD".into(), wrong: false }),
        "password-wrong" => signed_out(FormState::PasswordNeeded { code: "K7M4XQ2HD".into(), wrong: true }),
        "begin" => candidate(
            CheckInView { step: None, ..check_at(CheckInStep::Speaker) },
            ChecksView::default(),
            None,
        ),
        "speaker" => candidate(
            check_at(CheckInStep::Speaker),
            ChecksView { speaker_playing: true, ..ChecksView::default() },
            None,
        ),
        "speaker-hints" => candidate(hinted(CheckInStep::Speaker), ChecksView::default(), None),
        "speaker-none" => candidate(
            check_at(CheckInStep::Speaker),
            ChecksView { problem: Some(DeviceProblem::NoSpeaker), ..ChecksView::default() },
            None,
        ),
        "microphone" => {
            candidate(check_at(CheckInStep::Microphone), microphone(MicrophonePhase::Idle, -41.0), None)
        }
        "microphone-recording" => candidate(
            check_at(CheckInStep::Microphone),
            microphone(MicrophonePhase::Recording { ms: 2_100, of_ms: 5_000 }, -17.5),
            None,
        ),
        "microphone-heard" => {
            candidate(check_at(CheckInStep::Microphone), microphone(MicrophonePhase::Heard, -52.0), None)
        }
        "camera" => candidate(
            check_at(CheckInStep::Camera),
            ChecksView {
                camera: CameraCheckView { live: true, width: 640, height: 480, fps: 30.0 },
                ..ChecksView::default()
            },
            None,
        ),
        "camera-refused" => candidate(
            check_at(CheckInStep::Camera),
            ChecksView { problem: Some(DeviceProblem::CameraRefused), ..ChecksView::default() },
            None,
        ),
        "room" => waiting(RoomPlace::Waiting { ahead: 3 }),
        "room-next" => waiting(RoomPlace::Waiting { ahead: 0 }),
        "room-skipped" => waiting(RoomPlace::Skipped { ahead: 1, until: WALL.after(8 * MINUTE) }),
        "room-cut" => {
            waiting(RoomPlace::CutOff { call: CallId::from_parts(1, &bytes(7)), talked_ms: 192_000 })
        }
        "room-done" => waiting(RoomPlace::Interviewed),
        "room-offline" => AppView { link: LinkView::Offline, ..waiting(RoomPlace::Waiting { ahead: 3 }) },
        "room-reconnecting" => AppView {
            link: LinkView::Connecting { since: Timestamp(NOW.0 - 4_000) },
            notices: Arc::new(vec![Notice {
                id: 1,
                what: NoticeWhat::Refused(problem(ProblemCode::TimedOut)),
            }]),
            ..waiting(RoomPlace::Waiting { ahead: 12 })
        },
        "room-loading" => candidate(done(), ChecksView::default(), None),
        "outcome" => announced(Outcome::Suitable, None),
        "outcome-un" => announced(Outcome::Unsuitable, None),
        "outcome-confirmed" => announced(
            Outcome::Suitable,
            Some(Confirmation { accepted: true, comment: String::new(), at: WALL }),
        ),
        "outcome-refused" => announced(
            Outcome::Unsuitable,
            Some(Confirmation {
                accepted: false,
                comment: "面试中网络断了两次，希望能再谈一次。".into(),
                at: WALL,
            }),
        ),
        "ring" => call(in_room(), Side::Candidate, CallStage::RingingIn { until: NOW.after(38_000) }),
        "calling" => call(
            interviews(),
            Side::Recruiter,
            CallStage::RingingOut { until: NOW.after(38_000), reached: true },
        ),
        "placing" => call(interviews(), Side::Recruiter, CallStage::Placing),
        "connecting" => call(in_room(), Side::Candidate, CallStage::Connecting),
        "call" => call(in_room(), Side::Candidate, connected()),
        "call-recruiter" => call(interviews(), Side::Recruiter, connected()),
        "call-muted" => {
            let mut view = call(in_room(), Side::Candidate, connected());
            if let Some(call) = &mut view.call {
                call.muted = true;
                call.camera_on = false;
                call.remote_video = false;
                call.quality = CallQuality::Poor;
                call.problems = vec![DeviceProblem::MicrophoneLost];
            }
            view
        }
        "call-weak" => {
            let mut view = call(in_room(), Side::Candidate, connected());
            if let Some(call) = &mut view.call {
                call.quality = CallQuality::Poor;
                call.sending = VideoStep::AudioOnly;
                call.remote_video = false;
                call.remote_pause = Some(RemotePause::Network);
                call.sound_to = Some(SoundTo::Route(AudioRoute::Bluetooth(Some("FreeBuds Pro".into()))));
            }
            view
        }
        "interrupted" => call(
            in_room(),
            Side::Candidate,
            CallStage::Interrupted {
                mine: true,
                why: Interruption::Network,
                until: NOW.after(24_000),
                talked_ms: 187_000,
            },
        ),
        "interrupted-phone" => call(
            interviews(),
            Side::Recruiter,
            CallStage::Interrupted {
                mine: false,
                why: Interruption::PhoneCall,
                until: NOW.after(540_000),
                talked_ms: 187_000,
            },
        ),
        "over-lost" => call(in_room(), Side::Candidate, ended(EndReason::Lost)),
        "over" => call(in_room(), Side::Candidate, ended(EndReason::Completed)),
        "over-recruiter" => call(interviews(), Side::Recruiter, ended(EndReason::Completed)),
        "over-missed" => {
            call(interviews(), Side::Recruiter, CallStage::Ended { reason: EndReason::Missed, talked_ms: 0 })
        }
        "rounds" => recruiter(None),
        "rounds-empty" => {
            let mut view = recruiter(None);
            if let WhoView::Recruiter(recruiter) = &mut view.who {
                recruiter.rounds = Loadable::Ready(Arc::default());
            }
            view
        }
        "queue" => recruiter(Some(queue(Stage::Interview))),
        "queue-announce" => recruiter(Some(QueueView { next: None, ..queue(Stage::Announcement) })),
        "queue-nobody" => recruiter(Some(QueueView { next: None, live: false, ..queue(Stage::Interview) })),
        "sheet" => with_sheet(),
        name if name.starts_with("mine") || name.starts_with("office") => crate::mine::view(name),
        name if name.starts_with("fair") || name.starts_with("apply") || name.starts_with("way") => {
            crate::fairs::view(name)
        }
        other => crate::identity::view(other)
            .or_else(|| crate::talk::view(other))
            .unwrap_or_else(|| panic!("there is no screen {other}")),
    }
}
