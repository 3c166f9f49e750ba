//! [`Fairs`] in SQLite: `read` and `search` for the public, `edit` for those who run the fair,
//! `people` counts, `import` fills.
//!
//! Pages that everybody reads are kept in memory. They carry the version of `fair_version` they were
//! read at, which triggers move with every change; each look reads that one row and the page in the same
//! snapshot, so that nobody sees a page older than the last commit. Views and followers are read anew.

mod edit;
mod import;
mod people;
mod read;
pub(super) mod search;

pub(super) use edit::add_exhibitor;

use super::row::{failed, id};
use super::{Inner, Sqlite};
use crate::store::*;
use async_trait::async_trait;
use miantan_domain::ids::*;
use miantan_domain::model::*;
use miantan_domain::time::WallTime;
use miantan_domain::wire::rest::{Build, FairEdit, StandEdit};
use people::Views;
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// Views wait so long for others to be written with.
const VIEWS_WAIT: Duration = Duration::from_millis(500);
/// Persons whose views may wait; more are not counted.
const VIEWS_WAITING: usize = 100_000;
/// Pages of stands kept; then they are all dropped and read anew.
const PAGES_KEPT: usize = 256;

/// What is kept in memory. See the module's page.
#[derive(Default)]
pub(super) struct Memory {
    pages: Mutex<Pages>,
    views: Mutex<Noted>,
}

#[derive(Default)]
struct Pages {
    version: i64,
    heads: Option<Arc<Vec<FairHead>>>,
    stands: HashMap<StandQuery, Option<Arc<StandList>>>,
}

#[derive(Default)]
struct Noted {
    views: Views,
    count: usize,
    /// A task waits to write them.
    due: bool,
}

impl Memory {
    /// What is kept of this version, by `get`; else what `read` says, kept by `put`.
    fn page<T: Clone>(
        &self,
        c: &Connection,
        get: impl FnOnce(&Pages) -> Option<T>,
        read: impl FnOnce() -> Stored<T>,
        put: impl FnOnce(&mut Pages, T),
    ) -> Stored<T> {
        // one snapshot for the version and what is read
        let snapshot = c.unchecked_transaction().map_err(failed)?;
        let version = read::version(c)?;
        {
            let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
            if pages.version == version
                && let Some(kept) = get(&pages)
            {
                return Ok(kept);
            }
        }
        let fresh = read()?;
        drop(snapshot);
        let mut pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if version > pages.version {
            *pages = Pages { version, ..Pages::default() };
        }
        if version == pages.version {
            put(&mut pages, fresh.clone());
        }
        Ok(fresh)
    }
}

impl Sqlite {
    /// The fairs that `wanted` says, with their counts of this moment.
    async fn heads(&self, wanted: impl Fn(&FairHead) -> bool + Send + 'static) -> Stored<Vec<FairHead>> {
        let this = self.clone();
        self.read(move |c| {
            let heads = this.0.fairs.page(
                c,
                |pages| pages.heads.clone(),
                || read::heads(c).map(Arc::new),
                |pages, fresh| pages.heads = Some(fresh),
            )?;
            let wanted: Vec<FairHead> = heads.iter().filter(|head| wanted(head)).cloned().collect();
            read::visitors(c, wanted)
        })
        .await
    }
}

/// Writes what was noted, when the time comes; not at all if the store is closed by then.
async fn write_later(store: Weak<Inner>) {
    tokio::time::sleep(VIEWS_WAIT).await;
    let Some(inner) = store.upgrade() else { return };
    if let Err(error) = Sqlite(inner).write_views().await {
        tracing::error!(%error, "some views are not counted");
    }
}

#[async_trait]
impl Fairs for Sqlite {
    async fn import(&self, import: Import) -> Stored<()> {
        self.write(move |c| import::run(c, &import)).await
    }

    async fn counts(&self) -> Stored<Counts> {
        self.read(|c| {
            c.query_row(
                "SELECT (SELECT count(*) FROM fair), (SELECT count(*) FROM employer), (SELECT count(*) FROM position),
                        (SELECT count(*) FROM round), (SELECT count(*) FROM candidate),
                        (SELECT count(*) FROM invitation)",
                [],
                |r| {
                    let n = |column| r.get::<_, i64>(column).map(|n| n as u64);
                    Ok(Counts {
                        fairs: n(0)?,
                        employers: n(1)?,
                        positions: n(2)?,
                        rounds: n(3)?,
                        candidates: n(4)?,
                        invitations: n(5)?,
                    })
                },
            )
            .map_err(failed)
        })
        .await
    }

