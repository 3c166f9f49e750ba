//! What went wrong, as a stable code. REST wraps it in `application/problem+json` (RFC 9457); live
//! frames carry it as it is. The app turns codes into sentences (zh-CN, en); the server's own
//! `detail` is for developers and carries no personal data.

use serde::{Deserialize, Serialize};

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[error("{code}: {detail}")]
pub struct Problem {
    pub code: ProblemCode,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Try again after so many milliseconds (slowed guessing, too early).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Problem {
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), retry_after_ms: None }
    }

    #[must_use]
    pub fn retry_after(mut self, ms: u64) -> Self {
        self.retry_after_ms = Some(ms);
        self
    }
}

impl From<ProblemCode> for Problem {
    fn from(code: ProblemCode) -> Self {
        Self { code, detail: String::new(), retry_after_ms: None }
    }
}

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal;)*) => {
        /// Stable problem codes. An app that meets one it does not know shows `Unknown`'s sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ProblemCode { $($(#[$doc])* $name,)* }

        impl ProblemCode {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// HTTP status when sent over REST.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }
        }
    };
}

problem_codes! {
    // the request itself
    Malformed = "malformed", 400;
    UnknownKind = "unknown_kind", 400;
    TooLarge = "too_large", 413;
    TooMany = "too_many_requests", 429;
    VersionUnsupported = "version_unsupported", 426;
    NotFound = "not_found", 404;
    NotSignedIn = "not_signed_in", 401;
    /// This device's session was replaced by another device of the same person.
    ReplacedByDevice = "replaced_by_device", 401;
    NotAllowed = "not_allowed", 403;
    // invitation code and password
    CodeWrong = "code_wrong", 404;
    CodeUsed = "code_used", 409;
    CodeExpired = "code_expired", 410;
    CodeTooEarly = "code_too_early", 425;
    CodeCancelled = "code_cancelled", 410;
    PasswordNeeded = "password_needed", 401;
    PasswordWrong = "password_wrong", 401;
    /// Employer sign-in: name, member or password; which one is never told.
    CredentialsWrong = "credentials_wrong", 401;
    /// The next try is slowed; `retry_after_ms` says by how much.
    SlowDown = "slow_down", 429;
    // rounds, tickets
    StageWrong = "stage_wrong", 409;
    TicketUnknown = "ticket_unknown", 404;
    TicketClosed = "ticket_closed", 409;
    IdentityNeeded = "identity_needed", 403;
    OutcomePending = "outcome_pending", 409;
    OutcomeMissing = "outcome_missing", 409;
    NotAnnounced = "not_announced", 409;
    AlreadyConfirmed = "already_confirmed", 409;
    TextTooLong = "text_too_long", 422;
    TextEmpty = "text_empty", 422;
    /// This ticket has all the texts it can have; trying again cannot help.
    NotesFull = "notes_full", 409;
    // calls
    /// The candidate is in a call, or being rung by someone else.
    CandidateBusy = "candidate_busy", 409;
    /// The recruiter is in a call already.
    RecruiterBusy = "recruiter_busy", 409;
    CallUnknown = "call_unknown", 404;
    CallOver = "call_over", 409;
    SignalBad = "signal_bad", 422;
    // phone numbers and codes by SMS
    PhoneBad = "phone_bad", 422;
    SmsCodeWrong = "sms_code_wrong", 401;
    SmsCodeExpired = "sms_code_expired", 410;
    /// Five wrong tries: a new code is needed.
    SmsTriesUsed = "sms_tries_used", 429;
    /// The last one was sent less than a minute ago.
    SmsTooSoon = "sms_too_soon", 429;
    /// This number, address or day has had all it can have.
    SmsLimit = "sms_limit", 429;
    /// The provider did not take it.
    SmsFailed = "sms_failed", 503;
    // candidate accounts
    UnderAge = "under_age", 403;
    ProfileNeeded = "profile_needed", 409;
    ConsentNeeded = "consent_needed", 409;
    /// It was changed on another device meanwhile.
    ResumeChanged = "resume_changed", 409;
    ResumeTooLong = "resume_too_long", 422;
    // applications
    FairClosed = "fair_closed", 409;
    PositionClosed = "position_closed", 409;
    AlreadyApplied = "already_applied", 409;
    ResumeMissing = "resume_missing", 409;
    // conversations and invitations
    ConversationBlocked = "conversation_blocked", 409;
    InvitationUnknown = "invitation_unknown", 404;
    /// Its state does not allow it (withdrawn, expired, answered).
    InvitationOver = "invitation_over", 409;
    /// The terms were changed meanwhile.
    InvitationChanged = "invitation_changed", 409;
    InvitationTimePast = "invitation_time_past", 422;
    InvitationTermsBad = "invitation_terms_bad", 422;
    // files
    FileTypeRefused = "file_type_refused", 415;
    FileTooLarge = "file_too_large", 413;
    FileBroken = "file_broken", 422;
    /// The next byte expected is another one; ask for the offset.
    UploadOffset = "upload_offset", 409;
    UploadIncomplete = "upload_incomplete", 409;
    FileUnknown = "file_unknown", 404;
    // employers
    UsccBad = "uscc_bad", 422;
    NameBad = "name_bad", 422;
    PasswordWeak = "password_weak", 422;
    EmployerKnown = "employer_known", 409;
    RegistrationOver = "registration_over", 409;
    MemberKnown = "member_known", 409;
    LastOwner = "last_owner", 409;
    PositionBad = "position_bad", 422;
    RoundBad = "round_bad", 422;
    // the identity step
    /// There is no face check for this person here; the SMS way is there.
    FaceUnavailable = "face_unavailable", 409;
    AttemptsUsed = "attempts_used", 429;
    /// The report answers no open attempt: too old, answered before, or another one's.
    AttemptOver = "attempt_over", 409;
    /// Signature, form, time or a score of a report is wrong.
    ReportBad = "report_bad", 422;
    /// The app has other models than the server.
    ModelsDiffer = "models_differ", 409;
    /// The invitation is open on another device; the number on file has to be proved to move it here.
    OtherDevice = "other_device", 409;
    /// No telephone number on file.
    NumberMissing = "number_missing", 409;
    // the other side of the wire
    /// The server could not write: its disk is full, or another process holds its database. Nothing was
    /// changed; the same request may be good later.
    ServerStorage = "server_storage", 507;
    // this side
    /// No answer in time; nothing is known about whether it was done.
    TimedOut = "timed_out", 504;
    /// The device has no connection; the change waits or was not sent.
    Offline = "offline", 503;
    /// The device could not write.
    StorageFailed = "storage_failed", 507;
    Internal = "internal", 500;
    Unknown = "unknown", 500;
}

impl ProblemCode {
    fn from_wire(text: &str) -> Self {
        Self::ALL.iter().copied().find(|c| c.as_str() == text).unwrap_or(Self::Unknown)
    }
}

impl std::fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ProblemCode {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ProblemCode {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        Ok(Self::from_wire(&text))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for ProblemCode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ProblemCode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes: Vec<&str> = Self::ALL.iter().map(|code| code.as_str()).collect();
        schemars::json_schema!({
            "description": "A stable code. One that is not listed is to be read as `unknown`.",
            "type": "string",
            "enum": codes,
        })
    }
}
