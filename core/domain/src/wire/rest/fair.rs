//! Fairs over REST. Everything here can be read without signing in.
//!
//! | method and path | body → answer |
//! | --- | --- |
//! | `GET /fairs` | → [`Page`](super::Page)`<FairCard>`, newest first |
//! | `GET /fairs/{fair}` | → `FairPage`; counts one view per person |
//! | `GET /fairs/{fair}/stands?q=&cursor=&limit=` | → `Page<StandCard>` in the page's order; with `q`: stands whose name, or positions whose title, contain it (then only these positions) |
//! | `GET /fairs/{fair}/stands/{employer}` | → `Stand` with all positions |
//! | `GET /positions/{position}` | → `PositionDetails` |
//! | `PUT` / `DELETE /fairs/{fair}/follow` | → 204 |
//! | `GET /builds` | → `Vec<`[`Build`]`>` |
//! | `GET /builds/{system}` | the file |
//! | `GET /policy` | → [`Policy`] |

use crate::time::WallTime;
use serde::{Deserialize, Serialize};

/// Stands or fairs on one page unless asked otherwise, and at most.
pub const FAIR_PAGE_LIMIT: u32 = 20;
pub const FAIR_PAGE_LIMIT_MAX: u32 = 100;
/// Longest search text, in characters.
pub const SEARCH_MAX_CHARS: usize = 50;

/// A system the app runs on (J1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum System {
    Android,
    Ios,
    Windows,
    Macos,
    Linux,
}

impl System {
    pub const ALL: [Self; 5] = [Self::Android, Self::Ios, Self::Windows, Self::Macos, Self::Linux];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Android => "android",
            Self::Ios => "ios",
            Self::Windows => "windows",
            Self::Macos => "macos",
            Self::Linux => "linux",
        }
    }
}

/// An uploaded build of the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Build {
    pub system: System,
    pub version: String,
    /// Bytes.
    pub size: u64,
    /// Lower-case hex.
    pub sha256: String,
    pub file: String,
    pub at: WallTime,
}

/// Terms and privacy policy, as plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policy {
    pub version: u32,
    pub text: String,
}
