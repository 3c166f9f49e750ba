//! What a candidate can want in the identity step.

/// One wish about the identity step.
#[derive(Clone, PartialEq, Eq)]
pub enum IdentityIntent {
    /// Ask the server again how things stand.
    Reload,
    /// 人脸校验 / 短信验证.
    ChooseFace,
    ChooseSms,
    /// Back to the choice; a running camera is released.
    Back,
    /// Each consent for itself; `face: false` leads to the SMS way.
    Consent {
        face: bool,
        frames: bool,
    },
    /// 开始校验.
    Start,
    /// Give up the fetching of models, or the attempt that runs.
    Cancel,
    SendCode,
    CheckCode(String),
    /// The number is proved and the face check not wanted: enough.
    SmsIsEnough,
}
