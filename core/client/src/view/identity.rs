//! The identity step and the network check on screen.

use super::{CameraCheckView, DeviceProblem, FormState};
use miantan_domain::model::*;
use miantan_domain::time::Timestamp;
use miantan_domain::wire::Problem;

/// The identity step (J4), while it is at hand.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityView {
    /// Attempts with the face in all.
    pub attempts: u32,
    /// Of these, left.
    pub attempts_left: u32,
    /// Why there is no face check; `None`: there is one (or it is not known yet).
    pub no_face: Option<NoFaceOffer>,
    /// The number on file, masked; `None`: no SMS way.
    pub phone: Option<String>,
    /// This round wants the number proved before the face.
    pub sms_first: bool,
    pub number_proved: bool,
    /// The server looks at the pictures too, with a consent of its own.
    pub verifies: bool,
    /// For so many days these pictures are kept.
    pub frames_days: u32,
    /// The camera is the synthetic one: said in a banner over everything.
    pub simulated: bool,
    pub stage: IdentityStage,
}

/// Why the face way is closed, with its sentence in the interface.
#[derive(Debug, Clone, PartialEq)]
pub enum NoFaceOffer {
    /// The server's reason.
    Server(NoFaceWay),
    /// This device has no ONNX Runtime.
    NoRuntime,
    /// A model came altered, or could not be fetched.
    ModelsBroken(Problem),
}

/// What the screen of the step shows.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentityStage {
    /// The server is asked how things stand.
    Loading,
    Failed(Problem),
    /// Both ways, to choose from.
    Choice,
    /// The consent of the face way; `frames`: the second consent is asked for as well, each for itself.
    Consent {
        frames: bool,
    },
    /// Models are being fetched, bytes.
    Models {
        done: u64,
        of: u64,
    },
    /// Live camera with the oval. `started`: 开始校验 was pressed.
    Framing(FramingView),
    Challenge(ChallengeView),
    /// The server decides.
    Checking,
    /// An attempt did not pass.
    NotPassed {
        reasons: Vec<FaceReason>,
    },
    /// The attempt could not be made or told; it may not have counted.
    Broken(IdentityTrouble),
    Sms(SmsWayView),
}

#[derive(Debug, Clone, PartialEq)]
pub struct FramingView {
    pub started: bool,
    /// One sentence at a time.
    pub advice: Option<Advice>,
    /// How much of the steady moment has passed, 0..1.
    pub steady: f32,
    pub camera: CameraCheckView,
    pub problem: Option<DeviceProblem>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ChallengeView {
    /// What is asked for now; `None`: look straight.
    pub movement: Option<Movement>,
    /// Which one, from 0, and of how many.
    pub index: usize,
    pub of: usize,
    pub until: Option<Timestamp>,
}

/// What kept an attempt from being made.
#[derive(Debug, Clone, PartialEq)]
pub enum IdentityTrouble {
    Device(DeviceProblem),
    Server(Problem),
    /// The face check itself failed on this device.
    Checker,
    /// The app went to the background, or a telephone call took the devices, while an attempt ran.
    Interrupted,
}

/// The SMS way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsWayView {
    /// A code was sent.
    pub sent: bool,
    /// Another one can be asked for from then on.
    pub again_at: Option<Timestamp>,
    /// The code is good until then.
    pub valid_until: Option<Timestamp>,
    pub form: FormState,
}

/// The network step.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum NetworkCheckView {
    #[default]
    Idle,
    Measuring {
        ms: u64,
        of_ms: u64,
    },
    Done {
        figures: NetworkFigures,
        verdict: NetworkVerdict,
    },
}
