//! Another process holds the device's storage: it is said, the talk goes on, and nothing is there twice.

use crate::device::*;
use crate::talk::*;
use miantan_client::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn while_the_storage_is_held_the_app_says_so_and_talks_on() {
    let (_hall, mut phone, id) = lin_in_talk().await;
    let file = phone.folder.path().join("miantan.sqlite3");
    let other = rusqlite::Connection::open(file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    phone.wants(say("您好"));
    phone.sees("it is said", |view| told(view, &NoticeWhat::StorageFailed)).await;
    let sent = |view: &AppView, text: &str| states(view, text) == [&SendState::Sent];
    phone.sees("sent all the same", |view| sent(view, "您好")).await;
    other.execute_batch("ROLLBACK").unwrap();
    phone.wants(say("还在吗"));
    phone.sees("sent", |view| sent(view, "还在吗")).await;

    phone.killed().await;
    phone.start().await;
    phone.wants(open(id));
    phone.sees("both, once", |view| sent(view, "您好") && sent(view, "还在吗")).await;
    assert!(!told(&phone.view(), &NoticeWhat::StorageFailed));
}
