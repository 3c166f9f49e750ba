//! What the screen may show: plain snapshots, made by the session and never changed by the screen.
//!
//! One [`AppView`] holds everything; it is replaced whole at each change and cheap to clone (large
//! parts are behind `Arc`). The session publishes it through a `tokio::sync::watch` channel.

mod account;
mod call;
mod fair;
mod identity;
mod talk;

pub use account::*;
pub use call::*;
pub use fair::*;
pub use identity::*;
pub use talk::*;

use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::rules::call::client::CallView;
use miantan_domain::rules::check_in;
use miantan_domain::rules::link::LinkView;
use miantan_domain::rules::round::RoundState;
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::wire::Problem;
use miantan_domain::wire::live::Room;
use miantan_domain::wire::rest::{CandidateSheet, Policy, RoundSummary};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything the app can show.
#[derive(Debug, Clone)]
pub struct AppView {
    /// Both clocks when this view was made. A running clock on screen counts on from here.
    pub now: Timestamp,
    /// The server's wall time at `now` (the device's own until a server answered).
    pub wall: WallTime,
    /// Servers used before, newest first.
    pub servers: Vec<KnownServer>,
    pub server: ServerView,
    pub link: LinkView,
    pub who: WhoView,
    /// Where a link wants to go; the screen goes there and says `Intent::WishSeen`. What it shows is being
    /// opened already.
    pub wish: Option<LinkWish>,
    /// Terms and privacy policy of the server in use, once asked for.
    pub policy: Option<Loadable<Arc<Policy>>>,
    /// Fairs, for anybody.
    pub fairs: FairsView,
    /// Conversations of whoever is signed in.
    pub talk: TalkView,
    /// An employer's registration made on this device.
    pub registration: Option<Arc<RegistrationView>>,
    /// The call on this device, ringing, running or just ended.
    pub call: Option<CallScreen>,
    pub devices: DeviceView,
    /// The scanner of the first screen.
    pub scan: ScanView,
    /// Things to tell the person, oldest first; each is dismissed by its id.
    pub notices: Arc<Vec<Notice>>,
    /// Where the frames for the canvases come from.
    pub screen_url: Arc<str>,
}

/// A server the app has been connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownServer {
    pub address: String,
    pub organiser: String,
}

/// The server in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerView {
    /// First screen: no server chosen.
    None,
    Asking {
        address: String,
    },
    /// It did not answer as a Miantan server; the old choice, if any, stays.
    Failed {
        address: String,
        problem: Problem,
    },
    Chosen {
        address: String,
        organiser: String,
        hotline: String,
    },
}

/// Who uses the app.
#[derive(Debug, Clone)]
pub enum WhoView {
    /// Both entrances: invitation code, employer sign-in.
    SignedOut {
        form: FormState,
        /// A code by SMS was asked for.
        code: Option<CodeView>,
    },
    /// A candidate's account, in no room.
    Account(Box<AccountView>),
    /// In a room, by code or from an account.
    Candidate(Box<CandidateView>),
    Recruiter(Box<RecruiterView>),
}

/// State of the entrance form that was sent last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FormState {
    Idle,
    /// Waiting for the server.
    Sending,
    /// The invitation has a password: ask for it (J3); the code is kept.
    PasswordNeeded {
        code: String,
        wrong: bool,
    },
    /// The invitation is open on another device. A code by SMS to the number on file (`phone`, masked, once known)
    /// moves it here; `way` is that code's own form.
    OtherDevice {
        code: String,
        phone: Option<String>,
        way: Box<SmsWayView>,
    },
    /// `again_at`: the next try is possible from then on.
    Failed {
        problem: Problem,
        again_at: Option<Timestamp>,
    },
}

/// A candidate's app.
#[derive(Debug, Clone)]
pub struct CandidateView {
    pub name: String,
    pub round: RoundInfo,
    pub ticket: TicketId,
    pub check_in: CheckInView,
    /// The check step that is running, with what it hears and sees.
    pub checks: ChecksView,
    /// While the identity step is at hand.
    pub identity: Option<Box<IdentityView>>,
    /// From the device's store at once after a start, then live. `None` before the first ever.
    pub room: Option<Arc<Room>>,
    /// The session has an account and can leave the room; `None`: by code only.
    pub mine: Option<Box<MineView>>,
    /// A code by SMS was asked for, to join an account.
    pub code: Option<CodeView>,
    /// What came of asking for a code, or of joining.
    pub form: FormState,
    /// Changes not yet confirmed by the server.
    pub pending: Arc<Vec<PendingChange>>,
}

/// The check-in (入场检测) as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckInView {
    /// Steps of this invitation in their order (those not required are left out), for the dots.
    pub steps: Vec<(CheckInStep, check_in::StepState)>,
    /// The step at hand; `None` before the beginning and when done.
    pub step: Option<CheckInStep>,
    /// What may help with the step at hand; empty until "cannot" was pressed.
    pub hints: Vec<check_in::Hint>,
    pub done: bool,
}

/// What the device checks measure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChecksView {
    /// Music is playing.
    pub speaker_playing: bool,
    pub microphone: MicrophoneCheckView,
    pub camera: CameraCheckView,
    pub network: NetworkCheckView,
    /// Why the running check cannot go on (no device, permission refused …).
    pub problem: Option<DeviceProblem>,
}

/// The microphone step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MicrophoneCheckView {
    pub phase: MicrophonePhase,
    /// Level now, dBFS; −96 is silence.
    pub level_dbfs: f32,
    /// Loudest since the step began.
    pub peak_dbfs: f32,
}

