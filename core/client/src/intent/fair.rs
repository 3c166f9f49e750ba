//! Wishes about fairs.

use miantan_domain::ids::*;
use miantan_domain::model::*;

#[derive(Clone, PartialEq)]
pub enum FairIntent {
    LoadList,
    Open(FairId),
    Close,
    /// Empty: everything again.
    Search(String),
    MoreStands,
    OpenStand(EmployerId),
    CloseStand,
    OpenPosition(PositionId),
    ClosePosition,
    Follow(bool),
    /// Needs a candidate's account.
    Apply {
        position: PositionId,
        resume: ResumeChoice,
    },
}
