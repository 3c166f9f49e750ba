//! Fairs, stands and positions as everybody sees them, who looked and who follows, the app's builds;
//! and bringing in a whole prepared fair at once.

use super::{Mac, Stored};
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, FairEdit, StandEdit};
use std::sync::Arc;
use uuid::Uuid;

/// An employer with its members.
#[derive(Clone)]
pub struct NewEmployer {
    pub id: EmployerId,
    pub uscc: String,
    pub name: String,
    pub approved: bool,
    /// Exactly one owner.
    pub members: Vec<NewMember>,
}

#[derive(Clone)]
pub struct NewMember {
    pub id: MemberId,
    pub name: String,
    pub role: MemberRole,
    /// PHC string.
    pub password_hash: String,
}

/// A fair (招聘会) with its stands.
#[derive(Clone)]
pub struct NewFair {
    pub id: FairId,
    pub title: String,
    pub kind: String,
    pub starts: WallTime,
    pub ends: WallTime,
    pub city: String,
    pub district: String,
    pub venue: String,
    pub introduction: String,
    /// Counted before this server did.
    pub views: u32,
    pub followers: u32,
    pub exhibitors: Vec<NewExhibitor>,
}

/// An employer's stand (参展企业).
#[derive(Clone)]
pub struct NewExhibitor {
    pub employer: EmployerId,
    /// Empty: the employer's name.
    pub short: String,
    pub introduction: String,
    pub positions: Vec<NewPosition>,
}

/// A job (职位). Salary in yuan a month; `from` 0: "1500以下" and its like.
#[derive(Clone)]
pub struct NewPosition {
    pub id: PositionId,
    pub title: String,
    pub salary_from: u32,
    pub salary_to: u32,
    pub openings: u32,
    pub city: String,
    pub description: String,
    pub requirements: String,
}

/// A round; `info.employer` is ignored in favour of the employer's own name.
#[derive(Clone)]
pub struct NewRound {
    pub employer: EmployerId,
    pub info: RoundInfo,
    /// Moves of the flow before the first ticket, by whom.
    pub stage: Option<(Stage, MemberId)>,
}

#[derive(Clone)]
pub struct NewCandidate {
    pub id: CandidateId,
    pub name: String,
    pub headline: String,
    pub resume: Resume,
    /// As the organiser has it on file.
    pub phone: Option<super::KnownPhone>,
}

#[derive(Clone)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub round: RoundId,
    pub candidate: CandidateId,
    pub ticket: TicketId,
    /// Title of the position, as the queue shows it.
    pub position: String,
    pub code: Mac,
    pub password_hash: Option<String>,
    pub appointed: Option<WallTime>,
    pub opens: WallTime,
    pub expires: WallTime,
    pub cancelled: bool,
    pub device: Option<DeviceId>,
}

/// Everything to bring in, in one transaction.
#[derive(Clone, Default)]
pub struct Import {
    pub now: WallTime,
    pub employers: Vec<NewEmployer>,
    pub fairs: Vec<NewFair>,
    pub rounds: Vec<NewRound>,
    pub candidates: Vec<NewCandidate>,
    pub invitations: Vec<NewInvitation>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub fairs: u64,
    pub employers: u64,
    pub positions: u64,
    pub rounds: u64,
    pub candidates: u64,
    pub invitations: u64,
}

/// A fair's heading with its counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FairHead {
    pub id: FairId,
    pub title: String,
    pub kind: String,
    pub starts: WallTime,
    pub ends: WallTime,
    pub city: String,
    pub district: String,
    pub venue: String,
    pub introduction: String,
    pub views: u64,
    pub followers: u64,
    pub employers: u64,
    pub positions: u64,
}

impl FairHead {
    pub fn card(&self) -> FairCard {
        FairCard {
            id: self.id,
            title: self.title.clone(),
            kind: self.kind.clone(),
            starts: self.starts,
            ends: self.ends,
            city: self.city.clone(),
            district: self.district.clone(),
            employers: self.employers,
            positions: self.positions,
        }
    }

    /// `link`: where the page is on the web.
    pub fn page(&self, followed: bool, link: String) -> FairPage {
        FairPage {
            card: self.card(),
            venue: self.venue.clone(),
            introduction: self.introduction.clone(),
            views: self.views,
            followers: self.followers,
            followed,
            link,
        }
    }

