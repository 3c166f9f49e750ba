//! A candidate's account over REST.
//!
//! | method and path | body → answer |
//! | --- | --- |
//! | `POST /candidate/code` | [`CodeRequest`] → [`CodeSent`]; the same whether the number has an account |
//! | `POST /candidate/sign-in` | [`CandidateSignIn`] → [`super::SignedIn`]; makes the account at the first time |
//! | `POST /candidate/link` | [`CandidateLink`] → [`super::Me`]: a code session joins the account of its own number |
//! | `PUT /me/profile` | [`Profile`] → [`super::Me`] |
//! | `GET` / `PUT /me/resume` | → / [`ResumeDoc`] → [`ResumeDoc`] with the new version |
//! | `GET /me/attachments` | → `Vec<AttachmentResume>` |
//! | `POST /me/attachments` | [`AttachmentAdd`] → `Vec<AttachmentResume>` |
//! | `DELETE /me/attachments/{object}` | → 204 |
//! | `GET /me/applications` | → `Vec<`[`MyApplication`]`>`, newest first |
//! | `GET /me/interviews` | → `Vec<InvitationCard>`, soonest first |
//! | `POST /me/interviews/{invitation}/enter` | → [`super::Me`]: the session is in that room now |
//! | `POST /me/leave-room` | → [`super::Me`] |
//! | `GET /me/consents` · `POST /me/consents` | → `Vec<Consent>` · [`ConsentChange`] → `Vec<Consent>` |
//! | `GET /me/export` | everything held about the person, as JSON |
//! | `GET /me/deletion` · `POST /me/deletion` · `DELETE /me/deletion` | → [`Deletion`]: asked for, seen, taken back |

use crate::ids::*;
use crate::model::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// A code by SMS, please.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeRequest {
    /// A mainland number of 11 digits, `+86` allowed.
    pub phone: String,
    pub device: DeviceId,
}

/// It is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CodeSent {
    /// `138****5678`.
    pub masked: String,
    /// Another one can be asked for after so long.
    pub again_after_ms: u64,
    /// It is good for so long.
    pub valid_ms: u64,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidateSignIn {
    pub phone: String,
    pub code: String,
    pub device: DeviceId,
    /// Version of the policy the person agreed to.
    pub policy: u32,
    /// As in [`super::JoinRequest`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_key: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CandidateLink {
    pub phone: String,
    pub code: String,
    pub policy: u32,
}

// Requests with secrets never show them, wherever they are printed.
impl std::fmt::Debug for CodeRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CodeRequest").field("device", &self.device).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CandidateSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CandidateSignIn").field("device", &self.device).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CandidateLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CandidateLink").finish_non_exhaustive()
    }
}

/// Who one is. Under [`CANDIDATE_AGE_MIN`] full years: `under_age`, and nothing is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Profile {
    pub name: String,
    pub birth_year: u16,
    /// 1 to 12.
    pub birth_month: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AttachmentAdd {
    /// Uploaded with `file_use: resume`.
    pub object: ObjectId,
}

/// One line of 我的投递.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MyApplication {
    pub id: ApplicationId,
    pub conversation: ConversationId,
    pub fair: FairId,
    pub fair_title: String,
    pub employer_name: String,
    pub position: PositionId,
    pub title: String,
    pub salary: Salary,
    pub at: WallTime,
    /// The employer opened the résumé.
    pub seen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConsentChange {
    pub purpose: Purpose,
    pub version: u32,
    pub given: bool,
}

/// Whether the account is going to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deletion {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<WallTime>,
    /// Done by then at the latest; can be taken back before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<WallTime>,
}