impl Default for MicrophoneCheckView {
    fn default() -> Self {
        Self { phase: MicrophonePhase::Idle, level_dbfs: -96.0, peak_dbfs: -96.0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MicrophonePhase {
    Idle,
    Recording {
        ms: u64,
        of_ms: u64,
    },
    /// Recorded, not played yet.
    Recorded {
        ms: u64,
    },
    Playing {
        ms: u64,
        of_ms: u64,
    },
    /// Played at least once: the person can judge.
    Heard,
}

/// The camera step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct CameraCheckView {
    /// Frames arrive.
    pub live: bool,
    pub width: u32,
    pub height: u32,
    pub fps: f32,
}

/// Something about a device, in the words the interface has sentences for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceProblem {
    NoCamera,
    CameraRefused,
    CameraLost,
    NoMicrophone,
    MicrophoneRefused,
    MicrophoneLost,
    NoSpeaker,
    SpeakerLost,
}

/// The scanner of the first screen: its live picture is the own view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScanView {
    /// Closed. A code that was found closes it; what came of it is in [`AppView::server`].
    #[default]
    Off,
    /// The camera is being opened, or comes back (the app was away, the telephone rang).
    Starting,
    Looking,
    /// A code is in sight that is no address and no link of ours; looking goes on.
    NotOurs,
    /// No picture; it goes on by itself when the camera comes or is allowed.
    Problem(DeviceProblem),
}

/// Devices and choices.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceView {
    pub cameras: Arc<Vec<DeviceItem>>,
    pub microphones: Arc<Vec<DeviceItem>>,
    pub speakers: Arc<Vec<DeviceItem>>,
    /// Chosen ids; `None`: the system's default.
    pub camera: Option<String>,
    pub microphone: Option<String>,
    pub speaker: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceItem {
    pub id: String,
    pub name: String,
    pub is_default: bool,
}

/// A change of this device that the server has not confirmed, or refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingChange {
    pub id: ChangeId,
    pub what: PendingWhat,
    /// Refused for good; the person may retry or delete it.
    pub failed: Option<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PendingWhat {
    Note { ticket: TicketId, text: String },
    Outcome { ticket: TicketId, outcome: Outcome },
    Confirmation { accepted: bool },
    Announcement { tickets: usize },
    Stage(Stage),
    Other,
}

/// A recruiter's app.
#[derive(Debug, Clone)]
pub struct RecruiterView {
    pub employer_name: String,
    pub member: MemberCard,
    pub rounds: Loadable<Arc<Vec<RoundSummary>>>,
    /// The round being watched.
    pub queue: Option<QueueView>,
    pub office: OfficeView,
    /// The candidate whose sheet is open.
    pub sheet: Option<(TicketId, Loadable<Arc<CandidateSheet>>)>,
    pub pending: Arc<Vec<PendingChange>>,
}

/// Something fetched.
#[derive(Debug, Clone, PartialEq)]
pub enum Loadable<T> {
    Loading,
    Ready(T),
    Failed(Problem),
}

/// Today's queue (Q1).
#[derive(Debug, Clone)]
pub struct QueueView {
    pub round: RoundId,
    /// False while only the stored copy is shown (no connection yet).
    pub live: bool,
    pub state: Arc<RoundState>,
    pub presence: Arc<BTreeMap<TicketId, Presence>>,
    /// The next one in line who is ready (Q5).
    pub next: Option<TicketId>,
}

/// The call on screen.
#[derive(Debug, Clone)]
pub struct CallScreen {
    pub view: CallView,
    pub round_name: String,
    pub muted: bool,
    pub camera_on: bool,
    /// The other side sends pictures.
    pub remote_video: bool,
    /// Why not, where it says so.
    pub remote_pause: Option<RemotePause>,
    /// What this side sends, because of its network.
    pub sending: VideoStep,
    pub quality: CallQuality,
    pub stats: Option<CallFigures>,
    /// What is wrong with this side's devices.
    pub problems: Vec<DeviceProblem>,
    /// Where the sound goes; `None`: nowhere, or it is not known yet.
    pub sound_to: Option<SoundTo>,
    /// Texts between the two, in order.
    pub notes: Arc<Vec<miantan_domain::wire::live::NoteView>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallQuality {
    Unknown,
    Good,
    Fair,
    Poor,
    Lost,
}

/// Figures of the running call, once a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallFigures {
    pub round_trip_ms: Option<u32>,
    pub loss_percent: f32,
    pub sent_kbps: u32,
    pub received_kbps: u32,
    pub fps_in: f32,
    pub width_in: u32,
    pub height_in: u32,
    /// Answer to first decoded frame of the other side.
    pub first_frame_ms: Option<u64>,
}

/// Something to tell the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: u64,
    pub what: NoticeWhat,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeWhat {
    /// A command was refused.
    Refused(Problem),
    /// Another device took over this invitation or sign-in.
    SessionMoved,
    /// The session ended on the server.
    SessionOver,
    /// This device's storage fails; nothing is kept beyond this run.
    StorageFailed,
    /// What was stored could not be read and was put aside; the app began anew. Nothing on the
    /// server is lost: the same code or sign-in leads back.
    StorageReplaced,
    /// This device cannot do it by itself; the person can.
    CannotHere(CannotHere),
    /// A file is where the person finds it.
    Saved { name: String, path: Arc<std::path::Path> },
    /// An accepted interview begins in half an hour at most.
    InterviewSoon { round_name: String, starts: WallTime },
}

/// What a device may be unable to do from inside the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotHere {
    OpenSettings,
    Dial,
}