    /// Applications are taken.
    pub fn open(&self, now: WallTime) -> bool {
        fair_open(self.starts, self.ends, now)
    }
}

/// Whether a fair takes applications: from its start until its end.
pub fn fair_open(starts: WallTime, ends: WallTime, now: WallTime) -> bool {
    starts <= now && now < ends
}

/// A place between two rows of an ordered list: a number, then an id. To clients it is opaque.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    pub place: i64,
    pub id: Uuid,
}

impl Cursor {
    pub fn encode(&self) -> String {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.place.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// `None` for a text that [`Self::encode`] never made.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (place, id) = bytes.split_at(8);
        Some(Self { place: i64::from_be_bytes(place.try_into().ok()?), id: Uuid::from_slice(id).ok()? })
    }
}

/// Which stands of a fair.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StandQuery {
    pub fair: FairId,
    /// Part of an employer's name or a position's title; without characters to look for: all.
    pub search: Option<String>,
    pub after: Option<Cursor>,
    pub limit: u32,
}

/// Stands in the page's order, and where the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StandList {
    pub items: Vec<StandCard>,
    pub next: Option<Cursor>,
}

/// See the module's page.
#[async_trait]
pub trait Fairs: Send + Sync {
    /// Everything or nothing.
    async fn import(&self, import: Import) -> Stored<()>;

    async fn counts(&self) -> Stored<Counts>;

    /// All fairs, newest start first, with their counts (F1).
    async fn fairs(&self) -> Stored<Vec<FairHead>>;

    async fn fair(&self, fair: FairId) -> Stored<Option<FairHead>>;

    /// The fairs at which an employer has a stand, newest start first.
    async fn fairs_of(&self, employer: EmployerId) -> Stored<Vec<FairHead>>;

    /// `None`: no such fair. With a search: stands whose name or short name contains it, and of other
    /// stands those positions whose title does; compared in the form of [`super::name_key`].
    async fn stands(&self, query: StandQuery) -> Stored<Option<Arc<StandList>>>;

    async fn stand(&self, fair: FairId, employer: EmployerId) -> Stored<Option<Stand>>;

    async fn position(&self, position: PositionId, now: WallTime) -> Stored<Option<PositionDetails>>;

    /// Somebody looked at a fair. `names` are all under which this person is known (account, device,
    /// address): counted once unless one of them was there before. Only noted at once; written within
    /// a second together with all others, so that a crowd does not cost a commit each. A kill loses
    /// that second's views at most.
    fn viewed(&self, fair: FairId, names: Vec<Mac>);

    /// Writes the views noted so far.
    async fn write_views(&self) -> Stored<()>;

    /// Forgets who looked at fairs that ended before; the count stays. Returns how many names.
    async fn forget_viewers(&self, ended_before: WallTime) -> Stored<u64>;

    /// The person with these names follows; `names[0]` is kept in place of all. False: no such fair.
    async fn follow(&self, fair: FairId, names: Vec<Mac>) -> Stored<bool>;

    /// False: no such fair.
    async fn unfollow(&self, fair: FairId, names: Vec<Mac>) -> Stored<bool>;

    async fn followed(&self, fair: FairId, names: Vec<Mac>) -> Stored<bool>;

    /// Makes a fair or changes it.
    async fn put_fair(&self, fair: FairId, edit: FairEdit) -> Stored<()>;

    /// Gives an employer a stand, behind those that are there; a second time changes nothing. False:
    /// no such fair or employer.
    async fn add_exhibitor(&self, fair: FairId, employer: EmployerId) -> Stored<bool>;

    /// False: no such stand.
    async fn put_stand(&self, fair: FairId, employer: EmployerId, edit: StandEdit) -> Stored<bool>;

    /// Makes a position or changes it. False: no such stand, or the position is another stand's.
    async fn put_position(
        &self,
        fair: FairId,
        employer: EmployerId,
        position: PositionId,
        edit: PositionEdit,
        now: WallTime,
    ) -> Stored<bool>;

    /// In the order of [`miantan_domain::wire::rest::System::ALL`].
    async fn builds(&self) -> Stored<Vec<Build>>;

    /// Takes the place of the system's build before.
    async fn put_build(&self, build: Build) -> Stored<()>;
}
