//! The local frame server: who gets in, and what is sent when.

mod common;

use bytes::Bytes;
use common::*;
use miantan_media::{I420Frame, Screen, View};
use tokio_tungstenite::tungstenite::Error;

/// A small picture that can be told by its `captured_ms`.
fn picture(number: u64) -> I420Frame {
    I420Frame::new(4, 2, Bytes::from_static(&[7; 12]), number).expect("even sides")
}

fn refused_with(result: Result<Page, Box<Error>>) -> u16 {
    match result.map_err(|error| *error) {
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(other) => panic!("refused otherwise: {other}"),
        Ok(_) => panic!("let in"),
    }
}

#[tokio::test]
async fn only_the_apps_page_with_the_key_gets_in() {
    let screen = Screen::start().await.unwrap();
    let url = screen.address().url;
    assert!(url.starts_with("ws://127.0.0.1:"));
    let (base, key) = url.rsplit_once('/').unwrap();
    assert_eq!(key.len(), 32);
    let wrong = format!("{base}/{}", "0".repeat(32));
    for path in
        [base, &format!("{base}/"), &wrong, &url[..url.len() - 1], &format!("{url}?x=1"), &format!("{url}/x")]
    {
        assert_eq!(refused_with(Page::try_open(path, Some(APP)).await), 404, "{path}");
    }
    for origin in ["https://example.com", "null", "dioxus://index.html.example.com", "http://127.0.0.1"] {
        assert_eq!(refused_with(Page::try_open(&url, Some(origin)).await), 403, "{origin}");
    }
    assert_eq!(refused_with(Page::try_open(&url, None).await), 403, "no origin at all");
    for origin in miantan_media::screen::APP_ORIGINS {
        assert!(Page::try_open(&url, Some(origin)).await.is_ok(), "{origin}");
    }
    assert!(
        !format!("{:?} {:?}", screen.address(), screen).contains(key),
        "the key is not printable by accident"
    );
}

#[tokio::test]
async fn two_servers_have_two_keys() {
    let (a, b) = (Screen::start().await.unwrap(), Screen::start().await.unwrap());
    let key = |screen: &Screen| screen.address().url.rsplit_once('/').unwrap().1.to_owned();
    assert_ne!(key(&a), key(&b));
}

#[tokio::test]
async fn stale_pictures_are_never_sent_and_order_is_kept() {
    let screen = Screen::start().await.unwrap();
    let mut page = Page::open(&screen).await;
    screen.publish(View::Remote, picture(1));
    let first = page.receive().await.unwrap();
    assert_eq!(first.frame.as_ref().unwrap().captured_ms, 1);

    // The page is busy drawing: of 2 to 50 only the last may be sent, and only after it says so.
    for number in 2..=50 {
        screen.publish(View::Remote, picture(number));
    }
    // The other view does not wait for this one; when its picture has come, anything sent wrongly for
    // the first view would have come before it.
    screen.publish(View::Own, picture(100));
    let other = page.receive().await.unwrap();
    assert_eq!((other.view, other.frame.as_ref().unwrap().captured_ms), (View::Own, 100));

    page.acknowledge(&first).await;
    let next = page.receive().await.unwrap();
    assert_eq!((next.view, next.frame.as_ref().unwrap().captured_ms), (View::Remote, 50));
    let mut drawn = screen.drawn();
    assert_eq!((drawn.borrow().own, drawn.borrow().remote), (0, 1));
    page.acknowledge(&next).await;
    within("the second is counted", drawn.wait_for(|drawn| drawn.remote == 2)).await.unwrap();

    for number in 51..=80 {
        screen.publish(View::Remote, picture(number));
        let shown = page.receive().await.unwrap();
        assert_eq!(shown.frame.as_ref().unwrap().captured_ms, number, "one by one, none is lost");
        page.acknowledge(&shown).await;
    }
}

#[tokio::test]
async fn a_wrong_acknowledgement_changes_nothing() {
    let screen = Screen::start().await.unwrap();
    let mut page = Page::open(&screen).await;
    screen.publish(View::Remote, picture(1));
    let first = page.receive().await.unwrap();
    let mut wrong = first.clone();
    wrong.sequence = wrong.sequence.wrapping_add(7);
    page.acknowledge(&wrong).await;
    screen.publish(View::Remote, picture(2));
    screen.publish(View::Own, picture(3));
    let own = page.receive().await.unwrap();
    assert_eq!(own.view, View::Own, "the second remote picture still waits");
    page.acknowledge(&first).await;
    assert_eq!(page.receive().await.unwrap().frame.unwrap().captured_ms, 2);
    assert_eq!(screen.drawn().borrow().remote, 1);
}

#[tokio::test]
async fn clearing_overtakes_a_waiting_picture() {
    let screen = Screen::start().await.unwrap();
    let mut page = Page::open(&screen).await;
    screen.publish(View::Remote, picture(1));
    let first = page.receive().await.unwrap();
    screen.publish(View::Remote, picture(2));
    screen.clear(View::Remote);
    page.acknowledge(&first).await;
    let cleared = page.receive().await.unwrap();
    assert_eq!((cleared.view, cleared.frame), (View::Remote, None));
}

#[tokio::test]
async fn a_new_page_takes_over_from_the_old_one() {
    let screen = Screen::start().await.unwrap();
    let mut old = Page::open(&screen).await;
    screen.publish(View::Own, picture(1));
    assert!(old.receive().await.is_some());
    let mut new = Page::open(&screen).await;
    assert!(old.receive().await.is_none(), "the old page is told to go");
    screen.publish(View::Own, picture(2));
    assert_eq!(new.receive().await.unwrap().frame.unwrap().captured_ms, 2);
}

#[tokio::test]
async fn the_server_ends_with_its_last_owner() {
    let screen = Screen::start().await.unwrap();
    let url = screen.address().url;
    let mut page = Page::open(&screen).await;
    let other = screen.clone();
    drop(screen);
    other.publish(View::Own, picture(1));
    assert!(page.receive().await.is_some(), "a clone keeps it");
    drop(other);
    assert!(page.receive().await.is_none());
    assert!(Page::try_open(&url, Some(APP)).await.is_err());
}
