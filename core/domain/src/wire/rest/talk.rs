//! Conversations and files over REST: lists, history, résumés, uploads. Changes go over the socket.
//!
//! A recruiter asks for their employer's conversations, a candidate for their own; anything else is
//! `not_found`, whether it exists or not.
//!
//! | method and path | body → answer |
//! | --- | --- |
//! | `GET /talks?mark=&position=&unread=true&q=&cursor=&limit=` | → [`TalkPage`], newest change first |
//! | `GET /talks/{conversation}` | → `TalkHead` |
//! | `GET /talks/{conversation}/entries?after=N&limit=` | → `Vec<Entry>` numbered above N, in order |
//! | `GET /talks/{conversation}/entries?before=N&limit=` | → `Vec<Entry>`, the last ones below N, in order |
//! | `GET /talks/{conversation}/marks` | → `Vec<`[`MarkChange`]`>`, oldest first (recruiter) |
//! | `GET /talks/{conversation}/resume` | → [`ResumeView`] (recruiter) |
//! | `GET /talks/{conversation}/resume.pdf` | the online résumé as PDF (recruiter) |
//! | `GET /talks/{conversation}/busy?from=&to=` | → `Vec<`[`Busy`]`>` (recruiter) |
//! | `GET /talks/{conversation}/invitations/{invitation}.ics` | calendar file |
//! | `POST /objects` | [`NewObject`] → [`Upload`]; the same again: where it stands |
//! | `GET /objects/{object}/upload` | → [`Upload`] |
//! | `PUT /objects/{object}?offset=N` | bytes (≤ [`PART_MAX_BYTES`]) → [`Upload`]; a part sent twice is no error |
//! | `GET /objects/{object}` | the file; `?size=thumb`: at most 320 px, JPEG |
//! | `POST /reports` | [`Report`] → 204 |

use crate::ids::*;
use crate::model::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Conversations or entries on one page unless asked otherwise, and at most.
pub const TALK_PAGE_LIMIT: u32 = 50;
pub const TALK_PAGE_LIMIT_MAX: u32 = 200;
/// Largest part of an upload, in bytes.
pub const PART_MAX_BYTES: usize = 256 * 1024;
/// Largest file, in bytes.
pub const FILE_MAX_BYTES: u64 = 20 * 1024 * 1024;
/// Longest file name, in bytes of UTF-8.
pub const FILE_NAME_MAX_BYTES: usize = 120;

/// A page of conversations with how many there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TalkPage {
    pub items: Vec<TalkHead>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    pub counts: TalkCounts,
}

/// How many conversations there are, whatever the filter; by mark for recruiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TalkCounts {
    pub all: u32,
    /// Conversations with something unread.
    pub unread: u32,
    pub unmarked: u32,
    pub shortlisted: u32,
    pub qualified: u32,
    pub eliminated: u32,
}

/// Who set which mark when (T4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarkChange {
    pub mark: Mark,
    pub by: MemberId,
    pub name: String,
    pub at: WallTime,
}

/// An applicant's résumés, as the employer may read them (T1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResumeView {
    pub name: String,
    pub headline: String,
    /// Absent when only files were sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    pub attachments: Vec<AttachmentResume>,
    /// Only after an invitation was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// A time that is taken. Whose appointment it is, is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Busy {
    pub from: WallTime,
    pub to: WallTime,
    /// The candidate is taken; else someone of the asking employer's own appointments.
    pub candidate: bool,
}

/// What a file is for, which decides what it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FileUse {
    /// PDF, DOCX, PNG, JPEG.
    Resume,
    /// PNG, JPEG.
    ChatImage,
    /// PDF, DOCX, PNG, JPEG.
    ChatFile,
    /// PNG, JPEG.
    Photo,
    /// PDF, PNG, JPEG.
    Licence,
}

/// A file is going to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NewObject {
    pub id: ObjectId,
    pub file_use: FileUse,
    /// The file's own name; made safe by the server.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex of the whole file.
    pub sha256: String,
    /// Where it will be said; absent for résumés, photos, licences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationId>,
}

/// How far an upload is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Upload {
    pub id: ObjectId,
    /// Bytes the server has: the next part starts here.
    pub offset: u64,
    /// Present when the file is whole and was found good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<ObjectInfo>,
}

/// A file that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObjectInfo {
    pub id: ObjectId,
    /// Safe, with the extension of what it really is.
    pub name: String,
    /// What it really is: `application/pdf` …
    pub media_type: String,
    pub size: u64,
    /// Pixels; 0 when it is no picture.
    #[serde(default)]
    pub width: u32,
    #[serde(default)]
    pub height: u32,
}

/// A candidate or recruiter tells the organiser of misconduct.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    pub id: ChangeId,
    pub conversation: ConversationId,
    pub reason: String,
}