    async fn fairs(&self) -> Stored<Vec<FairHead>> {
        self.heads(|_| true).await
    }

    async fn fair(&self, fair: FairId) -> Stored<Option<FairHead>> {
        Ok(self.heads(move |head| head.id == fair).await?.pop())
    }

    async fn fairs_of(&self, employer: EmployerId) -> Stored<Vec<FairHead>> {
        let at = self.read(move |c| read::fairs_of(c, employer)).await?;
        self.heads(move |head| at.contains(&head.id)).await
    }

    async fn stands(&self, query: StandQuery) -> Stored<Option<Arc<StandList>>> {
        let search = query.search.as_deref().map(name_key).unwrap_or_default();
        let this = self.clone();
        self.read(move |c| {
            if !search.is_empty() {
                let snapshot = c.unchecked_transaction().map_err(failed)?;
                let list = read::stands(c, &query, &search)?;
                drop(snapshot);
                return Ok(list.map(Arc::new));
            }
            let key = StandQuery { search: None, ..query };
            this.0.fairs.page(
                c,
                |pages| pages.stands.get(&key).cloned(),
                || Ok(read::stands(c, &key, "")?.map(Arc::new)),
                |pages, fresh| {
                    if pages.stands.len() >= PAGES_KEPT {
                        pages.stands.clear();
                    }
                    pages.stands.insert(key.clone(), fresh);
                },
            )
        })
        .await
    }

    async fn stand(&self, fair: FairId, employer: EmployerId) -> Stored<Option<Stand>> {
        self.read(move |c| read::stand(c, fair, employer)).await
    }

    async fn position(&self, position: PositionId, now: WallTime) -> Stored<Option<PositionDetails>> {
        self.read(move |c| read::position(c, position, now)).await
    }

    fn viewed(&self, fair: FairId, names: Vec<Mac>) {
        if names.is_empty() {
            return;
        }
        let mut noted = self.0.fairs.views.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.count >= VIEWS_WAITING {
            return;
        }
        let new = noted.views.entry(fair).or_default().insert(names);
        noted.count += usize::from(new);
        if !noted.due
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            noted.due = true;
            runtime.spawn(write_later(Arc::downgrade(&self.0)));
        }
    }

    async fn write_views(&self) -> Stored<()> {
        let noted = {
            let mut noted = self.0.fairs.views.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *noted)
        };
        if noted.views.is_empty() {
            return Ok(());
        }
        self.write(move |c| people::write_views(c, &noted.views)).await
    }

    async fn forget_viewers(&self, ended_before: WallTime) -> Stored<u64> {
        self.write(move |c| people::forget_viewers(c, ended_before)).await
    }

    async fn follow(&self, fair: FairId, names: Vec<Mac>) -> Stored<bool> {
        self.write(move |c| people::set(c, fair, &names, true)).await
    }

    async fn unfollow(&self, fair: FairId, names: Vec<Mac>) -> Stored<bool> {
        self.write(move |c| people::set(c, fair, &names, false)).await
    }

    async fn followed(&self, fair: FairId, names: Vec<Mac>) -> Stored<bool> {
        self.read(move |c| people::follows(c, fair, &names)).await
    }

    async fn put_fair(&self, fair: FairId, edit: FairEdit) -> Stored<()> {
        self.write(move |c| edit::fair(c, fair, &edit)).await
    }

    async fn add_exhibitor(&self, fair: FairId, employer: EmployerId) -> Stored<bool> {
        self.write(move |c| add_exhibitor(c, fair, employer)).await
    }

    async fn put_stand(&self, fair: FairId, employer: EmployerId, edit: StandEdit) -> Stored<bool> {
        self.write(move |c| edit::stand(c, fair, employer, &edit)).await
    }

    async fn put_position(
        &self,
        fair: FairId,
        employer: EmployerId,
        position: PositionId,
        edit: PositionEdit,
        now: WallTime,
    ) -> Stored<bool> {
        self.write(move |c| edit::position(c, fair, employer, position, &edit, now)).await
    }

    async fn builds(&self) -> Stored<Vec<Build>> {
        self.read(read::builds).await
    }

    async fn put_build(&self, build: Build) -> Stored<()> {
        self.write(move |c| edit::build(c, &build)).await
    }
}
