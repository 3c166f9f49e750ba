//! The server's disk is full: whoever asks is told so, nothing is half there, what is there can be read, and
//! with room again everything goes on where it stopped, without a restart.
//!
//! The disk is the limit of a file's size of the server's process (`RLIMIT_FSIZE`), moved from here.

use crate::serving::{Serving, place};
use crate::speaker::{Ended, Speaker};
use miantan_domain::wire::ProblemCode;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::path::Path;

/// Lets the files of a process grow to so many bytes; none: as they like.
fn room(serving: &Serving, bytes: Option<u64>) {
    let pid = Pid::from_raw(serving.pid().cast_signed());
    // only the soft limit: what was lowered here must be raised again
    prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
}

/// What of the database and its log is largest.
fn largest(data: &Path) -> u64 {
    let sizes = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap());
    let own = sizes.filter(|entry| entry.file_name().to_string_lossy().starts_with("miantan.db"));
    own.map(|entry| entry.metadata().unwrap().len()).max().unwrap()
}

#[tokio::test]
async fn with_a_full_disk_lin_is_told_and_with_room_again_everything_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut lin = Speaker::at(place(dir.path()).await);
    lin.padding = "，请问面试需要准备哪些材料".repeat(40);
    let mut serving = Serving::start(dir.path());
    assert_eq!(lin.talks(&serving.url, 100).await, Ended::Said);
    // three times: full in other pages, other parts of a transaction
    for kib in [0, 100, 333] {
        room(&serving, Some(largest(dir.path()) + kib * 1024));
        // less and less fits, then nothing; what was said before is read as ever
        for _ in 0..3 {
            match lin.talks(&serving.url, 100_000).await {
                Ended::Refused(problem) => {
                    assert_eq!(problem.code, ProblemCode::ServerStorage, "{problem}");
                    assert!(problem.retry_after_ms.is_some(), "the app tries again by itself");
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(serving.lives());
        lin.finds_everything(&serving.url).await;
        let asked = reqwest::get(format!("{}/api/v1/fairs", serving.url)).await.unwrap();
        assert!(asked.status().is_success(), "{}", asked.status());

        room(&serving, None);
        assert_eq!(lin.talks(&serving.url, lin.waiting() + 20).await, Ended::Said);
        lin.finds_everything(&serving.url).await;
    }
    // and all of it was not only in the process
    serving.kill();
    let serving = Serving::start(dir.path());
    lin.finds_everything(&serving.url).await;
}

/// A sign-in writes as well; over REST the answer is a problem with status 507 and when to try again.
#[tokio::test]
async fn with_a_full_disk_a_code_opens_nothing_and_is_not_used_up() {
    let dir = tempfile::tempdir().unwrap();
    let code = place(dir.path()).await.spare;
    let serving = Serving::start(dir.path());
    let device = miantan_domain::ids::DeviceId(uuid::Uuid::now_v7());
    let join = miantan_domain::wire::rest::JoinRequest {
        code,
        password: None,
        device,
        device_key: None,
        sms_code: None,
    };
    let ask = || reqwest::Client::new().post(format!("{}/api/v1/join", serving.url)).json(&join).send();
    room(&serving, Some(0));
    let answer = ask().await.unwrap();
    assert_eq!(answer.status(), 507);
    let text = answer.text().await.unwrap();
    assert!(text.contains("server_storage"), "{text}");
    room(&serving, None);
    let again = ask().await.unwrap();
    let (status, text) = (again.status(), again.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
}
