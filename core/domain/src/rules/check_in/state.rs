//! What goes into and comes out of a [`super::CheckIn`].

use crate::model::{Assurance, CheckInStep, IdentityRule, StepOutcome};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The steps in their order.
pub const STEPS: [CheckInStep; 7] = [
    CheckInStep::Code,
    CheckInStep::Password,
    CheckInStep::Identity,
    CheckInStep::Speaker,
    CheckInStep::Microphone,
    CheckInStep::Camera,
    CheckInStep::Network,
];

/// Speaker, microphone, camera: the steps about a device, which the person judges.
pub const fn is_device(step: CheckInStep) -> bool {
    match step {
        CheckInStep::Speaker | CheckInStep::Microphone | CheckInStep::Camera => true,
        CheckInStep::Code | CheckInStep::Password | CheckInStep::Identity | CheckInStep::Network => false,
    }
}

/// The steps that the person or the app itself tries out, each day and on each device anew.
pub const fn is_tried_out(step: CheckInStep) -> bool {
    is_device(step) || matches!(step, CheckInStep::Network)
}

/// What an invitation asks for (`Me::Candidate::with_password`, `RoundInfo::identity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Plan {
    pub with_password: bool,
    pub identity: IdentityRule,
}

/// A local calendar day, as days since 1970-01-01. Check-ins are good for one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i32);

/// The identity step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityState {
    NotRequired,
    Needed,
    Passed { assurance: Assurance },
}

/// What the client stores after each [`Output::Persist`]. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    pub plan: Plan,
    /// How the identity was settled, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
    pub day: Day,
    /// Outcomes of the other steps, in their order.
    pub outcomes: Vec<(CheckInStep, StepOutcome)>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The person opened the check-in, or the app came back to it.
    Begin,
    /// The server wants a password with this code (`password_needed`).
    PasswordNeeded,
    /// The server took the code, with the password where there is one (`SignedIn`, or `GET /me` of
    /// someone signed in already); what the invitation asks for. Passes both steps.
    Joined(Plan),
    /// 可以听见 / 可以看见, for a step that is tried out.
    Passed(CheckInStep),
    /// 不能听见 / 不能看见: show what may help.
    Cannot(CheckInStep),
    /// After the hints: go on without. The recruiter is told.
    GoOnAnyway(CheckInStep),
    /// One step back, as far as there is one to repeat.
    Back,
    /// A readiness pass of this day and these devices: the outcomes of steps that have none yet.
    Pass(Vec<(CheckInStep, StepOutcome)>),
    /// Do a device step again: from its hints, or from a later place.
    Retry(CheckInStep),
    /// Another loudspeaker, microphone or camera is in use, or the one used is gone. Not to be told
    /// while a call runs: a headset pulled in a call is the call's matter; tell it afterwards.
    DeviceChanged(CheckInStep),
    /// The server says that the identity is settled.
    IdentitySettled(Assurance),
    /// Another calendar day began: devices are checked again.
    DayChanged(Day),
}

/// What the driver must do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Store this in place of what was stored.
    Persist(Saved),
    /// Show this step and start it (music, recording, preview).
    Enter(CheckInStep),
    /// Tell the server: `Command::CheckIn`. Steps that are tried out only; the others it knows first.
    Report { step: CheckInStep, outcome: StepOutcome },
    /// Show what may help, in this order.
    Hints { step: CheckInStep, hints: Vec<Hint> },
    /// On to the waiting room.
    Done,
}

/// What may help when something is not heard or seen, in the manual's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hint {
    /// 扬声器设置成静音: the device may be muted.
    Muted,
    /// 音量设置过小: the volume may be too low.
    VolumeLow,
    /// 更换设备: choose another device from the list.
    SwitchDevice,
    /// 更换网络: another network (Wi-Fi, mobile data), or nearer to the router.
    SwitchNetwork,
    /// 客服电话: call the organiser's hotline.
    Hotline,
}

impl Hint {
    /// The hints for a step; none for steps that are not about a device.
    pub const fn of(step: CheckInStep) -> &'static [Self] {
        match step {
            // For the microphone as well: what was recorded is heard through the speaker.
            CheckInStep::Speaker | CheckInStep::Microphone => {
                &[Self::Muted, Self::VolumeLow, Self::SwitchDevice, Self::Hotline]
            }
            CheckInStep::Camera => &[Self::SwitchDevice, Self::Hotline],
            CheckInStep::Network => &[Self::SwitchNetwork, Self::Hotline],
            CheckInStep::Code | CheckInStep::Password | CheckInStep::Identity => &[],
        }
    }
}

/// Why an input is refused; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the check-in has not begun")]
    NotBegun,
    #[error("this is not the step at hand")]
    NotThisStep,
    #[error("code and password are passed by the server's answer only")]
    JoinFirst,
    #[error("the identity has to be settled with the server first")]
    IdentityNeeded,
    #[error("the hints were not shown yet")]
    HintsFirst,
    #[error("there is no step before this one that could be repeated")]
    NoWayBack,
}

/// Where a step stands, for the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Not in this invitation.
    NotRequired,
    Todo,
    /// At hand since then; `hinted`: its hints are shown.
    Active {
        since: Timestamp,
        hinted: bool,
    },
    Passed,
    /// Went on without.
    Cannot,
}
