//! The identity step: which candidates the organiser has a photo of, the face attempts of each ticket with what came
//! of them, and which interview a code by SMS was sent for.
//!
//! Architecture Invariant: no picture and no embedding is in any of these rows; photos and sealed frames are bytes in
//! the object store.

use super::{DeviceKey, Mac, SessionId, Stored};
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::{Assurance, FaceReason, FaceScores, Nonce};
use miantan_domain::time::WallTime;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A reference photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoRow {
    pub bytes: Uuid,
    /// In bytes.
    pub size: u64,
    pub at: WallTime,
    /// A face check found no single face in it.
    pub unusable: bool,
    /// Photos that came before it, and itself: beyond the organiser's cap it is not used.
    pub rank: u64,
}

/// A photo to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPhoto {
    pub candidate: CandidateId,
    pub bytes: Uuid,
    pub size: u64,
    pub at: WallTime,
    /// So many people's photos are kept at most.
    pub most: u64,
}

/// What became of a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhotoKept {
    /// It is the reference now; the bytes of the one before are not needed any more.
    Yes { before: Option<Uuid> },
    /// As many people's photos as may be are there.
    Full,
    /// There is no such candidate.
    Unknown,
}

/// A candidate as the organiser finds them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub candidate: CandidateId,
    pub name: String,
    pub photo: bool,
}

/// An attempt is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptAsk {
    pub nonce: Nonce,
    pub ticket: TicketId,
    pub candidate: CandidateId,
    pub device: DeviceId,
    pub device_key: DeviceKey,
    /// Role → SHA-256.
    pub models: BTreeMap<String, String>,
    /// Frames may be sent.
    pub wanted: bool,
    pub now: WallTime,
    /// Attempts of a ticket in all.
    pub most: u32,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptBegun {
    /// It counts; so many are left.
    Yes {
        left: u32,
    },
    Used,
}

/// How an attempt stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    Open,
    Passed,
    Failed,
    /// Its time was over, or another one was begun.
    Unanswered,
}

/// An attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    pub nonce: Nonce,
    pub ticket: TicketId,
    pub candidate: CandidateId,
    pub device_key: DeviceKey,
    pub issued: WallTime,
    pub models: BTreeMap<String, String>,
    pub wanted: bool,
    pub state: AttemptState,
    /// What the server found in the frames.
    pub found: Option<FaceScores>,
    pub frames: Option<Uuid>,
    pub scores: Option<FaceScores>,
    pub reasons: Vec<FaceReason>,
    pub assurance: Option<Assurance>,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptEnd {
    pub passed: Option<Assurance>,
    pub scores: FaceScores,
    pub reasons: Vec<FaceReason>,
    pub doubt: bool,
    pub at: WallTime,
}

/// A ticket's attempts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Attempts {
    pub used: u32,
    /// One of them looked like a print or a screen.
    pub doubt: bool,
    /// One of them passed.
    pub passed: Option<Assurance>,
}

/// Frames that came for an attempt.
#[derive(Debug, Clone, PartialEq)]
pub struct FramesKept {
    pub bytes: Uuid,
    pub found: FaceScores,
    pub at: WallTime,
}

/// What became of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FramesPut {
    /// In the place of these.
    Yes { before: Option<Uuid> },
    /// The attempt is answered already.
    Over,
}

/// See the module's page. Each method is one transaction.
#[async_trait]
pub trait Identity: Send + Sync {
    async fn photo(&self, candidate: CandidateId) -> Stored<Option<PhotoRow>>;

    /// People whose photos are kept.
    async fn photos(&self) -> Stored<u64>;

    async fn put_photo(&self, photo: NewPhoto) -> Stored<PhotoKept>;

    /// There is no single face in the photo that lies there; another photo is another chance.
    async fn photo_unusable(&self, bytes: Uuid) -> Stored<()>;

    /// The bytes that are not needed any more.
    async fn remove_photo(&self, candidate: CandidateId) -> Stored<Option<Uuid>>;

    /// Candidates known by a number.
    async fn by_phone(&self, key: Mac) -> Stored<Vec<Found>>;

    async fn attempts(&self, ticket: TicketId) -> Stored<Attempts>;

    /// Counts an attempt. One that is open is unanswered from now on.
    async fn begin_attempt(&self, ask: AttemptAsk) -> Stored<AttemptBegun>;

    async fn attempt(&self, nonce: Nonce) -> Stored<Option<AttemptRow>>;

    /// Ends an open attempt. False: it is none.
    async fn end_attempt(&self, nonce: Nonce, end: AttemptEnd) -> Stored<bool>;

    /// Frames for an open attempt.
    async fn put_frames(&self, nonce: Nonce, frames: FramesKept) -> Stored<FramesPut>;

    /// Frames that came before then, or a person's: their bytes, not needed any more.
    async fn forget_frames(&self, before: WallTime) -> Stored<Vec<Uuid>>;
    async fn forget_frames_of(&self, candidate: CandidateId) -> Stored<Vec<Uuid>>;

    /// Open attempts begun before `open_before` are unanswered; attempts begun before `before` are forgotten, and so
    /// is for which interview codes were sent before `codes_before`. The bytes of frames, not needed any more.
    async fn tidy_identity(
        &self,
        open_before: WallTime,
        before: WallTime,
        codes_before: WallTime,
    ) -> Stored<Vec<Uuid>>;

    /// The number on file was proved in this session.
    async fn number_proved(&self, session: SessionId, at: WallTime) -> Stored<()>;

    /// The code on its way to a number is for this interview. `number`: as in [`super::CodeOf`].
    async fn code_sent_for(&self, number: Mac, ticket: TicketId, at: WallTime) -> Stored<()>;

    /// Whether the last code of a number was for this interview.
    async fn code_was_for(&self, number: Mac, ticket: TicketId) -> Stored<bool>;
}
