//! SQLite under the contract.

use super::*;
use crate::store::contract::{Harness, contract};
use tempfile::TempDir;

struct Folder {
    dir: TempDir,
    stores: Stores,
}

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let stores = open(dir.path()).unwrap();
        Self { dir, stores }
    }
}

impl Harness for Folder {
    fn stores(&self) -> Stores {
        self.stores.clone()
    }

    fn restarted(self) -> Self {
        drop(self.stores);
        let stores = open(self.dir.path()).unwrap();
        Self { dir: self.dir, stores }
    }
}

contract!(Folder::new());

#[tokio::test]
async fn a_folder_has_one_process() {
    let folder = Folder::new();
    assert!(matches!(open(folder.dir.path()), Err(StoreError::InUse(_))));
    let folder = folder.restarted();
    folder.stores.rounds.with_slots().await.unwrap();
}

#[tokio::test]
async fn what_was_answered_is_there_even_when_the_process_is_killed_at_that_moment() {
    let folder = Folder::new();
    folder.stores.fairs.import(crate::store::contract::hall()).await.unwrap();
    // a copy of the files as they are now is what a killed process leaves
    let copy = tempfile::tempdir().unwrap();
    for name in [DATABASE_FILE.to_owned(), format!("{DATABASE_FILE}-wal")] {
        std::fs::copy(folder.dir.path().join(&name), copy.path().join(&name)).unwrap();
    }
    let stores = open(copy.path()).unwrap();
    assert_eq!(stores.fairs.counts().await.unwrap().invitations, 2);
}
