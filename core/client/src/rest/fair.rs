//! Fairs, for anybody (see `miantan_domain::wire::rest::fair`).

use super::{Server, done};
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::wire::Problem;
use miantan_domain::wire::rest::*;
use reqwest::Method;

impl Server {
    /// The newest fairs; older ones than one page holds are over for long.
    pub async fn fairs(&self) -> Result<Page<FairCard>, Problem> {
        self.look("/fairs", &[("limit", FAIR_PAGE_LIMIT_MAX.to_string())]).await
    }

    pub async fn fair(&self, fair: FairId) -> Result<FairPage, Problem> {
        self.look(&format!("/fairs/{fair}"), &[]).await
    }

    /// Empty `search`: all stands. Empty `cursor`: from the beginning.
    pub async fn stands(&self, fair: FairId, search: &str, cursor: &str) -> Result<Page<StandCard>, Problem> {
        let query = [("q", search.to_owned()), ("cursor", cursor.to_owned())];
        self.look(&format!("/fairs/{fair}/stands"), &query).await
    }

    pub async fn stand(&self, fair: FairId, employer: EmployerId) -> Result<Stand, Problem> {
        self.look(&format!("/fairs/{fair}/stands/{employer}"), &[]).await
    }

    pub async fn position(&self, position: PositionId) -> Result<PositionDetails, Problem> {
        self.look(&format!("/positions/{position}"), &[]).await
    }

    pub async fn follow(&self, fair: FairId, on: bool) -> Result<(), Problem> {
        let method = if on { Method::PUT } else { Method::DELETE };
        done(self.send(method, &format!("/fairs/{fair}/follow"), None::<&()>).await?).await
    }

    pub async fn policy(&self) -> Result<Policy, Problem> {
        self.look("/policy", &[]).await
    }
}
