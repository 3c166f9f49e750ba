//! Fairs, as the screen shows them. They can be read by anybody, signed in or not, and offline from
//! the last visit.

use super::Loadable;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::Problem;
use std::sync::Arc;

#[derive(Debug, Clone, Default)]
pub struct FairsView {
    /// `None` until asked for.
    pub list: Option<Loadable<Arc<Vec<FairCard>>>>,
    pub open: Option<Box<FairScreen>>,
}

/// Where a link leads, besides an invitation's room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkWish {
    Fair(FairId),
    Stand {
        fair: FairId,
        employer: EmployerId,
    },
    Position(PositionId),
    /// 洽谈面试大厅: an employer signs in where nobody is, and goes on to its rounds and conversations.
    Hall(FairId),
    /// 单位报名参加.
    Register(FairId),
}

/// The fair that is open (F1, F2).
#[derive(Debug, Clone)]
pub struct FairScreen {
    pub fair: FairId,
    pub page: Loadable<Arc<FairPage>>,
    /// What is shown is from the last visit; the server has not confirmed it.
    pub stale: bool,
    pub search: String,
    pub stands: Loadable<Arc<Vec<StandCard>>>,
    pub more: bool,
    pub loading_more: bool,
    /// A follow that the server has not confirmed counts as done here.
    pub followed: bool,
    pub stand: Option<Loadable<Arc<Stand>>>,
    pub position: Option<Loadable<Arc<PositionDetails>>>,
}

/// How one's application for a position stands on this device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyState {
    /// On its way (offline: it waits).
    Waiting {
        id: ChangeId,
    },
    Applied,
    /// `Intent::RetryChange`, `Intent::DeleteChange`.
    Failed {
        id: ChangeId,
        problem: Problem,
    },
}
