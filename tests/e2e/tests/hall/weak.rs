//! Calls over a weak network: what is sent follows it down to sound and up again, and both people read why: the words
//! are those that the call screen makes of the same view.

use miantan_client::Intent;
use miantan_client::view::*;
use miantan_e2e::air::Uplink;
use miantan_e2e::{Hall, seen};
use miantan_mobile::i18n::Lang;
use miantan_mobile::words;

fn sends(view: &AppView, steps: &[VideoStep]) -> bool {
    view.call.as_ref().is_some_and(|call| steps.contains(&call.sending))
}

/// What the person reads of the own picture.
fn reads(view: &AppView) -> Option<String> {
    words::sending(Lang::Zh, view.call.as_ref()?.sending)
}

/// What the person reads where the other one's picture was.
fn reads_instead(view: &AppView, name: &str) -> Option<String> {
    let call = view.call.as_ref().filter(|call| !call.remote_video)?;
    Some(words::no_remote_picture(Lang::Zh, call.remote_pause, name))
}

fn paused(view: &AppView) -> Option<RemotePause> {
    view.call.as_ref().and_then(|call| call.remote_pause)
}

fn kilobits(kilobits: u64) -> Uplink {
    Uplink { bits_per_second: kilobits * 1000, loss_percent: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_weak_network_takes_the_picture_step_by_step_and_gives_it_back() {
    let hall = Hall::open_over_air().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    // Each step or less: a busy machine is one more queue.
    let down = [VideoStep::Medium, VideoStep::Small, VideoStep::AudioOnly];
    let said = [
        "网络较弱，已降低画质",
        "网络很弱，画面已缩小，优先保证声音",
        "网络很弱，暂时只有声音，好转后自动恢复画面",
    ];
    for (nth, uplink) in [300, 150, 80].into_iter().enumerate() {
        hall.air().becomes(kilobits(uplink));
        let view = lin.sees("a smaller picture is sent", |view| sends(view, &down[nth..])).await;
        let words = reads(&view).expect("it is said");
        assert!(said[nth..].contains(&words.as_str()), "{words}");
    }
    let name = hall.seeded.candidates[3].name.clone();
    let only_sound = format!("{name} 的网络很弱，暂时只有声音");
    wang.sees("told why there is no picture", |view| {
        reads_instead(view, &name).as_ref() == Some(&only_sound)
    })
    .await;
    // Whether a lost check of the path is an interruption is settled in the media's `health`; here a busy machine may
    // be silent for a second by itself.
    wang.sees("sound goes on", |view| seen::hears_other(view) && seen::talks(view)).await;
    hall.air().becomes(Uplink::default());
    for person in [&*lin, &*wang] {
        let view =
            person.sees("the whole picture is sent again", |view| sends(view, &[VideoStep::Full])).await;
        assert_eq!(reads(&view), None, "nothing to say any more");
        person.sees("and seen", |view| paused(view).is_none() && seen::sees_other(view)).await;
    }
    wang.wants(Intent::HangUp);
    lin.sees("the end", seen::ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_tenth_of_all_packets_lost_they_go_on_seeing_each_other() {
    let hall = Hall::open_over_air().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    hall.air().becomes(Uplink { bits_per_second: 0, loss_percent: 10 });
    // Ten seconds with pictures in them; a second without any is no harm, a call without any is.
    let (mut screen, mut good) = (wang.watches(), 0);
    let mut last = None;
    let watching = async {
        while good < 10 {
            screen.changed().await.expect("the app runs");
            let figures = screen.borrow_and_update().call.as_ref().and_then(|call| call.stats);
            if let Some(figures) = figures.filter(|figures| Some(*figures) != last) {
                last = Some(figures);
                good += u32::from(figures.fps_in > 3.0);
            }
        }
    };
    tokio::time::timeout(miantan_e2e::person::PATIENCE, watching).await.expect("pictures go on");
    wang.sees("the call goes on", seen::talks).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_in_the_background_keeps_the_call_and_says_why_there_is_no_picture() {
    let hall = Hall::open().await;
    let lin = hall.candidate(3).await;
    let wang = hall.recruiter().await;
    wang.talks_with(&lin).await;
    let call = lin.view().call.as_ref().unwrap().view.call;
    lin.wants(Intent::Foreground(false));
    let view = wang.sees("told", |view| paused(view) == Some(RemotePause::Away)).await;
    assert!(seen::talks(&view), "sound goes on");
    lin.wants(Intent::Foreground(true));
    wang.sees("the picture is back", |view| {
        paused(view).is_none() && view.call.as_ref().unwrap().remote_video
    })
    .await;
    lin.wants(Intent::SetCamera(false));
    wang.sees("a camera that is off", |view| paused(view) == Some(RemotePause::CameraOff)).await;
    assert_eq!(wang.view().call.as_ref().unwrap().view.call, call);
}
