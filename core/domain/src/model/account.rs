//! Accounts of candidates and employers: consents, registrations, members.

use crate::ids::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Youngest candidate, in full years (PRODUCT.md, *Privacy and law*).
pub const CANDIDATE_AGE_MIN: u16 = 16;

/// What a person can agree to, each for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Terms and privacy policy: without it there is no account.
    Policy,
    /// The online résumé is shown to employers one applies to.
    ResumeToEmployers,
    /// Short messages about invitations and turns.
    SmsNotices,
    /// A face template for the check-in.
    FaceCheck,
    /// The pictures of one face check are sent to the organiser's server, looked at there and deleted.
    FaceFrames,
}

/// One consent, given or withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Consent {
    pub purpose: Purpose,
    /// Version of the text that was shown.
    pub version: u32,
    pub given: bool,
    pub at: WallTime,
}

/// How an employer's registration stands (F3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RegistrationState {
    /// The licence picture is still missing.
    LicenceMissing,
    Waiting,
    Approved,
    Rejected {
        reason: String,
    },
}

/// An employer's wish to take part in a fair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registration {
    pub id: RegistrationId,
    pub fair: FairId,
    pub fair_title: String,
    pub name: String,
    pub uscc: String,
    pub contact: String,
    pub at: WallTime,
    #[serde(flatten)]
    pub state: RegistrationState,
}
