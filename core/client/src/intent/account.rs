//! Wishes about accounts: a candidate's own, an employer's office.

use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::rest::{NewMemberRequest, Profile, RoundEdit, StandEdit};
use std::sync::Arc;

/// A candidate's account.
#[derive(Clone, PartialEq)]
pub enum AccountIntent {
    /// Terms and privacy policy, signed in or not.
    LoadPolicy,
    AskCode {
        phone: String,
    },
    SignIn {
        phone: String,
        code: String,
    },
    /// A code session joins the account of its own number.
    Link {
        phone: String,
        code: String,
    },
    SaveProfile(Profile),
    LoadApplications,
    LoadInterviews,
    LoadResume,
    /// As typed; kept on the device at once, on the server a second after the last key.
    EditResume(Box<ResumeDoc>),
    ResumeKeepMine,
    ResumeTakeTheirs,
    SetPhoto {
        name: String,
        bytes: Arc<[u8]>,
    },
    LoadAttachments,
    AddAttachment {
        name: String,
        bytes: Arc<[u8]>,
    },
    RemoveAttachment(ObjectId),
    /// Go into the room of an accepted invitation.
    Enter(InvitationId),
    LeaveRoom,
    LoadPrivacy,
    SetConsent {
        purpose: Purpose,
        version: u32,
        given: bool,
    },
    /// Everything held, as a file; told by a notice.
    Export,
    /// `false` takes it back.
    Deletion(bool),
    FormSeen,
}

/// An employer's office and the way into it.
#[derive(Clone, PartialEq)]
pub enum OfficeIntent {
    // without signing in
    Register {
        fair: FairId,
        name: String,
        uscc: String,
        contact: String,
        phone: String,
        password: String,
    },
    Licence {
        name: String,
        bytes: Arc<[u8]>,
    },
    CheckRegistration,
    ForgetRegistration,
    AskReset {
        account: String,
        member: Option<String>,
    },
    ConfirmReset {
        account: String,
        member: Option<String>,
        code: String,
        password: String,
    },
    // signed in
    LoadFairs,
    OpenStand(FairId),
    CloseStand,
    SaveStand {
        fair: FairId,
        edit: StandEdit,
    },
    OpenPosition(PositionId),
    ClosePosition,
    /// A new id makes a new position.
    SavePosition {
        fair: FairId,
        position: Option<PositionId>,
        edit: Box<PositionEdit>,
    },
    LoadMembers,
    AddMember(NewMemberRequest),
    RemoveMember(MemberId),
    EndSessions(MemberId),
    ChangePassword {
        old: String,
        new: String,
    },
    LoadRounds,
    SaveRound {
        round: Option<RoundId>,
        edit: Box<RoundEdit>,
    },
    FormSeen,
}
