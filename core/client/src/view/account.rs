//! A candidate's account and an employer's office, as the screen shows them.

use super::{ApplyState, Loadable};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::{Timestamp, WallTime};
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::{Deletion, MemberLine, MyApplication, Policy, RoundSummary};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A candidate signed in by phone, in no room.
#[derive(Debug, Clone)]
pub struct AccountView {
    /// Empty until the profile is there: ask for it first.
    pub name: String,
    /// `138****5678`.
    pub phone: String,
    pub mine: MineView,
}

/// What belongs to a candidate; also beside a room, where the session has an account.
#[derive(Debug, Clone, Default)]
pub struct MineView {
    /// 我的投递.
    pub applications: Option<Loadable<Arc<Vec<MyApplication>>>>,
    /// 我的面试.
    pub interviews: Option<Loadable<Arc<Vec<InvitationCard>>>>,
    pub resume: ResumeEditView,
    pub attachments: Option<Loadable<Arc<Vec<AttachmentResume>>>>,
    /// An upload of a file or photo, 0 to 100.
    pub uploading: Option<u8>,
    pub applied: Arc<BTreeMap<PositionId, ApplyState>>,
    pub privacy: Option<Loadable<Arc<PrivacyView>>>,
    /// A form that was sent last (profile, consent, deletion …).
    pub form: OfficeForm,
}

/// The online résumé in the editor.
#[derive(Debug, Clone, Default)]
pub struct ResumeEditView {
    /// `None` until it was loaded once.
    pub doc: Option<Arc<ResumeDoc>>,
    /// The photo on this device.
    pub photo: Option<Arc<Path>>,
    pub saved: SaveState,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum SaveState {
    #[default]
    Saved,
    /// On the device, not on the server yet.
    OnDevice,
    Saving,
    /// Changed on another device: keep one's own or take the other.
    Conflict {
        theirs: Box<ResumeDoc>,
    },
    Failed(Problem),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrivacyView {
    pub policy: Policy,
    pub consents: Vec<Consent>,
    pub deletion: Deletion,
}

/// State of the last thing that was sent from a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OfficeForm {
    #[default]
    Idle,
    Sending,
    Done,
    Failed(Problem),
}

/// A code by SMS that was asked for (sign-in, link, password reset).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeView {
    pub phone: String,
    pub masked: String,
    pub again_at: Timestamp,
    pub valid_until: Timestamp,
}

/// An employer's own things (F3, F5, F6).
#[derive(Debug, Clone, Default)]
pub struct OfficeView {
    pub fairs: Option<Loadable<Arc<Vec<FairCard>>>>,
    pub stand: Option<(FairId, Loadable<Arc<Stand>>)>,
    pub position: Option<Loadable<Arc<PositionDetails>>>,
    pub members: Option<Loadable<Arc<Vec<MemberLine>>>>,
    pub rounds: Option<Loadable<Arc<Vec<RoundSummary>>>>,
    pub form: OfficeForm,
}

/// A registration made on this device (F3), kept until it is decided and seen.
#[derive(Debug, Clone, PartialEq)]
pub struct RegistrationView {
    pub registration: Registration,
    /// 0 to 100 while the licence is on its way.
    pub uploading: Option<u8>,
    pub checked: WallTime,
}
