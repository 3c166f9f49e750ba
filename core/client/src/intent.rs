//! What a person can want. The screen hands intents to [`crate::Session::send`], which never blocks
//! and never fails: what comes of an intent is seen in the next [`crate::view::AppView`].

mod account;
mod fair;
mod identity;
mod talk;

pub use account::*;
pub use fair::*;
pub use identity::*;
pub use talk::*;

use miantan_domain::ids::*;
use miantan_domain::model::*;

/// One wish.
#[derive(Clone, PartialEq)]
pub enum Intent {
    Talk(TalkIntent),
    Fair(FairIntent),
    Account(AccountIntent),
    Office(OfficeIntent),
    Identity(IdentityIntent),
    /// A staff notice to all who wait in the open round.
    Notify {
        text: String,
    },
    // server (J2)
    /// An address, an `https://…` link or the text of a QR code; a link may carry an invitation code.
    UseServer(String),
    /// Opens the scanner: the camera reads a QR code, whose text counts as [`Intent::UseServer`]. While it is open,
    /// `ChooseCamera` and `SwitchCamera` are about it alone. Nothing while someone is signed in.
    ScanStart,
    ScanStop,
    /// The screen is where [`crate::view::AppView::wish`] leads.
    WishSeen,
    /// Back to the first screen; nothing stored for the server is deleted.
    LeaveServer,
    // entrance
    Join {
        code: String,
        password: Option<String>,
    },
    SignIn {
        account: String,
        password: String,
        member: Option<String>,
    },
    /// The invitation is open on another device: a code to the number on file, please; and that code.
    TakeOverSend,
    TakeOverCheck(String),
    /// Forget a half-filled entrance (password asked for) and its error.
    ResetForm,
    SignOut,
    // check-in (J3-J7)
    CheckBegin,
    CheckPassed(CheckInStep),
    CheckCannot(CheckInStep),
    CheckGoOnAnyway(CheckInStep),
    CheckBack,
    CheckRetry(CheckInStep),
    /// Record for up to 5 s; again: stop recording.
    RecordToggle,
    PlayRecording,
    ChooseCamera(Option<String>),
    ChooseMicrophone(Option<String>),
    ChooseSpeaker(Option<String>),
    RefreshDevices,
    // room
    SendNote {
        ticket: TicketId,
        text: String,
    },
    Confirm {
        accepted: bool,
        comment: String,
    },
    RetryChange(ChangeId),
    DeleteChange(ChangeId),
    // recruiter
    ReloadRounds,
    OpenRound(RoundId),
    CloseRound,
    OpenSheet(TicketId),
    CloseSheet,
    MarkOutcome {
        ticket: TicketId,
        outcome: Outcome,
    },
    MoveStage(Stage),
    Announce(Vec<TicketId>),
    // call
    Ring(TicketId),
    Answer,
    Decline,
    HangUp,
    DismissCall,
    SetMuted(bool),
    SetCamera(bool),
    /// The next camera (front/back).
    SwitchCamera,
    // the device
    DismissNotice(u64),
    Foreground(bool),
    /// A desktop's window has the person's attention, or another one has: for notifications only.
    InFront(bool),
    PhoneCall(bool),
    NetworkChanged {
        up: bool,
    },
    /// The system's settings of this app, to grant a permission.
    OpenSystemSettings,
    /// The organiser's hotline, in the phone's own telephone.
    DialHotline,
}

/// Secrets stay out of every log.
impl std::fmt::Debug for Intent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Intent")
    }
}
