//! Somebody else holds the database: an operator's shell, a backup. Whoever asks is told after a while, reading
//! goes on all the time, and once the database is free everything goes on.

use crate::serving::{Serving, place};
use crate::speaker::{Ended, Speaker};
use miantan_domain::wire::ProblemCode;
use rusqlite::Connection;

#[tokio::test]
async fn while_another_process_holds_the_database_lin_is_told_and_afterwards_talks_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut lin = Speaker::at(place(dir.path()).await);
    let mut serving = Serving::start(dir.path());
    assert_eq!(lin.talks(&serving.url, 10).await, Ended::Said);

    let shell = Connection::open(dir.path().join("miantan.db")).unwrap();
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    match lin.talks(&serving.url, 1).await {
        Ended::Refused(problem) => {
            assert_eq!(problem.code, ProblemCode::ServerStorage, "{problem}");
            assert!(problem.retry_after_ms.is_some(), "the app tries again by itself");
        }
        other => panic!("{other:?}"),
    }
    lin.finds_everything(&serving.url).await;
    shell.execute_batch("ROLLBACK").unwrap();
    assert_eq!(lin.talks(&serving.url, lin.waiting() + 10).await, Ended::Said);

    // for a moment only: nobody notices
    shell.execute_batch("BEGIN IMMEDIATE").unwrap();
    let url = serving.url.clone();
    let (ended, ()) = tokio::join!(lin.talks(&url, 10), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        shell.execute_batch("ROLLBACK").unwrap();
    });
    assert_eq!(ended, Ended::Said);
    assert!(serving.lives());
    lin.finds_everything(&serving.url).await;
}
