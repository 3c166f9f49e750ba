//! Fairs (招聘会), stands (参展企业) and positions (职位), as the public sees them.

use crate::ids::*;
use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// A monthly salary range in yuan. `from` 0: "up to `to`" (1500以下). `to` 0: to be agreed (面议).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Salary {
    pub from: u32,
    pub to: u32,
}

/// One fair in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FairCard {
    pub id: FairId,
    pub title: String,
    /// 网络招聘会 …
    pub kind: String,
    pub starts: WallTime,
    pub ends: WallTime,
    pub city: String,
    pub district: String,
    pub employers: u64,
    pub positions: u64,
}

/// A fair's page (F1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FairPage {
    pub card: FairCard,
    pub venue: String,
    /// Plain text; blank lines part paragraphs.
    pub introduction: String,
    /// Persons who looked at it, each counted once.
    pub views: u64,
    /// Persons who follow it (关注人次), each counted once.
    pub followers: u64,
    /// Whoever asks follows it.
    pub followed: bool,
    /// Where the page is on the web: what the QR code and the share link carry.
    pub link: String,
}

/// An employer's card in a fair's list (F2): its first positions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StandCard {
    pub employer: EmployerId,
    pub name: String,
    /// A short name for the card's head; empty: the name itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub short: String,
    pub positions: Vec<PositionCard>,
    /// How many there are in all.
    pub position_count: u32,
}

/// Positions on a [`StandCard`].
pub const STAND_CARD_POSITIONS: usize = 4;

/// One position in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PositionCard {
    pub id: PositionId,
    pub title: String,
    pub salary: Salary,
    pub city: String,
    pub openings: u32,
    /// Applications are taken.
    pub open: bool,
    /// Whoever asks has applied already.
    #[serde(default)]
    pub applied: bool,
}

/// An employer's stand with all its positions (查看该公司全部职位).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stand {
    pub fair: FairId,
    pub fair_title: String,
    pub employer: EmployerId,
    pub name: String,
    pub short: String,
    pub introduction: String,
    pub positions: Vec<PositionCard>,
}

/// A position with all that is said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PositionDetails {
    pub card: PositionCard,
    pub fair: FairId,
    pub fair_title: String,
    /// The fair takes applications now.
    pub fair_open: bool,
    pub employer: EmployerId,
    pub employer_name: String,
    pub description: String,
    pub requirements: String,
}

/// A position as its employer writes it (F6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PositionEdit {
    pub title: String,
    pub salary: Salary,
    pub city: String,
    pub openings: u32,
    pub description: String,
    pub requirements: String,
    pub open: bool,
}

/// Why a [`PositionEdit`] cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PositionFault {
    #[error("a position needs a title of at most 60 characters")]
    Title,
    #[error("the salary's end is below its beginning")]
    Salary,
    #[error("between 1 and 9,999 people can be looked for")]
    Openings,
    #[error("description and requirements have at most 5,000 characters each")]
    TooLong,
}

impl PositionEdit {
    /// The first thing wrong with it.
    pub fn check(&self) -> Result<(), PositionFault> {
        let title = self.title.trim().chars().count();
        if title == 0 || title > 60 || self.city.chars().count() > 60 {
            return Err(PositionFault::Title);
        }
        if self.salary.to != 0 && self.salary.to < self.salary.from {
            return Err(PositionFault::Salary);
        }
        if !(1..=9_999).contains(&self.openings) {
            return Err(PositionFault::Openings);
        }
        if self.description.chars().count() > 5_000 || self.requirements.chars().count() > 5_000 {
            return Err(PositionFault::TooLong);
        }
        Ok(())
    }
}
